import {
  entriesOf,
  openOpfsPartial,
  openStored,
  opfsFolder,
  readTextFile,
  removeEntry,
  writeTextFile,
} from "./opfs.js";
import { OPFS_NAME } from "./opfs-presence.js";
import type { PackedAbout, PackedStore } from "./store.js";

const ABOUT = "about.json";

/** Quantised weights as `packed/<key>/<part>`, with `about.json` beside the parts once they are all there. */
export function opfsPackedStore(): PackedStore {
  return {
    name: OPFS_NAME,
    async find(key) {
      const text = await readTextFile(["packed", key, ABOUT]);
      if (text === undefined) return undefined;
      const about = JSON.parse(text) as PackedAbout;
      const stored = await openStored(["packed", key], about.size);
      return stored && { ...stored, about };
    },
    begin: (key, size) => openOpfsPartial(["packed", key], size, async () => {}),
    async describe(key, about) {
      await writeTextFile(["packed", key, ABOUT], JSON.stringify(about));
      const folder = await opfsFolder(["packed"]);
      for (const other of folder ? (await entriesOf(folder)).keys() : [])
        if (other !== key && (await packedName(other)) === about.name) await removeEntry(["packed", other]);
    },
    remove: (key) => removeEntry(["packed", key]),
  };
}

/** What the weights of a key were made from. */
export async function packedName(key: string): Promise<string> {
  const text = await readTextFile(["packed", key, ABOUT]);
  return text === undefined ? "unfinished" : (JSON.parse(text) as PackedAbout).name;
}
