import { speak, speakInWorker } from "./model.js";
import { norm } from "./norm.js";

Object.assign(globalThis, { outsider: { norm, speak, speakInWorker } });
