/**
 * Bytes that the browser still keeps for this site, where they are too few to keep a load of `bytes`; `undefined` where there
 * is room, where the pair is kept already, and where the browser does not tell.
 */
export async function shortOfRoom(bytes: number): Promise<number | undefined> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    if (quota === undefined || usage === undefined || quota - usage >= bytes) return undefined;
    const kept = (await caches.keys()).some((name) => name.startsWith("models-"));
    return kept ? undefined : Math.max(0, quota - usage);
  } catch {
    return undefined; // no storage here, as in some private windows
  }
}
