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

/** A part of a JSON string: where it begins in what is written, and how many units of the decoded value it is. */
export interface Stretch {
  readonly raw: number;
  readonly length: number;
  readonly escaped: boolean;
}

/**
 * The way between the inside of a JSON string as it is written (`raw`) and its decoded value, in both directions; offsets
 * are UTF-16 units. Only escapes are kept, as most strings have few; a look-up is a bisection over them.
 */
export class EscapeMap {
  /** For each escape in turn: where it begins in `raw`, where it ends, and the decoded unit that it stands for. */
  readonly #escapes: readonly number[];

  constructor(raw: string) {
    const escapes: number[] = [];
    let saved = 0;
    for (let at = raw.indexOf("\\"); at !== -1; ) {
      const end = at + readEscape(raw, at).length;
      // A bad escape stays as it is written, and moves nothing.
      if (end - at > 1) escapes.push(at, end, at - saved);
      saved += end - at - 1;
      at = raw.indexOf("\\", end);
    }
    this.#escapes = escapes;
  }

  /** Where the decoded unit begins in `raw`; for the value's length, where `raw` ends. */
  toRaw(unit: number): number {
    const escape = this.#last(2, unit);
    if (escape === -1) return unit;
    const first = this.#at(escape, 2);
    return unit === first ? this.#at(escape, 0) : this.#at(escape, 1) + unit - first - 1;
  }

  /** The decoded unit that is written at `offset` of `raw`: the whole of an escape stands for its one unit. */
  toUnit(offset: number): number {
    const escape = this.#last(0, offset);
    if (escape === -1) return offset;
    const [end, unit] = [this.#at(escape, 1), this.#at(escape, 2)];
    return offset < end ? unit : unit + 1 + offset - end;
  }

  /** The stretches of `raw` in order: what is written as it is, and each escape by itself. */
  *stretches(rawLength: number): Generator<Stretch> {
    let raw = 0;
    for (let escape = 0; escape * 3 < this.#escapes.length; escape++) {
      const [start, end] = [this.#at(escape, 0), this.#at(escape, 1)];
      if (raw < start) yield { raw, length: start - raw, escaped: false };
      yield { raw: start, length: 1, escaped: true };
      raw = end;
    }
    if (raw < rawLength) yield { raw, length: rawLength - raw, escaped: false };
  }

  /** The last escape whose number `column` is at most `value`, or -1. */
  #last(column: number, value: number): number {
    let low = 0;
    let high = this.#escapes.length / 3;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle, column) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #at(escape: number, column: number): number {
    return this.#escapes[escape * 3 + column] as number;
  }
}
