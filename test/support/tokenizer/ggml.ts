import { readFileSync } from "node:fs";
import * as path from "node:path";
import { type GgufMetadata } from "../../../extension/core/weights/gguf/metadata";
import { readGgufHeader } from "../../../extension/core/weights/gguf/header";
import { FIXTURES } from "../fixtures";
import { memoryFile } from "../memoryFile";

const FOLDER = path.join(FIXTURES, "tokenizers/ggml-vocab");

/** llama.cpp's own texts and their tokens for one vocabulary. */
export function ggmlGoldens(name: string): { readonly text: string; readonly ids: readonly number[] }[] {
  const texts = readFileSync(path.join(FOLDER, `ggml-vocab-${name}.gguf.inp`), "utf8").split("\n__ggml_vocab_test__\n");
  const lines = readFileSync(path.join(FOLDER, `ggml-vocab-${name}.gguf.out`), "utf8").split("\n");
  return texts.map((text, i) => ({ text, ids: (lines[i] ?? "").trim().split(/\s+/).filter(Boolean).map(Number) }));
}

export async function ggmlMetadata(name: string): Promise<GgufMetadata> {
  const file = `ggml-vocab-${name}.gguf`;
  const { metadata } = await readGgufHeader({ name: file, access: memoryFile(readFileSync(path.join(FOLDER, file))) });
  return metadata;
}
