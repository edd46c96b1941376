import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../..", import.meta.url));
const outsider = fileURLToPath(new URL("../outsider", import.meta.url));

/** A package as `pnpm publish` would upload it. */
export interface Tarball {
  readonly name: string;
  readonly path: string;
  readonly files: readonly string[];
  readonly manifest: Manifest;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/**
 * Packs `packages/<folder>`. It has to be built.
 *
 * @throws when it is not built, or when the right pnpm is not on the PATH.
 */
export function pack(folder: string, destination: string): Tarball {
  const source = join(packages, folder);
  if (!existsSync(join(source, "dist", "index.js"))) {
    throw new Error(`packages/${folder} is not built, so there is nothing to pack. Run \`pnpm build\` first.`);
  }
  const output = execFileSync("pnpm", ["pack", "--json", "--pack-destination", destination], {
    cwd: source,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const packed = JSON.parse(output) as { name: string; filename: string };
  const manifest = execFileSync("tar", ["-xzOf", packed.filename, "package/package.json"], { encoding: "utf8" });
  const files = execFileSync("tar", ["-tzf", packed.filename], { encoding: "utf8" }).trim().split(/\r?\n/);
  return {
    name: packed.name,
    path: packed.filename,
    files: files.map((file) => file.replace(/^package\//, "")),
    manifest: JSON.parse(manifest),
  };
}

/**
 * A copy of `outsider/`, far from the workspace, with the tarballs unpacked into its node_modules. Of what the workspace
 * has installed it gets exactly the dependencies that the tarballs name, and those that the app itself asks for: so
 * nothing is fetched, and a dependency that was forgotten is missing here as it would be for a user.
 */
export class PackedApp {
  readonly folder = mkdtempSync(join(tmpdir(), "alambic-outsider-"));
  readonly #tarballs: readonly Tarball[];

  constructor(tarballs: readonly Tarball[], appDependencies: readonly string[]) {
    this.#tarballs = tarballs;
    cpSync(outsider, this.folder, { recursive: true });
    for (const { name, path } of tarballs) {
      const target = this.#modulePath(name);
      mkdirSync(target, { recursive: true });
      execFileSync("tar", ["-xzf", path, "-C", target, "--strip-components=1"]);
    }
    const own = new Set(tarballs.map((tarball) => tarball.name));
    const needed = tarballs.flatMap((tarball) => Object.keys(tarball.manifest.dependencies ?? {}));
    for (const name of new Set([...needed, ...appDependencies])) if (!own.has(name)) this.#link(name);
  }

  /** Compiles the app with the workspace's TypeScript: the published declarations are checked too. */
  compile(): void {
    run("tsc", ["-p", this.folder], this.folder);
  }

  /** Puts a folder where the app's pages find it, at `<name>/`. Call it before the app is built. */
  serve(name: string, folder: string): void {
    cpSync(folder, join(this.folder, "public", name), { recursive: true });
  }

  /** Calls one of the app's functions in a Node of its own. */
  node(name: string, args: readonly unknown[]): unknown {
    const module = join(this.folder, "compiled", "node.js");
    return JSON.parse(run(process.execPath, [module, name, JSON.stringify(args)], this.folder));
  }

  /** Calls one of the app's functions in Deno, whose WebGPU is its own. */
  deno(name: string, args: readonly unknown[], env: Readonly<Record<string, string>>): unknown {
    const module = join(this.folder, "compiled", "node.js");
    const flags = ["run", "--allow-all", "--no-lock", "--cached-only", "--unstable-webgpu"];
    const deno = createRequire(import.meta.url).resolve("deno/bin.cjs");
    return JSON.parse(run(process.execPath, [deno, ...flags, module, name, JSON.stringify(args)], this.folder, env));
  }

  /** Runs a command that one of the tarballs brings, as `npx` would. */
  command(name: string, ...args: readonly string[]): string {
    return run(process.execPath, [this.#commandPath(name), ...args], this.folder);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #modulePath(name: string): string {
    return join(this.folder, "node_modules", ...name.split("/"));
  }

  #commandPath(name: string): string {
    for (const { name: owner, manifest } of this.#tarballs) {
      const path = manifest.bin?.[name];
      if (path) return join(this.#modulePath(owner), path);
    }
    throw new Error(`No tarball brings the command ${name}: "bin" of package.json names none.`);
  }

  #link(name: string): void {
    const target = this.#modulePath(name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(installed(name), target, "junction");
  }
}

/** Where a package of the workspace's is installed. */
function installed(name: string): string {
  for (const folder of ["kernels", "engine", "testing", ".."]) {
    const path = join(packages, folder, "node_modules", ...name.split("/"));
    if (existsSync(path)) return path;
  }
  throw new Error(`${name} is not installed in the workspace, so the app cannot have it. Add it where it is used.`);
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const binaries = join(packages, "..", "node_modules", ".bin");
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      env: {
        ...process.env,
        ...env,
        PATH: `${binaries}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
      },
      shell: process.platform === "win32",
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...args].join(" ")} failed:\n${stdout}${stderr}`);
  }
}
