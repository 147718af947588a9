/** Writes binary formats: grows as it must, in either byte order. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Where the last thing reserved begins. */
  #at = 0;
  readonly #littleEndian: boolean;

  constructor({ littleEndian = true }: { readonly littleEndian?: boolean } = {}) {
    this.#littleEndian = littleEndian;
  }

  get length(): number {
    return this.#length;
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#reserve(1).setUint8(this.#at, value);
    return this;
  }

  u16(value: number): this {
    this.#reserve(2).setUint16(this.#at, value, this.#littleEndian);
    return this;
  }

  u32(value: number): this {
    this.#reserve(4).setUint32(this.#at, value, this.#littleEndian);
    return this;
  }

  i32(value: number): this {
    this.#reserve(4).setInt32(this.#at, value, this.#littleEndian);
    return this;
  }

  u64(value: number | bigint): this {
    this.#reserve(8).setBigUint64(this.#at, BigInt(value), this.#littleEndian);
    return this;
  }

  i64(value: number | bigint): this {
    this.#reserve(8).setBigInt64(this.#at, BigInt(value), this.#littleEndian);
    return this;
  }

  f32(value: number): this {
    this.#reserve(4).setFloat32(this.#at, value, this.#littleEndian);
    return this;
  }

  f64(value: number): this {
    this.#reserve(8).setFloat64(this.#at, value, this.#littleEndian);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    return this;
  }

  text(value: string): this {
    return this.bytes(new TextEncoder().encode(value));
  }

  /** Zeros, up to the next multiple of `alignment`. */
  pad(alignment: number, fill = 0): this {
    while (this.#length % alignment !== 0) this.u8(fill);
    return this;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): DataView {
    this.#at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return this.#view;
  }
}

/** One piece after the other. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
