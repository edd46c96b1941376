import { serveEngine } from "@alambic/engine/worker";

serveEngine();
