import { type Change, change } from "./changes.js";
import { filesOf, openStored } from "./stored.js";

/** What the page asks for: a checkpoint by its address, and what to do to it. */
export interface ChangeRequest {
  readonly folder: string;
  readonly change: Change;
}

export type ChangeReply = { readonly files: readonly File[] } | { readonly error: string };

// One change a worker: it is ended by the page, and with it whatever it still does.
addEventListener("message", async ({ data }: MessageEvent<ChangeRequest>) => {
  try {
    const stored = await openStored(data.folder);
    postMessage({ files: filesOf(await change(stored, data.change)) } satisfies ChangeReply);
  } catch (error) {
    postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies ChangeReply);
  }
});
