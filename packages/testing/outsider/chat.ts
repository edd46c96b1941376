import { Model } from "@alambic/engine";

/** A whole chat app: what it costs to fetch is measured. */
export async function chat(source: string, question: string, show: (text: string) => void): Promise<void> {
  const model = await Model.load(source, { onProgress: ({ phase }) => show(phase) });
  const session = model.session();
  for await (const { text } of session.chat([{ role: "user", content: question }])) show(text);
}
