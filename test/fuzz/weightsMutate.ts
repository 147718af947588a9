import type { Random } from "../support/random";
import { concat } from "../support/weights/bytes";
import type { WeightsCase } from "./weightsCorpus";

/** Sizes and counts that readers get wrong. */
const NUMBERS: readonly bigint[] = [0n, 1n, 2n, 7n, 8n, 31n, 32n, 127n, 128n, 255n, 256n, 65535n, 65536n, 2n ** 24n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

const JSON_PIECES = ["-1", "0", "1e9", "9007199254740993", "[]", "{}", "null", '"F4"', '"BF16"', '"\\ud800"', ",", "}", "]", '"a":', " ", "\u0000", '"__metadata__":{}', '"model.embed_tokens.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}'];

/** A few changes to a file, most of them in its structure. */
export function mutateBytes(original: WeightsCase, corpus: readonly WeightsCase[], random: Random): Uint8Array {
  let bytes = original.bytes;
  const changes = 1 + random.int(4);
  for (let i = 0; i < changes; i++) bytes = change(bytes, original, corpus, random);
  // A header that grew or shrank is still a header where its size says so.
  if (original.format === "safetensors" && random.int(2) === 0) bytes = withHeaderSize(bytes, original, bytes.length - original.bytes.length);
  return bytes;
}

function change(bytes: Uint8Array, original: WeightsCase, corpus: readonly WeightsCase[], random: Random): Uint8Array {
  if (bytes.length < 16) return bytes;
  const at = placeIn(original, bytes.length, random);
  switch (random.int(original.format === "safetensors" ? 11 : 9)) {
    case 0: return patched(bytes, at, [(bytes[at] ?? 0) ^ (1 << random.int(8))]);
    case 1: return patched(bytes, at, [random.pick([0, 1, 0x7f, 0x80, 0xff, random.int(256)])]);
    case 2: return patched(bytes, at, numberBytes(random.pick([...NUMBERS, BigInt(bytes.length), BigInt(bytes.length - at)]), random.pick([2, 4, 8]), random.int(8) === 0));
    case 3: return patched(bytes, at, nudged(bytes, at, random));
    case 4: return bytes.subarray(0, random.int(3) === 0 ? random.int(bytes.length) : bytes.length - random.int(100));
    case 5: return concat(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.int(40))));
    case 6: return concat(bytes.subarray(0, at), stretch(bytes, original, random), bytes.subarray(at));
    case 7: return patched(bytes, at, stretch(bytes, original, random));
    case 8: return spliced(bytes, at, random.pick(corpus), random);
    case 9: return concat(bytes.subarray(0, at), new TextEncoder().encode(random.pick(JSON_PIECES)), bytes.subarray(at));
    default: return withDigit(bytes, at, random);
  }
}

function placeIn({ structure }: WeightsCase, length: number, random: Random): number {
  const [start, end] = random.int(10) === 0 ? [0, length] : random.pick(structure);
  return Math.min(length - 1, start + random.int(Math.max(1, end - start)));
}

function patched(bytes: Uint8Array, at: number, by: ArrayLike<number>): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < by.length && at + i < copy.length; i++) copy[at + i] = by[i] ?? 0;
  return copy;
}

function numberBytes(value: bigint, size: number, bigEndian: boolean): number[] {
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  return bigEndian ? bytes.reverse() : bytes;
}

/** The 32-bit number at `at`, a little more or less. */
function nudged(bytes: Uint8Array, at: number, random: Random): number[] {
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return numberBytes(BigInt.asUintN(32, value + BigInt(random.pick([-32, -8, -1, 1, 8, 32]))), 4, false);
}

/** A piece of the file's own structure. */
function stretch(bytes: Uint8Array, original: WeightsCase, random: Random): Uint8Array {
  const from = placeIn(original, bytes.length, random);
  return bytes.subarray(from, from + 1 + random.int(60));
}

/** The head of one file with the tail of another. */
function spliced(bytes: Uint8Array, at: number, other: WeightsCase, random: Random): Uint8Array {
  return concat(bytes.subarray(0, at), other.bytes.subarray(random.int(2) === 0 ? at : random.int(other.bytes.length)));
}

/** The next digit of a JSON text changed. */
function withDigit(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  for (let i = at; i < bytes.length; i++) if ((bytes[i] ?? 0) >= 0x30 && (bytes[i] ?? 0) <= 0x39) return patched(bytes, i, [0x30 + random.int(10)]);
  return bytes;
}

function withHeaderSize(bytes: Uint8Array, original: WeightsCase, grown: number): Uint8Array {
  const size = Number(new DataView(original.bytes.buffer).getBigUint64(0, true)) + grown;
  return size < 0 ? bytes : patched(bytes, 0, numberBytes(BigInt(size), 8, false));
}
