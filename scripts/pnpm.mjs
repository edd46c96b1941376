import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** For every process started from here. */
export const environment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
  // The version is seen to here: neither pnpm nor corepack should fetch another one.
  npm_config_manage_package_manager_versions: "false",
  COREPACK_ENABLE_NETWORK: "0",
};

/** `pnpm@x.y.z`, as package.json names it. */
const wanted = JSON.parse(readFileSync(`${root}/package.json`, "utf8")).packageManager;

/** Whether the `pnpm` on the PATH is the version that package.json names. */
export function pnpmIsHere() {
  const { status, stdout } = spawnSync("pnpm", ["--version"], {
    cwd: root,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  return status === 0 && `pnpm@${stdout.trim()}` === wanted;
}

/**
 * Runs a script of this folder again with the right pnpm on its PATH, which `npm exec` fetches into npm's own cache:
 * pnpm and turbo start each other by name, so that the PATH is where it has to be.
 *
 * @returns the exit status
 */
export function runUnderPnpm(script) {
  if (process.env.ALAMBIC_UNDER_PNPM) {
    console.error(
      `npm did not provide ${wanted}. Install it (npm install --global ${wanted}) and run the command again.`,
    );
    return 1;
  }
  const { status } = spawnSync("npm", ["exec", "--yes", `--package=${wanted}`, "--", "node", ...script], {
    cwd: root,
    env: { ...environment, ALAMBIC_UNDER_PNPM: "1" },
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  return status ?? 1;
}

/** Whether node_modules is what pnpm-lock.yaml describes: pnpm leaves a copy of the lockfile there when it has finished. */
export function isInstalled() {
  const installed = `${root}/node_modules/.pnpm/lock.yaml`;
  return existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(`${root}/pnpm-lock.yaml`, "utf8");
}

/** Installs what the lockfile names. Needs the right pnpm on the PATH. */
export function install() {
  const { status } = spawnSync("pnpm", ["install", "--frozen-lockfile"], {
    cwd: root,
    env: environment,
    // A table that a user pipes somewhere should not begin with the installer's words.
    stdio: ["ignore", process.stderr.fd, process.stderr.fd],
    shell: process.platform === "win32",
  });
  return status ?? 1;
}
