import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { pythonSplitLines } from "../../text/lines";
import { codePointLength } from "../../text/unicode";
import { SPACE } from "../../text/unicodeTables";
import { dictItems } from "../../value/hash";
import { repr } from "../../value/repr";
import { deriveText, isStr, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { isList, PyDict, PyTuple, typeName } from "../../value/types";
import { defineFilter, printed } from "../common";
import { keyLess, sortBy } from "../sorting";

/** The columns that Python's pprint fills. */
const WIDTH = 80;

const WORDS = new RegExp(`[^${SPACE}]*[${SPACE}]*`, "gu");

/** Keys that cannot be compared go by the names of their types. */
function safeLess(a: Value, b: Value): boolean {
  try {
    return keyLess(a, b);
  } catch (error) {
    if (error instanceof JinjaError && error.type === "TypeError") return typeName(a) < typeName(b);
    throw error;
  }
}

/** Writes a value as Python's pprint.pformat: on one line where it fits, else one item a line, dicts by key. */
class PrettyPrinter {
  readonly #runtime: Runtime;
  readonly #out: string[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  print(value: Value): string {
    this.#format(value, 0, 0, 0);
    return this.#out.join("");
  }

  /** `allowance`: columns that closing brackets need behind the value. */
  #format(value: Value, indent: number, allowance: number, level: number): void {
    const text = this.#repr(value);
    this.#runtime.charge(text.length);
    if (codePointLength(text) <= WIDTH - indent - allowance) this.#out.push(text);
    else if (value instanceof PyDict) this.#formatDict(value, indent, allowance, level + 1);
    else if (isList(value)) this.#formatItems("[", value, "]", indent, allowance, level + 1);
    else if (isPlainTuple(value)) this.#formatItems("(", value.items, value.items.length === 1 ? ",)" : ")", indent, allowance, level + 1);
    else if (isStr(value)) this.#formatText(textOf(value), indent, allowance, level + 1);
    else this.#out.push(text);
  }

  #repr(value: Value): string {
    if (value instanceof PyDict) return `{${this.#sorted(value).map(([key, item]) => `${this.#repr(key)}: ${this.#repr(item)}`).join(", ")}}`;
    if (isList(value)) return `[${value.map((item) => this.#repr(item)).join(", ")}]`;
    if (isPlainTuple(value)) return `(${value.items.map((item) => this.#repr(item)).join(", ")}${value.items.length === 1 ? "," : ""})`;
    return repr(value);
  }

  #sorted(dict: PyDict): (readonly [Value, Value])[] {
    const pairs = sortBy(this.#runtime, dictItems(dict), (pair) => (pair as PyTuple).items[0] as Value, safeLess, false);
    return pairs.map((pair) => (pair as PyTuple).items as readonly [Value, Value]);
  }

  #formatDict(dict: PyDict, indent: number, allowance: number, level: number): void {
    const pairs = this.#sorted(dict);
    this.#out.push("{");
    for (const [index, [key, item]] of pairs.entries()) {
      const label = `${this.#repr(key)}: `;
      this.#out.push(index === 0 ? "" : `,\n${" ".repeat(indent + 1)}`, label);
      this.#format(item, indent + 1 + codePointLength(label), index === pairs.length - 1 ? allowance + 1 : 1, level);
    }
    this.#out.push("}");
  }

  #formatItems(open: string, items: readonly Value[], close: string, indent: number, allowance: number, level: number): void {
    this.#out.push(open);
    for (const [index, item] of items.entries()) {
      if (index > 0) this.#out.push(`,\n${" ".repeat(indent + 1)}`);
      this.#format(item, indent + 1, index === items.length - 1 ? allowance + close.length : 1, level);
    }
    this.#out.push(close);
  }

  /** A long text becomes several literals; in parentheses where it is the whole value. */
  #formatText(text: string, indent: number, allowance: number, level: number): void {
    const outer = level === 1 ? 1 : 0;
    const chunks = textChunks(text, WIDTH - indent - outer, allowance + outer);
    if (chunks.length === 1) {
      this.#out.push(chunks[0] ?? "");
      return;
    }
    const body = chunks.join(`\n${" ".repeat(indent + outer)}`);
    this.#out.push(outer === 1 ? `(${body})` : body);
  }
}

/** The group tuples of `groupby` print by themselves. */
function isPlainTuple(value: Value): value is PyTuple {
  return value instanceof PyTuple && value.fields === undefined;
}

/** A literal a line, and more where a line is too long: then as many words as fit. The last one leaves room for brackets. */
function textChunks(text: string, width: number, allowance: number): string[] {
  const chunks: string[] = [];
  const lines = pythonSplitLines(text);
  for (const [index, [start, , end]] of lines.entries()) {
    const lastLine = index === lines.length - 1;
    const line = text.slice(start, end);
    const literal = repr(line);
    if (codePointLength(literal) <= (lastLine ? width - allowance : width)) chunks.push(literal);
    else chunks.push(...wordChunks(line, width, lastLine ? allowance : 0));
  }
  return chunks;
}

function wordChunks(line: string, width: number, allowance: number): string[] {
  const chunks: string[] = [];
  const words = (line.match(WORDS) ?? []).filter((word) => word !== "");
  let current = "";
  for (const [index, word] of words.entries()) {
    const room = index === words.length - 1 ? width - allowance : width;
    if (codePointLength(repr(current + word)) <= room) {
      current += word;
      continue;
    }
    if (current !== "") chunks.push(repr(current));
    current = word;
  }
  if (current !== "") chunks.push(repr(current));
  return chunks;
}

/** `pprint`, for whatever size of value. */
export const pprint: Filter = defineFilter("do_pprint", "value", (runtime, value) => {
  // The printed value first: it refuses what nests too deep, and tells what the result derives from.
  const plain = printed(runtime, value);
  return deriveText(new PrettyPrinter(runtime).print(value), [plain]);
});
