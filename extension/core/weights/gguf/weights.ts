import type { OpenedFile } from "../openedFile";
import { type WeightFile, rowMatrix, weightFile } from "../weightFile";
import { readGgufHeader } from "./header";

/**
 * Opens a GGUF file for its tensors; the arrays of its metadata, the vocabulary among them, are passed over.
 * @throws WeightsError as {@link readGgufHeader}.
 */
export async function readGgufWeights(file: OpenedFile): Promise<WeightFile> {
  const { tensors, littleEndian } = await readGgufHeader(file, { keepArray: () => false });
  return weightFile(file, tensors, (name, tensor) => rowMatrix(file, name, tensor, !littleEndian));
}
