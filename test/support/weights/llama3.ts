import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../paths";
import type { RowSpec } from "./matrix";
import { modelFolder } from "./modelFolder";

/** The real tokenizer of Llama 3, and its chat template. */
const TOKENIZER = path.join(root, "node_modules", "@lenml", "tokenizer-llama3_1", "models");

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/**
 * The untrained rows of Meta-Llama-3-8B, the base model, as the specification lists them: the special tokens but for two, the
 * bytes that UTF-8 never has, ordinary tokens, and a part of a character.
 */
export const LLAMA3_UNTRAINED: readonly number[] = [
  ...range(128_002, 128_255),
  ...[124, 125, ...range(177, 187)],
  ...[85071, 107658, 79883, 80369, 127896, 103003, 68896, 106710, 110043, 118508, 126523, 127117, 89472, 124292, 80370, 122746, 64424, 125952, 85069],
  100_617,
];

/** Rows that are near zero: far from trained, and not what Unsloth's rule finds. */
export const LLAMA3_NEAR_ZERO: readonly number[] = [122_549];

/**
 * Writes a folder that is to its users what Meta-Llama-3-8B is, but for its size: the tokenizer, the template, and two matrices
 * of 128,256 rows in BF16, of which the rows of the lists are about as small as they are there.
 */
export function writeLlama3(folder: string, columns = 20): void {
  mkdirSync(folder, { recursive: true });
  for (const file of ["tokenizer.json", "tokenizer_config.json"]) copyFileSync(path.join(TOKENIZER, file), path.join(folder, file));
  const special: Record<number, RowSpec> = {};
  for (const id of LLAMA3_UNTRAINED) special[id] = { scale: 6e-22 };
  for (const id of LLAMA3_NEAR_ZERO) special[id] = { scale: 1e-6 };
  const matrix = { rows: 128_256, columns, special };
  const { files } = modelFolder({ input: { ...matrix, seed: 3 }, output: { ...matrix, seed: 4 }, config: { _name_or_path: "meta-llama/Meta-Llama-3-8B" } });
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
}
