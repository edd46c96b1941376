import { norm } from "./norm.js";

Object.assign(globalThis, { outsider: { norm } });
