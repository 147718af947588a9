import type { RowMatrix } from "../../../../extension/core/weights/matrix";
import { memoryFile } from "../../../support/memoryFile";
import { decodeScalars, encodeScalars, scalarBytes } from "../../../support/weights/scalars";

/** A matrix in memory, of a scalar type; `lead` bytes stand before it, so that it need not be aligned. */
export function matrixOf(dtype: string, columns: number, values: ArrayLike<number>, lead = 3): RowMatrix {
  return matrixOfBytes(dtype, columns, encodeScalars(dtype, values), lead);
}

/** The same from the bytes of its rows. */
export function matrixOfBytes(dtype: string, columns: number, rows: Uint8Array, lead = 3): RowMatrix {
  const rowBytes = columns * (scalarBytes(dtype) ?? 0);
  const file = new Uint8Array(lead + rows.length).fill(0xaa);
  file.set(rows, lead);
  return {
    file: "model.safetensors",
    tensor: "model.embed_tokens.weight",
    dtype,
    rows: rows.length / rowBytes,
    columns,
    rowBytes,
    byteOffset: lead,
    access: memoryFile(file),
    decode: (bytes, count, out) => {
      out.set(decodeScalars(dtype, bytes.subarray(0, count * rowBytes)));
    },
  };
}
