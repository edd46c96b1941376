import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.js";
import type { PeerTask } from "./peer.js";

const INSTALL_SECONDS = 600;

/**
 * npm packages in the cache, in exactly these versions, without install scripts and without optional dependencies: what
 * of those is needed is named.
 *
 * @param versions - By name; the first name is the folder's.
 * @returns Their `node_modules`.
 * @throws Error when npm cannot get them.
 */
export async function installPackages(
  versions: Readonly<Record<string, string>>,
  { cache, signal, onProgress }: PeerTask,
): Promise<string> {
  const packages = Object.entries(versions);
  const [[first, version] = ["", ""]] = packages;
  const root = join(cache, `${first.replaceAll("/", "-")}-${version}`);
  const modules = join(root, "node_modules");
  const missing: string[] = [];
  for (const [name, wanted] of packages) {
    if (!(await exists(join(modules, name, "package.json")))) missing.push(`${name}@${wanted}`);
  }
  if (missing.length === 0) return modules;
  onProgress(`installing ${missing.join(", ")}`);
  await mkdir(root, { recursive: true });
  const manifest = join(root, "package.json");
  if (!(await exists(manifest))) await writeFile(manifest, '{ "private": true }\n');
  const words = [
    "install",
    "--ignore-scripts",
    "--omit=optional",
    "--no-audit",
    "--no-fund",
    "--save-exact",
    ...missing,
  ];
  await runCommand("npm", words, { cwd: root, signal, timeoutSeconds: INSTALL_SECONDS });
  return modules;
}

/**
 * Runs a Python script with what its `requirements.txt` names in an environment of its own.
 *
 * @param write - The script's words, for a folder that it fills. What it filled is kept until the script changes.
 * @returns The folder.
 */
export async function madeByPython(
  name: string,
  script: string,
  write: (folder: string) => readonly string[],
  { cache, signal, onProgress }: PeerTask,
): Promise<string> {
  const folder = join(cache, name);
  const source = await readFile(script, "utf8");
  const madeFrom = await readFile(join(folder, "made-by.py"), "utf8").catch(() => undefined);
  if (madeFrom === source) return folder;
  const limits = { signal, timeoutSeconds: INSTALL_SECONDS };
  const environment = join(cache, "python");
  const [python, pip] =
    process.platform === "win32" ? ["Scripts/python.exe", "Scripts/pip.exe"] : ["bin/python", "bin/pip"];
  onProgress("installing what the export needs");
  await mkdir(cache, { recursive: true });
  if (!(await exists(join(environment, python)))) {
    await runCommand(process.platform === "win32" ? "python" : "python3", ["-m", "venv", environment], limits);
  }
  const requirements = join(script, "..", "requirements.txt");
  await runCommand(join(environment, pip), ["install", "--quiet", "--requirement", requirements], limits);
  onProgress(`making ${name}`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await runCommand(join(environment, python), [script, ...write(partial)], limits);
  await writeFile(join(partial, "made-by.py"), source);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return folder;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
