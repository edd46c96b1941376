import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** An executable, and the environment it has to be started in. */
export interface ChromiumFromNpm {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The headless Chromium inside the npm package `@sparticuz/chromium`, unpacked once into the temporary folder together
 * with what a bare machine lacks: SwiftShader, the NSS libraries, a font. Needs no root and no download.
 *
 * @returns `undefined` on a platform it is not built for: it is for Linux on x86-64.
 */
export function chromiumFromNpm(): ChromiumFromNpm | undefined {
  const folder = unpacked();
  if (!folder) return undefined;
  const executablePath = join(folder, "chromium");
  const env: Record<string, string> = {};
  if (lacksLibraries(executablePath)) {
    env.LD_LIBRARY_PATH = [join(folder, "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  }
  if (!existsSync("/etc/fonts/fonts.conf")) env.FONTCONFIG_FILE = join(folder, "fonts.conf");
  return { executablePath, env };
}

/** The folder in which SwiftShader lies with its Vulkan manifest and a loader; `undefined` where Chromium would be. */
export function swiftShaderFromNpm(): string | undefined {
  return unpacked();
}

function unpacked(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  return unpackOnce(archiveFolder());
}

function archiveFolder(): string {
  // The package exports no path of its archives, so they are looked for beside its entry point.
  const require = createRequire(import.meta.url);
  let folder = dirname(require.resolve("@sparticuz/chromium"));
  for (let up = 0; up < 5; up++, folder = dirname(folder)) {
    if (existsSync(join(folder, "bin", "chromium.br"))) return join(folder, "bin");
  }
  throw new Error(
    "@sparticuz/chromium has no bin/chromium.br: its layout has changed. Install the version that package.json pins.",
  );
}

function unpackOnce(archives: string): string {
  const bytes = statSync(join(archives, "chromium.br")).size;
  const folder = join(tmpdir(), `alambic-chromium-${bytes}`);
  if (existsSync(folder)) return folder;
  // Unpack aside and rename, so that two processes starting together never see half a browser.
  const aside = `${folder}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, "chromium"), unbrotli(join(archives, "chromium.br")));
  chmodSync(join(aside, "chromium"), 0o755);
  for (const name of ["swiftshader", "al2023", "fonts"]) {
    const tar = join(aside, `${name}.tar`);
    writeFileSync(tar, unbrotli(join(archives, `${name}.tar.br`)));
    execFileSync("tar", ["-xf", tar, "-C", aside]);
    rmSync(tar);
  }
  writeFileSync(join(aside, "fonts.conf"), fontsConf(join(folder, "fonts"), join(folder, "fonts-cache")));
  try {
    renameSync(aside, folder);
  } catch {
    rmSync(aside, { recursive: true, force: true }); // the other process was first
  }
  return folder;
}

function unbrotli(path: string): Buffer {
  return brotliDecompressSync(readFileSync(path));
}

/** The package's own fonts.conf names the folders of the service it was built for. */
function fontsConf(fonts: string, cache: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>
`;
}

/** The bundled libraries are older than most systems' own, so they are used only where the system has none. */
function lacksLibraries(executable: string): boolean {
  try {
    return execFileSync("ldd", [executable], { encoding: "utf8" }).includes("not found");
  } catch {
    return true;
  }
}
