export type Advice = "network" | "chat" | "memory" | "checkpoint" | "webgpu" | "other";

/** The engine's codes come in families: source-..., checkpoint-... */
export function adviceFor(code = ""): Advice {
  if (code.startsWith("source-")) return "network";
  if (code === "no-chat") return "chat";
  if (code.startsWith("checkpoint-") || code === "config") return "checkpoint";
  if (code === "out-of-memory" || code === "limit") return "memory";
  return code === "no-webgpu" || code === "device-lost" ? "webgpu" : "other";
}
