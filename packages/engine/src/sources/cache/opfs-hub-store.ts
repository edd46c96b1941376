import { relativePath } from "../source.js";
import { openOpfsPartial, openStored, readTextFile, writeTextFile } from "./opfs.js";
import { OPFS_NAME } from "./opfs-presence.js";
import type { HubStore } from "./store.js";

/**
 * The Hub's layout again, in the origin's private files, which know no links: what a snapshot has of a file is a note with
 * its etag and size, written when the blob was found to be right.
 *
 *     <hub, or another host>/models--<owner>--<name>/refs/<revision>
 *                                /blobs/<etag>/<part>
 *                                /snapshots/<commit>/<path>
 */
export function opfsHubStore(host = "hub"): HubStore {
  const repository = (repoId: string) => [host, `models--${repoId.replaceAll("/", "--")}`];
  const refPath = (repoId: string, revision: string) => [...repository(repoId), "refs", encodeURIComponent(revision)];
  const blobPath = (repoId: string, etag: string) => [...repository(repoId), "blobs", etag];
  const notePath = (repoId: string, commit: string, path: string) => [
    ...repository(repoId),
    "snapshots",
    commit,
    encodeURIComponent(relativePath(path)), // no folders below
  ];
  return {
    name: OPFS_NAME,
    commitOf: (repoId, revision) => readTextFile(refPath(repoId, revision)),
    remember: (repoId, revision, commit) => writeTextFile(refPath(repoId, revision), commit),
    async find(repoId, commit, path) {
      const note = await readTextFile(notePath(repoId, commit, path));
      if (note === undefined) return undefined;
      const { etag, size } = JSON.parse(note) as { etag: string; size: number };
      const stored = await openStored(blobPath(repoId, etag), size);
      return stored && { ...stored, etag };
    },
    async begin(repoId, commit, { path, etag, size }) {
      const note = JSON.stringify({ etag, size });
      return openOpfsPartial(blobPath(repoId, etag), size, async () => {
        if (commit) await writeTextFile(notePath(repoId, commit, path), note);
      });
    },
  };
}
