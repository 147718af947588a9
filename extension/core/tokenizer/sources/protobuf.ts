import { VocabularyError } from "./errors";

/** A field of a protocol-buffers message, with the part of the file that holds its value. */
export interface ProtobufField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 bytes with a length before them, 5 four bytes. */
  readonly wireType: number;
  /** The value of a varint. Beyond 2^53 it is rounded: no field of ours is that large. */
  readonly value: number;
  /** The value's bytes. */
  readonly start: number;
  readonly end: number;
}

/**
 * The fields of the message in `bytes[start, end)`, in the file's order.
 * @throws VocabularyError `vocabulary-damaged` where the bytes are none.
 */
export function* protobufFields(bytes: Uint8Array, start = 0, end = bytes.length): Iterable<ProtobufField> {
  let at = start;
  while (at < end) {
    const key = readVarint(bytes, at, end);
    const wireType = key.value % 8;
    const number = Math.floor(key.value / 8);
    const field = readValue(bytes, key.end, end, wireType);
    yield { number, wireType, ...field };
    at = field.end;
  }
}

function readValue(bytes: Uint8Array, at: number, end: number, wireType: number): { value: number; start: number; end: number } {
  if (wireType === 0) {
    const varint = readVarint(bytes, at, end);
    return { value: varint.value, start: at, end: varint.end };
  }
  const length = wireType === 2 ? readVarint(bytes, at, end) : { value: wireType === 1 ? 8 : 4, end: at };
  if (wireType !== 1 && wireType !== 2 && wireType !== 5) throw damaged(`Wire type ${wireType} is not one of protocol buffers`, at);
  if (length.value > end - length.end) throw damaged(`A field of ${length.value} bytes does not fit`, at);
  return { value: 0, start: length.end, end: length.end + length.value };
}

/** A varint has at most ten bytes. */
const MAX_VARINT_BYTES = 10;

function readVarint(bytes: Uint8Array, start: number, end: number): { value: number; end: number } {
  let value = 0;
  let factor = 1;
  for (let at = start; at < Math.min(end, start + MAX_VARINT_BYTES); at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
    factor *= 0x80;
  }
  throw damaged("A number does not end", start);
}

function damaged(what: string, byteOffset: number): VocabularyError {
  return new VocabularyError("vocabulary-damaged", `${what}: the file is damaged or not a SentencePiece model. Download it again.`, byteOffset);
}
