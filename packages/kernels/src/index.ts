export * from "./dispatch.js";
export type { Buffers } from "./gpu/buffers.js";
export { type AdapterReport, Gpu, type OpenGpuOptions, openGpu } from "./gpu/device.js";
export * from "./gpu/errors.js";
export type { ExecutorCounts, ReadBack } from "./gpu/executor.js";
export { ReadBackRing } from "./gpu/read-back.js";
export { PassTimer } from "./gpu/timing.js";
export { KV_FORMS, type KvForm, kvCache, kvRowWords } from "./kv-form.js";
export * from "./matrix.js";
export {
  type AcceptDraftInputs,
  acceptDraft,
  type DraftOutcome,
  draftOutcome,
  draftOutcomeWords,
} from "./ops/accept-draft/accept-draft.js";
export { type ActivateInputs, activate } from "./ops/activate/activate.js";
export { type AddInputs, add } from "./ops/add/add.js";
export { type ArgmaxInputs, argmax, argmaxScratch } from "./ops/argmax/argmax.js";
export { type AttentionDecodeInputs, attentionDecode, attentionPartials } from "./ops/attention/attention-decode.js";
export { type AttentionPrefillInputs, attentionPrefill } from "./ops/attention/attention-prefill.js";
export type { AttentionInputs } from "./ops/attention/attention-shape.js";
export { type AttentionTextsInputs, attentionTexts } from "./ops/attention/attention-texts.js";
export { type CollectDraftInputs, collectDraft } from "./ops/collect-draft/collect-draft.js";
export { type ColumnsInputs, columns } from "./ops/columns/columns.js";
export { type CompareLogitsInputs, compareLogits } from "./ops/compare-logits/compare-logits.js";
export { type DequantiseInputs, dequantise } from "./ops/dequantise/dequantise.js";
export { type EmbedInputs, embed } from "./ops/embed/embed.js";
export {
  type ExpertDownInputs,
  type ExpertGateUpInputs,
  expertDown,
  expertGateUp,
} from "./ops/experts/expert-decode.js";
export type { ExpertStack } from "./ops/experts/expert-stack.js";
export {
  type ExpertGroups,
  type ExpertSumInputs,
  type ExpertsDownInputs,
  type ExpertsGateUpInputs,
  expertSum,
  expertsDown,
  expertsGateUp,
  expertTiles,
  type GroupByExpertInputs,
  groupByExpert,
} from "./ops/experts/experts-prefill.js";
export { type GateUpInputs, gateUp } from "./ops/gate-up/gate-up.js";
export { type KvAppendInputs, kvAppend } from "./ops/kv-append/kv-append.js";
export { type LastRowInputs, lastRow } from "./ops/last-row/last-row.js";
export { type LayerNormInputs, layerNorm } from "./ops/layer-norm/layer-norm.js";
export { type LoraInputs, type LoraPart, type LoraWeights, lora } from "./ops/lora/lora.js";
export { dotsFit } from "./ops/matmul/layout.js";
export { type MatmulInputs, matmul, matmulPartials } from "./ops/matmul/matmul.js";
export { matvecNorms } from "./ops/matvec/layout.js";
export { type MatvecInputs, matvec } from "./ops/matvec/matvec.js";
export { type NllInputs, nll } from "./ops/nll/nll.js";
export { type PoolInputs, pool } from "./ops/pool/pool.js";
export { type QkvInputs, qkv, qkvFits } from "./ops/qkv/qkv.js";
export { type QuantiseInputs, quantise } from "./ops/quantise/quantise.js";
export { type ReorderInputs, reorder } from "./ops/reorder/reorder.js";
export {
  type PackedLayout,
  type RepackGroupsInputs,
  type RepackValuesInputs,
  repackGroups,
  repackValues,
} from "./ops/repack/repack.js";
export { type RmsNormInputs, rmsNorm } from "./ops/rms-norm/rms-norm.js";
export { type RopeInputs, rope } from "./ops/rope/rope.js";
export {
  type RopeConfig,
  RopeConfigError,
  type RopeFrequencies,
  type RopeScaling,
  ropeFrequencies,
  ropeTable,
} from "./ops/rope/rope-table.js";
export { type HeadNorm, type RopeAppendInputs, ropeAppend } from "./ops/rope-append/rope-append.js";
export { DOT_FEATURE, type RoundedRows, roundedShapes } from "./ops/round-rows/round-rows.js";
export { type RouteInputs, route } from "./ops/route/route.js";
export {
  type SampleInputs,
  type SampleRowsInputs,
  type SampleTarget,
  sample,
  sampleRows,
} from "./ops/sample/sample.js";
export { type SampleSettings, SampleSettingsError, sampleSettings } from "./ops/sample/settings.js";
export { type ScaleInputs, scale } from "./ops/scale/scale.js";
export { type SigmoidGateInputs, sigmoidGate } from "./ops/sigmoid-gate/sigmoid-gate.js";
export { type SoftcapInputs, softcap } from "./ops/softcap/softcap.js";
export { type SwigluInputs, type SwigluMergedInputs, swiglu, swigluMerged } from "./ops/swiglu/swiglu.js";
export { TOP_TOKENS, type TopTokensInputs, topTokens } from "./ops/top-tokens/top-tokens.js";
export type { Activation } from "./parts/activations.js";
export { emptyDispatch } from "./probes/empty-dispatch.js";
export { fillRamp } from "./probes/fill-ramp.js";
export { type FmaInputs, fma, fmaOutcome, MAX_FMA_ROUNDS } from "./probes/fma.js";
export { measureRoofline, ProbeError, type Roofline } from "./probes/measure-roofline.js";
export { type ReadBandwidthInputs, readBandwidth } from "./probes/read-bandwidth.js";
export { type Choices, chosenVariant, type HotOp, normOf, numbersRead, PLAIN, problemKey } from "./tune/hot-op.js";
export { type Candidate, fingerprintOf, type Trial, trialOf } from "./tune/trial.js";
export { type DroppedVariant, type TuneOptions, type TuningReport, tune } from "./tune/tune.js";
