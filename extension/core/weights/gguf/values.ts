import { brokenFile, tooLarge } from "../errors";
import type { Cursor } from "./cursor";
import { MAX_ARRAY_LENGTH, MAX_NESTED_ARRAYS, MAX_NESTING, MAX_STRING_BYTES } from "./limits";
import type { GgufArray, GgufNumbers, GgufNumberType, GgufValue } from "./metadata";
import { StringCollector } from "./strings";
import { sizeText } from "../openedFile";

type ScalarType = GgufNumberType | "bool" | "string";

/** The types of values by their codes. Source: `gguf_type` of the GGUF specification. */
const VALUE_TYPES: readonly (ScalarType | "array")[] = ["u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"];

type Numbers = new (buffer: ArrayBuffer) => GgufNumbers;

const NUMBERS: Readonly<Record<GgufNumberType | "bool", Numbers & { readonly BYTES_PER_ELEMENT: number }>> = {
  u8: Uint8Array, i8: Int8Array, u16: Uint16Array, i16: Int16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array, bool: Uint8Array, u64: BigUint64Array, i64: BigInt64Array, f64: Float64Array,
};

/** Copied at once, so that the bytes of a long array need not be ready all together. */
const ARRAY_STEP = 256 * 1024;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the values of a GGUF file's metadata. */
export class ValueReader {
  readonly #file: string;
  readonly #cursor: Cursor;
  /** Bytes that a length or a count takes: 4 in version 1, 8 from then on. */
  readonly #countBytes: 4 | 8;
  #nestedArrays = 0;

  constructor(file: string, cursor: Cursor, version: number) {
    this.#file = file;
    this.#cursor = cursor;
    this.#countBytes = version === 1 ? 4 : 8;
  }

  /** A length, a count or a dimension. */
  async count(): Promise<number> {
    await this.#cursor.need(this.#countBytes);
    return this.#readyCount();
  }

  /** The text of at most `limit` bytes that comes next. */
  async text(limit: number): Promise<string> {
    return decoder.decode(await this.#textBytes(limit));
  }

  /** A type and the value of it. An array is passed over unless it is to be kept. */
  async value(keepArray: boolean): Promise<GgufValue> {
    const type = await this.#type();
    if (type === "array") return this.#array(keepArray, 0);
    if (type === "string") return { type, value: await this.text(MAX_STRING_BYTES) };
    const [value] = await this.#numbers(type, 1);
    if (type === "bool") return { type, value: value !== 0 };
    return { type, value } as GgufValue;
  }

  async #type(): Promise<ScalarType | "array"> {
    await this.#cursor.need(4);
    const code = this.#cursor.u32();
    const type = VALUE_TYPES[code];
    if (type === undefined) throw this.#broken(-4, `there is no type of value ${code}`);
    return type;
  }

  async #array(keep: false, depth: number): Promise<Extract<GgufValue, { readonly type: "skipped" }>>;
  async #array(keep: true, depth: number): Promise<GgufArray>;
  async #array(keep: boolean, depth: number): Promise<GgufValue>;
  async #array(keep: boolean, depth: number): Promise<GgufValue> {
    const of = await this.#type();
    const length = await this.count();
    if (length > MAX_ARRAY_LENGTH) throw tooLarge(this.#file, this.#cursor.position, `an array has ${length} values`, `${MAX_ARRAY_LENGTH}`);
    const least = of === "string" ? this.#countBytes : of === "array" ? 4 + this.#countBytes : NUMBERS[of].BYTES_PER_ELEMENT;
    if (length * least > this.#cursor.remaining) throw this.#broken(0, `an array of ${length} values goes on past the file's end`);
    if (of === "array") return this.#arrays(keep, length, depth + 1);
    if (of === "string") return this.#texts(keep, length);
    if (!keep) {
      this.#cursor.skip(length * least);
      return { type: "skipped", of, length };
    }
    return { type: "array", of, value: await this.#numbers(of, length) } as GgufArray;
  }

  async #arrays(keep: boolean, length: number, depth: number): Promise<GgufValue> {
    if (depth >= MAX_NESTING) throw tooLarge(this.#file, this.#cursor.position, "its metadata nest arrays", `${MAX_NESTING} levels`);
    this.#nestedArrays += length;
    if (this.#nestedArrays > MAX_NESTED_ARRAYS) throw tooLarge(this.#file, this.#cursor.position, "its metadata have many arrays within arrays", `${MAX_NESTED_ARRAYS}`);
    const value: GgufArray[] = [];
    for (let i = 0; i < length; i++) {
      if (keep) value.push(await this.#array(true, depth));
      else await this.#array(false, depth);
    }
    return keep ? { type: "array", of: "array", value } : { type: "skipped", of: "array", length };
  }

  async #texts(keep: boolean, length: number): Promise<GgufValue> {
    const cursor = this.#cursor;
    const texts = new StringCollector(keep ? length : 0);
    for (let i = 0; i < length; i++) {
      // A vocabulary has 250,000 texts: waiting for each would take longer than reading them.
      if (!cursor.has(this.#countBytes)) await cursor.need(this.#countBytes);
      const size = this.#checkedText(this.#readyCount(), MAX_STRING_BYTES);
      if (keep) {
        if (!cursor.has(size)) await cursor.need(size);
        texts.add(cursor.take(size));
      } else cursor.skip(size);
    }
    return keep ? { type: "array", of: "string", value: texts.finish() } : { type: "skipped", of: "string", length };
  }

  async #numbers(type: GgufNumberType | "bool", length: number): Promise<GgufNumbers> {
    const size = NUMBERS[type].BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(length * size);
    for (let at = 0; at < bytes.length; at += ARRAY_STEP) {
      const step = Math.min(ARRAY_STEP, bytes.length - at);
      await this.#cursor.need(step);
      bytes.set(this.#cursor.take(step), at);
    }
    if (!this.#cursor.littleEndian) for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
    return new NUMBERS[type](bytes.buffer);
  }

  async #textBytes(limit: number): Promise<Uint8Array> {
    const size = this.#checkedText(await this.count(), limit);
    await this.#cursor.need(size);
    return this.#cursor.take(size);
  }

  #checkedText(size: number, limit: number): number {
    if (size > this.#cursor.remaining) throw this.#broken(-this.#countBytes, `a text of ${size} bytes goes on past the file's end`);
    if (size > limit) throw tooLarge(this.#file, this.#cursor.position, `a text has ${sizeText(size)}`, sizeText(limit));
    return size;
  }

  #readyCount(): number {
    return this.#countBytes === 4 ? this.#cursor.u32() : this.#cursor.u64();
  }

  #broken(offset: number, what: string): Error {
    return brokenFile(this.#file, this.#cursor.position + offset, what);
  }
}
