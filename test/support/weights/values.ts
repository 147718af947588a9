import type { RowMatrix } from "../../../extension/core/weights/matrix";
import { WeightsError, type WeightsErrorCode } from "../../../extension/core/weights/errors";

/** All values of a matrix, read as its readers do: whole rows, some at a time. */
export async function readMatrix(matrix: RowMatrix, rowsAtOnce = 7): Promise<Float32Array> {
  const values = new Float32Array(matrix.rows * matrix.columns);
  for (let row = 0; row < matrix.rows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, matrix.rows - row);
    const bytes = matrix.access.allocate(count * matrix.rowBytes);
    const read = await matrix.access.read(matrix.byteOffset + row * matrix.rowBytes, bytes);
    if (read !== bytes.length) throw new Error(`${matrix.tensor}: ${read} of ${bytes.length} bytes`);
    matrix.decode(bytes, count, values.subarray(row * matrix.columns, (row + count) * matrix.columns));
  }
  return values;
}

/** Bits of values, with one pattern for NaN, so that -0 and 0 are told apart. */
export function bitsOf(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bits.map((pattern, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : pattern));
}

/** What `assert.rejects` takes for a {@link WeightsError} with this code whose message matches. */
export function weightsError(code: WeightsErrorCode, message: RegExp, byteOffset?: number): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof WeightsError)) throw error;
    const fits = error.code === code && message.test(error.message) && (byteOffset === undefined || error.byteOffset === byteOffset);
    if (!fits) throw new Error(`${error.code} at ${error.byteOffset}: ${error.message}`);
    return true;
  };
}
