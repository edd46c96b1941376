// `npm run demo`, `npm test` and `npm run bench` on a machine that has only Node and npm: brings pnpm, installs, builds,
// then runs the command. `pnpm demo | test | bench` come here too. Nothing is imported but Node itself.
import { bench } from "./bench.mjs";
import { demo } from "./demo.mjs";
import { checkNode } from "./node-version.mjs";
import { install, isInstalled, pnpmIsHere, runUnderPnpm } from "./pnpm.mjs";
import { test } from "./test.mjs";

const commands = { demo, test, bench };

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join("|")} [arguments]`);
  process.exit(2);
}
checkNode();
if (!pnpmIsHere()) process.exit(runUnderPnpm(process.argv.slice(1)));

if (!isInstalled()) {
  const status = install();
  if (status !== 0) process.exit(status);
}
process.exitCode = await command(args);
