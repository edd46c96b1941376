export { serveEngine } from "./api/worker/serve.js";
