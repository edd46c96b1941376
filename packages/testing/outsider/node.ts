import process from "node:process";
import { compared, refusedKernels, speak } from "./model.js";
import { norm } from "./norm.js";

// In Node and Deno: the function's name and its arguments as JSON come on the command line; the result goes to stdout as JSON.
const functions: Record<string, (...args: never[]) => Promise<unknown>> = { compared, norm, refusedKernels, speak };
const [name = "", args = "[]"] = process.argv.slice(2);
const result = JSON.stringify(await functions[name]!(...(JSON.parse(args) as never[])));
// A pipe takes a long text in pieces: exit only once it has all of it.
process.stdout.write(result, () => process.exit());
