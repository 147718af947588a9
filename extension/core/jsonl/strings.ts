const BACKSLASH = 92;
const SIMPLE: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The length of the escape that begins at the backslash at `at`, and the text that it stands for. A bad escape stands for itself. */
function readEscape(raw: string, at: number): { readonly length: number; readonly value: string } {
  const letter = raw[at + 1] ?? "";
  if (letter === "u") {
    const hex = raw.slice(at + 2, at + 6);
    if (/^[0-9a-fA-F]{4}$/.test(hex)) return { length: 6, value: String.fromCharCode(Number.parseInt(hex, 16)) };
  }
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { length: 2, value: simple };
  return { length: 1, value: "\\" };
}

/** Decodes the inside of a JSON string. Never throws: an escape that JSON does not know stays as it is written. */
export function decodeString(raw: string): string {
  let result = "";
  let from = 0;
  for (let at = raw.indexOf("\\"); at !== -1; at = raw.indexOf("\\", from)) {
    const escape = readEscape(raw, at);
    result += raw.slice(from, at) + escape.value;
    from = at + escape.length;
  }
  return result + raw.slice(from);
}

/**
 * For the inside of a JSON string: entry i is the offset in `raw` where UTF-16 unit i of the decoded value begins; one
 * more entry holds the end.
 */
export function decodeWithMap(raw: string): Uint32Array {
  const map = new Uint32Array(raw.length + 1);
  let units = 0;
  let at = 0;
  while (at < raw.length) {
    map[units++] = at;
    at += raw.charCodeAt(at) === BACKSLASH ? readEscape(raw, at).length : 1;
  }
  map[units] = raw.length;
  return map.slice(0, units + 1);
}
