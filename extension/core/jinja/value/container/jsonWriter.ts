import { countWork } from "../budget";
import type { Str } from "../text";
import { checkTextLength, concatText, deriveText, sliceText } from "../text";

/** Puts a JSON text together, keeping where the characters of traced texts come from. */
export class JsonWriter {
  readonly #ascii: boolean;
  /** What was written since the last part. */
  #text = "";
  readonly #parts: Str[] = [];

  constructor(ascii: boolean) {
    this.#ascii = ascii;
  }

  /** @throws JinjaLimitError when the text gets too long. */
  add(text: Str): void {
    if (typeof text === "string") {
      this.#text += text;
      checkTextLength(this.#text.length);
      return;
    }
    this.#parts.push(this.#text, text);
    this.#text = "";
  }

  /** Adds a string with its quotes and escapes. */
  addString(value: Str): void {
    if (typeof value === "string") {
      this.add(`"${this.#escape(value)}"`);
      return;
    }
    this.add('"');
    let done = 0;
    for (const { 0: char, index } of value.text.matchAll(this.#ascii ? NOT_PLAIN_ASCII : SPECIAL)) {
      this.add(sliceText(value, done, index));
      this.add(deriveText(escapeUnit(char), [sliceText(value, index, index + 1)]));
      done = index + 1;
    }
    this.add(sliceText(value, done, value.text.length));
    this.add('"');
  }

  #escape(text: string): string {
    countWork(text.length >> 7);
    if (!(this.#ascii ? SOME_NOT_PLAIN_ASCII : SOME_SPECIAL).test(text)) return text;
    return text.replace(this.#ascii ? NOT_PLAIN_ASCII : SPECIAL, escapeUnit);
  }

  finish(): Str {
    return this.#parts.length === 0 ? this.#text : concatText([...this.#parts, this.#text]);
  }
}

const SOME_SPECIAL = /["\\\0-\x1f]/;
const SPECIAL = /["\\\0-\x1f]/g;
const SOME_NOT_PLAIN_ASCII = /[^ !#-[\]-~]/;
const NOT_PLAIN_ASCII = /[^ !#-[\]-~]/g;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\f", "\\f"],
  ["\b", "\\b"],
]);

/** One UTF-16 unit as an escape. */
function escapeUnit(unit: string): string {
  countWork(3);
  return SHORT.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
