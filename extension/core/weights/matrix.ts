import type { RandomAccess } from "../io/ports";

/** A matrix whose rows belong to token ids, where it lies in a file: C order, row after row without gaps. */
export interface RowMatrix {
  /** The file's name, as the model's folder has it. */
  readonly file: string;
  readonly tensor: string;
  /** The element type by the file format's own name: `BF16`, `F8_E4M3`, `Q4_K`. */
  readonly dtype: string;
  readonly rows: number;
  /** Values a row. */
  readonly columns: number;
  /** Bytes a row. */
  readonly rowBytes: number;
  /** Where row 0 begins in {@link access}. */
  readonly byteOffset: number;
  /** Whether the file's numbers have their highest byte first; false when left out. */
  readonly bigEndian?: boolean;
  /** Owned by whoever opened the {@link EmbeddingMatrices}. */
  readonly access: RandomAccess;
  /**
   * Writes the values of `count` whole rows to `out`.
   * @param bytes the rows as they stand in the file, `count * rowBytes` of them, at any alignment.
   * @param out at least `count * columns` long. Every supported type but F64 has all its values among the 32-bit floats.
   */
  decode(bytes: Uint8Array, count: number, out: Float32Array): void;
}

/** The two matrices that token ids index. */
export interface EmbeddingMatrices {
  /** `embed_tokens`. */
  readonly input: RowMatrix;
  /** `lm_head`; the very {@link input} where the two are tied. */
  readonly output: RowMatrix;
  readonly tied: boolean;
  close(): Promise<void>;
}
