/**
 * The first key that occurs twice in one object of a JSON text, at any depth; `undefined` when there is none.
 * `JSON.parse` silently keeps the last of them, so two readers could see two different files.
 *
 * @param json - A text that `JSON.parse` accepts.
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | "array")[] = [];
  let keyNext = false;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case "{":
        open.push(new Set());
        keyNext = true;
        break;
      case "[":
        open.push("array");
        keyNext = false;
        break;
      case "}":
      case "]":
        open.pop();
        keyNext = false;
        break;
      case ",":
        keyNext = open.at(-1) !== "array";
        break;
      case '"': {
        const end = endOfString(json, at);
        const keys = open.at(-1);
        if (keyNext && keys instanceof Set) {
          const key: string = JSON.parse(json.slice(at, end)); // "a" and "\u0061" are one key
          if (keys.has(key)) return key;
          keys.add(key);
        }
        keyNext = false;
        at = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** One past the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
}
