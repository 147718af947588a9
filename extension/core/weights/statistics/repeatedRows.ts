import type { CancelSignal } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { readChosenRows } from "./chosenRows";

/**
 * The groups of two or more ids among `ids` whose rows are the same, byte for byte, once they are rounded to three decimals. This
 * is the part of Unsloth's rule (since 2024-08-16) for output rows that are not zero but were never told apart either. Errors
 * as in `readChosenRows`.
 */
export async function repeatedRows(matrix: RowMatrix, ids: Iterable<number>, signal?: CancelSignal): Promise<readonly (readonly number[])[]> {
  const groups = new Map<string, number[]>();
  const row = new Float32Array(matrix.columns);
  await readChosenRows(
    matrix,
    ids,
    (id, bytes) => {
      matrix.decode(bytes, 1, row);
      const key = roundedKey(row);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [id]);
      else group.push(id);
    },
    signal,
  );
  return [...groups.values()].filter((group) => group.length > 1);
}

const word = new DataView(new ArrayBuffer(4));

/**
 * The bits of a 32-bit float rounded to three decimals as numpy does it: times 1000, to the nearest integer with ties to even,
 * by 1000, each step in 32-bit floats. Zeros keep their sign, NaNs their payload.
 */
export function roundedBits(bits: number): number {
  // Processors keep a NaN's payload and make it quiet; JavaScript promises nothing, so it is not computed with.
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits | 0x400000) >>> 0;
  word.setUint32(0, bits);
  word.setFloat32(0, roundToEven(Math.fround(word.getFloat32(0) * 1000)) / 1000);
  return word.getUint32(0);
}

function roundToEven(value: number): number {
  const size = Math.abs(value);
  const floor = Math.floor(size);
  const rest = size - floor;
  const rounded = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return value < 0 || Object.is(value, -0) ? -rounded : rounded;
}

/** 128 bits of a hash (MurmurHash3's mixing in four lanes) in place of the rounded row, which would take as much memory as the matrix. */
function roundedKey(row: Float32Array): string {
  const bits = new Uint32Array(row.buffer, row.byteOffset, row.length);
  const lanes = [0x9747b28c, 0x3c6ef372, 0x1b873593, 0x85ebca6b];
  for (const word of bits) {
    const mixed = Math.imul(rotate(Math.imul(roundedBits(word), 0xcc9e2d51), 15), 0x1b873593);
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = (Math.imul(rotate((lanes[lane] ?? 0) ^ mixed, 13 + lane), 5) + 0xe6546b64 + lane) | 0;
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16)).join("-");
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
