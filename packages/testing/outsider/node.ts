import { norm } from "./norm.js";

// In Node: the arguments come as JSON on the command line, the result goes to stdout as JSON.
console.log(JSON.stringify(await norm(...(JSON.parse(process.argv[2] ?? "[]") as Parameters<typeof norm>))));
process.exit();
