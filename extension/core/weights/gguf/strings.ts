const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Many texts in one piece of memory, decoded when asked for: a vocabulary has 250,000. */
export class StringColumn {
  readonly #bytes: Uint8Array;
  /** Where each begins, and where the last ends. */
  readonly #ends: Uint32Array;

  /** `ends[i]` is where text i ends in `bytes`; it begins where the one before ends. */
  constructor(bytes: Uint8Array, ends: Uint32Array) {
    this.#bytes = bytes;
    this.#ends = ends;
  }

  get length(): number {
    return this.#ends.length;
  }

  /** Text `index`; each stretch of bytes that is not UTF-8 becomes U+FFFD. @throws RangeError past the end. */
  at(index: number): string {
    return decoder.decode(this.bytesAt(index));
  }

  /** The bytes of text `index`, for those that need not be UTF-8. @throws RangeError past the end. */
  bytesAt(index: number): Uint8Array {
    const end = this.#ends[index];
    if (end === undefined) throw new RangeError(`There are ${this.length} texts, and none has the index ${index}.`);
    return this.#bytes.subarray(index === 0 ? 0 : this.#ends[index - 1], end);
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** Collects the texts of a {@link StringColumn}, whose number is known. */
export class StringCollector {
  #bytes = new Uint8Array(4096);
  #length = 0;
  readonly #ends: Uint32Array;
  #count = 0;

  constructor(count: number) {
    this.#ends = new Uint32Array(count);
  }

  add(text: Uint8Array): void {
    const end = this.#length + text.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(text, this.#length);
    this.#length = end;
    this.#ends[this.#count++] = end;
  }

  finish(): StringColumn {
    return new StringColumn(this.#bytes.subarray(0, this.#length), this.#ends);
  }
}
