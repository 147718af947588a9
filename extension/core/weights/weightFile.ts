import { type ElementType, bigEndian, elementType } from "./decode/elementType";
import { brokenFile, WeightsError } from "./errors";
import type { RowMatrix } from "./matrix";
import type { OpenedFile } from "./openedFile";

/** A tensor of an opened file. */
export interface TensorPlace {
  readonly dtype: string;
  /** In C order: rows, then columns. */
  readonly shape: readonly number[];
  readonly byteOffset: number;
}

/** A file whose tensors can be looked up by name. */
export interface WeightFile {
  readonly file: OpenedFile;
  readonly tensors: ReadonlyMap<string, unknown>;
  /** The tensor of this name as rows. @throws WeightsError where it is not there, or cannot be read as such. */
  matrix(tensor: string): Promise<RowMatrix>;
}

/** A file with these tensors, of which `open` makes rows. */
export function weightFile<T>(file: OpenedFile, tensors: ReadonlyMap<string, T>, open: (name: string, tensor: T) => RowMatrix | Promise<RowMatrix>): WeightFile {
  const matrix = async (name: string): Promise<RowMatrix> => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw brokenFile(file.name, undefined, `it has no tensor ${name}, though the model's index says so`);
    return open(name, tensor);
  };
  return { file, tensors, matrix };
}

/** A larger matrix is no embedding. The largest vocabularies have a million rows, the widest models 20,000 columns. */
const MAX_DIMENSION = 2 ** 31;

/**
 * A tensor as a matrix of rows.
 * @throws WeightsError `weights-unsupported` for an element type without decoder, `weights-broken` where the tensor is no
 * matrix, does not consist of whole blocks, or lies outside of the file.
 */
export function rowMatrix({ name: file, access }: OpenedFile, tensor: string, place: TensorPlace, bigEndianFile = false): RowMatrix {
  const { dtype, shape, byteOffset } = place;
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw brokenFile(file, byteOffset, `${tensor} has the shape [${shape.join(", ")}], but a matrix of embedding rows has two dimensions`);
  }
  if (rows === 0 || columns === 0 || rows > MAX_DIMENSION || columns > MAX_DIMENSION) {
    throw brokenFile(file, byteOffset, `${tensor} has ${rows} rows of ${columns} values`);
  }
  const type = rowType(file, tensor, dtype, bigEndianFile);
  if (columns % type.block !== 0) {
    throw brokenFile(file, byteOffset, `${tensor} has ${columns} columns, which are no whole blocks of ${type.block} values of ${dtype}`);
  }
  const rowBytes = (columns / type.block) * type.bytes;
  if (!Number.isSafeInteger(rows * rowBytes) || byteOffset + rows * rowBytes > access.size) {
    throw brokenFile(file, byteOffset, `${tensor} should have ${rows * rowBytes} bytes from here, but the file ends at ${access.size}`);
  }
  const decode = (bytes: Uint8Array, count: number, out: Float32Array): void => {
    if (bytes.length < count * rowBytes || out.length < count * columns) throw new RangeError("The rows to decode do not fit the arrays.");
    type.decode(bytes, count * columns, out);
  };
  return { file, tensor, dtype, rows, columns, rowBytes, byteOffset, bigEndian: bigEndianFile, access, decode };
}

function rowType(file: string, tensor: string, dtype: string, bigEndianFile: boolean): ElementType {
  const type = elementType(dtype);
  const why = Object.hasOwn(UNREADABLE, dtype) ? UNREADABLE[dtype] : undefined;
  if (type === undefined) throw unsupportedType(file, tensor, dtype, why ?? "this type is not known here");
  if (!bigEndianFile || type.bytes === 1) return type;
  const turned = bigEndian(type);
  if (turned === undefined) throw unsupportedType(file, tensor, dtype, "the byte order of its blocks in big-endian files is not settled");
  return turned;
}

function unsupportedType(file: string, tensor: string, dtype: string, why: string): WeightsError {
  const message = `${tensor} in ${file} has the element type ${dtype}, which is not read: ${why}. Use the model's unquantised weights, or a GGUF file whose token_embd is F16, BF16, Q8_0 or a K type.`;
  return new WeightsError("weights-unsupported", message, { file });
}

const INTEGERS = "integers are no embeddings without the scales that some quantisation keeps beside them";
const SUB_BYTE = "how values of less than a byte are packed is not documented";
const GRIDS = "its values come from tables that are not built in";

/** Why a known type is not read. */
const UNREADABLE: Readonly<Record<string, string>> = {
  BOOL: INTEGERS, U8: INTEGERS, I8: INTEGERS, U16: INTEGERS, I16: INTEGERS, U32: INTEGERS, I32: INTEGERS, U64: INTEGERS, I64: INTEGERS,
  F4: SUB_BYTE, F6_E2M3: SUB_BYTE, F6_E3M2: SUB_BYTE,
  C64: "embeddings are real numbers",
  IQ1_S: GRIDS, IQ1_M: GRIDS, IQ2_XXS: GRIDS, IQ2_XS: GRIDS, IQ2_S: GRIDS, IQ3_XXS: GRIDS, IQ3_S: GRIDS,
};
