// Inside the workspace packages resolve to each other's TypeScript through the condition `alambic-source`. The sources
// are not published, so the condition leaves package.json when a tarball is packed.
module.exports = {
  hooks: {
    beforePacking(manifest) {
      return { ...manifest, exports: withoutSource(manifest.exports), imports: withoutSource(manifest.imports) };
    },
  },
};

function withoutSource(targets) {
  if (typeof targets !== "object" || targets === null) return targets;
  const kept = Object.entries(targets).filter(([condition]) => condition !== "alambic-source");
  return Object.fromEntries(kept.map(([condition, target]) => [condition, withoutSource(target)]));
}
