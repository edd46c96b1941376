import { CodedError, EngineError } from "./engine-error.js";

export { EngineError };

export type SourceErrorCode =
  /** The file, folder or repository is not there. */
  | "source-not-found"
  /** It is there, but not for this caller: gated, private, or refused by the server. */
  | "source-forbidden"
  /** The server asked for fewer requests and kept asking. */
  | "source-rate-limited"
  /** The server failed or could not be reached, after several tries. */
  | "source-unavailable"
  /** What came was not what was asked for: too short, too long, the wrong range. */
  | "source-wrong-bytes"
  /** The text names no source that can be opened here. */
  | "source-unknown";

/** Bytes could not be had from a folder, a server or the Hub. */
export class SourceError extends CodedError<SourceErrorCode> {}

export type StorageErrorCode =
  /** The disk, or what the browser allows this site, is full. */
  | "storage-full"
  /** The folder may not be written, or the browser keeps nothing here. */
  | "storage-unavailable";

/** The cache could not be written. A load goes on without it and tells so in `info.traffic.problem`. */
export class StorageError extends CodedError<StorageErrorCode> {}

export type CheckpointErrorCode =
  /** No safetensors files. */
  | "checkpoint-not-found"
  /** A header that breaks the format's rules. */
  | "checkpoint-header"
  /** A file shorter than its header says. */
  | "checkpoint-cut"
  /** An index that does not fit its shards. */
  | "checkpoint-index"
  | "checkpoint-missing-tensor"
  /** One that the model would leave out. */
  | "checkpoint-extra-tensor"
  | "checkpoint-shape"
  | "checkpoint-dtype"
  /** A quantisation that is not supported, or makes no sense. */
  | "checkpoint-quantization";

/** The weights are damaged, incomplete, or of a kind that is not supported. */
export class CheckpointError extends CodedError<CheckpointErrorCode> {}

export type AdapterErrorCode =
  /** No `adapter_config.json`. */
  | "adapter-not-found"
  /** A configuration that makes no sense. */
  | "adapter-config"
  /** Of a kind that cannot be added at run time. */
  | "adapter-unsupported"
  /** Tensors that are missing, or of a wrong type. */
  | "adapter-tensors"
  /** Made for another model. */
  | "adapter-mismatch"
  /** A name that is not loaded, or taken; a weight that is no number. */
  | "adapter-name";

/** A LoRA adapter cannot be loaded or chosen. */
export class AdapterError extends CodedError<AdapterErrorCode> {}

/** A `config.json` that cannot be run: an unknown family, a missing or senseless value. */
export class ConfigError extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super("config", message, options);
  }
}

/** More tokens than the context holds. */
export class ContextOverflowError extends EngineError {
  readonly needed: number;
  readonly available: number;
  constructor(needed: number, available: number) {
    super(
      "context-overflow",
      `The prompt is ${needed} tokens long; the context holds ${available}${needed === available ? ", and an answer needs room for one more" : ""}. Shorten it or, where the model was made for more, load it with a larger contextLength (--context on the command line).`,
    );
    this.needed = needed;
    this.available = available;
  }
}
