import { SourceError } from "../errors.js";
import {
  asSourceError,
  endsEarly,
  notFound,
  type RangeOptions,
  type ReadOptions,
  relativePath,
  type Source,
} from "./source.js";

/**
 * Files the user picked or dropped. For a list, the folders that all `webkitRelativePath`s begin with are left out, so
 * that `config.json` is found whatever the dropped folder is called; a record's keys are the paths as they are.
 *
 * @throws {@link SourceError} when two files of a list have the same path.
 */
export function files(picked: readonly File[] | Readonly<Record<string, File>>): Source {
  const byPath = Array.isArray(picked) ? withoutCommonFolder(picked) : new Map(Object.entries(picked));
  const name = `the ${byPath.size} chosen files`;

  async function size(path: string, { signal }: ReadOptions = {}): Promise<number | undefined> {
    signal?.throwIfAborted();
    return byPath.get(relativePath(path))?.size;
  }

  async function read(path: string, { start, end, signal }: RangeOptions): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const file = byPath.get(relativePath(path));
    if (!file) throw notFound({ name }, path);
    if (end > file.size) throw endsEarly({ name }, path, end, file.size);
    try {
      const bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
      signal?.throwIfAborted();
      if (bytes.length !== end - start) throw endsEarly({ name }, path, end, start + bytes.length);
      return bytes;
    } catch (error) {
      throw asSourceError(
        error,
        signal,
        ({ message }) =>
          `${path} can no longer be read: ${message}. It was changed or moved since it was chosen; choose the folder again.`,
      );
    }
  }

  return { name, size, read };
}

function withoutCommonFolder(list: readonly File[]): Map<string, File> {
  const paths = list.map((file) => (file.webkitRelativePath || file.name).split("/"));
  const shortest = Math.min(...paths.map((path) => path.length));
  let common = 0;
  while (common < shortest - 1 && paths.every((path) => path[common] === paths[0]![common])) common++;

  const byPath = new Map<string, File>();
  for (const [index, file] of list.entries()) {
    const path = paths[index]!.slice(common).join("/");
    if (byPath.has(path)) {
      throw new SourceError(
        "source-unknown",
        `Two of the chosen files are called ${path}. Choose the model's folder itself, so that paths tell them apart.`,
      );
    }
    byPath.set(path, file);
  }
  return byPath;
}
