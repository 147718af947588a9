import { inferenceError } from "../../errors";

/** A field of a protobuf message, as it stands in the bytes. */
export interface WireField {
  readonly number: number;
  /** The value of a length-delimited field, a view. Empty for others. */
  readonly bytes: Uint8Array;
  /** The value of a varint; 0 for others. */
  readonly value: number;
  /** The whole field with its tag, a view: what a copy is made of. */
  readonly whole: Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** The fields of a message, in order. @throws TunesmithError `model-unusable` where the bytes are no message. */
export function* fieldsOf(message: Uint8Array): Generator<WireField, void, undefined> {
  const reader = new Reader(message);
  while (reader.at < message.length) {
    const start = reader.at;
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    let bytes = message.subarray(0, 0);
    let value = 0;
    if (tag % 8 === VARINT) value = reader.varint();
    else if (tag % 8 === LENGTH_DELIMITED) bytes = reader.take(reader.varint());
    else if (tag % 8 === FIXED64) reader.take(8);
    else if (tag % 8 === FIXED32) reader.take(4);
    else throw broken(start);
    yield { number, bytes, value, whole: message.subarray(start, reader.at) };
  }
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Values of 2^53 or more lose their low bits; lengths and counts never are that large. */
  varint(): number {
    let value = 0;
    for (let factor = 1, count = 0; count < 10; factor *= 128, count++) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw broken(this.at);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw broken(this.at);
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length) throw broken(this.at);
    const taken = this.#bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}

function broken(at: number): Error {
  return inferenceError("model-unusable", `The ONNX file is broken at byte ${at}. Download it again.`);
}

/** Writes a protobuf message. What is large is kept as a view until the end. */
export class WireWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A varint field; negative numbers take ten bytes, as protobuf has them. */
  integer(field: number, value: number | bigint): this {
    return this.#add(varint(BigInt(field * 8 + VARINT)), varint(BigInt.asUintN(64, BigInt(value))));
  }

  float(field: number, value: number): this {
    return this.#add(varint(BigInt(field * 8 + FIXED32)), new Uint8Array(Float32Array.of(value).buffer));
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#add(varint(BigInt(field * 8 + LENGTH_DELIMITED)), varint(BigInt(value.length)), value);
  }

  message(field: number, message: WireWriter): this {
    this.#add(varint(BigInt(field * 8 + LENGTH_DELIMITED)), varint(BigInt(message.#length)));
    return this.#add(...message.#pieces);
  }

  /** Fields as they stand elsewhere. */
  copy(whole: Uint8Array): this {
    return this.#add(whole);
  }

  take(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #add(...pieces: readonly Uint8Array[]): this {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    return this;
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
