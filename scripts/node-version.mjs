// The least that vite and its companions run on.
const NEEDED = "Node 20.19 or newer (among the 22 releases: 22.12 or newer)";

/** Ends the process with a sentence that says what to install when Node is too old. */
export function checkNode(version = process.versions.node) {
  if (isRecentEnough(version)) return;
  console.error(
    `Alambic needs ${NEEDED}; this is Node ${version}. Install a newer one from https://nodejs.org and run the command again.`,
  );
  process.exit(1);
}

export function isRecentEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 12;
  return major > 22;
}
