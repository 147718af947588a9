import { JinjaError, JinjaLimitError } from "../../errors";
import { countWork } from "../../value/budget";
import { sliceItems, sliceRange } from "../../value/container/slicing";
import type { Str } from "../../value/text";
import { deriveText, textOf } from "../../value/text";
import type { CallArguments, Value } from "../../value/types";
import { PyFunction, PyObject, typeName } from "../../value/types";
import { asIndex, asText, namedArguments, notText } from "../arguments";
import { decodeBytes, encodeText, escapeCode } from "./codecs";

/** Python's methods of bytes, but for `decode`. No chat template has bytes, so the engine ends where one of them is used. */
const NOT_OFFERED: ReadonlySet<string> = new Set(
  (
    "capitalize center count endswith expandtabs find fromhex hex index isalnum isalpha isascii isdigit islower isspace istitle isupper " +
    "join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split " +
    "splitlines startswith strip swapcase title translate upper zfill"
  ).split(" "),
);

/** What `str.encode` gives. It prints, counts, compares and decodes. */
export class PyBytes extends PyObject {
  readonly typeName = "bytes";
  readonly bytes: readonly number[];
  /** The text that was encoded, for the origins of what is decoded from it. */
  readonly #source: Str;

  constructor(bytes: readonly number[], source: Str = "") {
    super();
    this.bytes = bytes;
    this.#source = source;
  }

  override repr(): string {
    countWork(2 * this.bytes.length);
    const quote = this.bytes.includes(0x27) && !this.bytes.includes(0x22) ? '"' : "'";
    return `b${quote}${this.bytes.map((byte) => reprByte(byte, quote)).join("")}${quote}`;
  }

  override length(): number {
    return this.bytes.length;
  }

  override item(key: Value): Value | undefined {
    const index = asIndex(key);
    if (index === undefined) return undefined;
    return this.bytes.at(Number(index));
  }

  override iterate(): Iterator<Value> {
    return this.bytes[Symbol.iterator]();
  }

  override equals(other: Value): boolean {
    countWork(this.bytes.length >> 4);
    return other instanceof PyBytes && other.bytes.length === this.bytes.length && other.bytes.every((byte, at) => byte === this.bytes[at]);
  }

  override operate(operator: string, other: Value): Value | undefined {
    if (operator === "+") {
      countWork(this.bytes.length >> 2);
      if (other instanceof PyBytes) return new PyBytes(this.bytes.concat(other.bytes), this.#source);
      throw new JinjaError("TypeError", `can't concat ${typeName(other)} to bytes`);
    }
    if (operator === "*" || operator === "%") throw notOffered(operator);
    return undefined;
  }

  override slice(start: Value | undefined, stop: Value | undefined, step: Value | undefined): Value {
    return new PyBytes(sliceItems(this.bytes, sliceRange(start, stop, step, this.bytes.length)), this.#source);
  }

  override attribute(name: string): Value | undefined {
    if (NOT_OFFERED.has(name)) throw notOffered(name);
    if (name !== "decode") return undefined;
    const repr = "<built-in method decode of bytes object at 0x…>";
    return new PyFunction(name, (args) => this.#decode(args), { typeName: "builtin_function_or_method", repr });
  }

  #decode(args: CallArguments): Str {
    const [encoding, errors] = codecArguments("bytes.decode", args);
    return deriveText(decodeBytes(this.bytes, encoding, errors), [this.#source]);
  }
}

function notOffered(what: string): JinjaLimitError {
  return new JinjaLimitError("bytes", `This engine does not have '${what}' of bytes.`);
}

const BYTE_ESCAPES: ReadonlyMap<number, string> = new Map([
  [9, "\\t"],
  [10, "\\n"],
  [13, "\\r"],
  [92, "\\\\"],
]);

function reprByte(byte: number, quote: string): string {
  const escape = BYTE_ESCAPES.get(byte);
  if (escape !== undefined) return escape;
  if (byte < 0x20 || byte >= 0x7f) return escapeCode(byte);
  const character = String.fromCharCode(byte);
  return character === quote ? `\\${character}` : character;
}

/** `str.encode` */
export function encode(self: Str, args: CallArguments): PyBytes {
  const [encoding, errors] = codecArguments("str.encode", args);
  return new PyBytes(encodeText(textOf(self), encoding, errors), self);
}

function codecArguments(method: string, args: CallArguments): readonly [encoding: string, errors: string] {
  const names = ["encoding", "errors"] as const;
  const name = method.slice(method.indexOf(".") + 1);
  const [encoding = "utf-8", errors = "strict"] = namedArguments(method, args, names).map((value, at) => {
    if (value === undefined) return undefined;
    const text = asText(value);
    if (text === undefined) throw notText(`${name}() argument '${names[at] as string}'`, value);
    return textOf(text);
  });
  return [encoding, errors];
}
