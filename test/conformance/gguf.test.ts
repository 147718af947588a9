import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite, test } from "node:test";
import { GGUFValueType, gguf } from "@huggingface/gguf";
import { type GgufHeader, readGgufHeader } from "../../extension/core/weights/gguf/header";
import type { GgufArray, GgufValue } from "../../extension/core/weights/gguf/metadata";
import { openFile } from "../../extension/node/files";
import { temporaryFolder } from "../support/cleanup";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";
import { BLOCK_TYPES } from "../support/weights/ggmlBlocks";
import { GGML_TYPE, type GgufMetadata, writeGguf } from "../support/weights/gguf";
import { tensor } from "../support/weights/tensor";

// @huggingface/gguf reads the same files. It takes U+FEFF at the start of a text for a mark and drops it, though it is a token
// of Llama's vocabulary.

const FOLDER = "tokenizers/ggml-vocab";

const NAMES: Readonly<Record<string, GGUFValueType>> = {
  u8: GGUFValueType.UINT8, i8: GGUFValueType.INT8, u16: GGUFValueType.UINT16, i16: GGUFValueType.INT16, u32: GGUFValueType.UINT32, i32: GGUFValueType.INT32,
  f32: GGUFValueType.FLOAT32, bool: GGUFValueType.BOOL, string: GGUFValueType.STRING, array: GGUFValueType.ARRAY, u64: GGUFValueType.UINT64, i64: GGUFValueType.INT64, f64: GGUFValueType.FLOAT64,
};

async function ours(file: string): Promise<GgufHeader> {
  const access = await openFile(file);
  try {
    return await readGgufHeader({ name: path.basename(file), access });
  } finally {
    await access.close();
  }
}

/** A value as the other reader has it. */
function plain(entry: GgufValue): unknown {
  if (entry.type === "skipped") throw new Error("an array was passed over");
  return entry.type === "array" ? plainArray(entry) : entry.value;
}

function plainArray(entry: GgufArray): unknown[] {
  if (entry.of === "array") return entry.value.map(plainArray);
  if (entry.of === "bool") return [...entry.value].map((value) => value !== 0);
  if (entry.of === "string") return [...entry.value].map((text) => text.replace(/^\ufeff/, ""));
  return [...entry.value];
}

async function compare(file: string): Promise<void> {
  const mine = await ours(file);
  const theirs = await gguf(file, { allowLocalFile: true, typedMetadata: true });
  assert.equal(mine.littleEndian, theirs.littleEndian);
  assert.equal(BigInt(mine.dataStart), theirs.tensorDataOffset);
  const { version, tensor_count: count, kv_count: entries, ...metadata } = theirs.typedMetadata;
  assert.deepEqual([mine.version, BigInt(mine.tensors.size), BigInt(mine.metadata.size)], [version.value, count.value, entries.value]);
  assert.deepEqual([...mine.metadata.keys()], Object.keys(metadata));
  for (const [key, entry] of mine.metadata) {
    const other = metadata[key]!;
    assert.equal(NAMES[entry.type], other.type, key);
    if (entry.type === "array") assert.equal(NAMES[entry.of], other.subType, key);
    assert.deepEqual(plain(entry), other.value, key);
  }
  const codes = new Map(Object.entries(GGML_TYPE));
  const infos = [...mine.tensors].map(([name, { dtype, shape, byteOffset }]) => ({
    name,
    n_dims: shape.length,
    shape: [...shape].reverse().map(BigInt),
    dtype: codes.get(dtype),
    offset: BigInt(byteOffset - mine.dataStart),
  }));
  assert.deepEqual(infos, theirs.tensorInfos);
}

suite("GGUF as @huggingface/gguf reads it", () => {
  const reason = haveFixtures("vocabularies of llama.cpp") ? false : "the reference data is missing";
  const files = reason === false ? filesBelow(FOLDER).filter((file) => file.endsWith(".gguf")) : [];

  test("there are vocabularies", { skip: reason }, () => assert.ok(files.length >= 5, `${files.length} files`));

  for (const file of files) test(file, () => compare(path.join(FIXTURES, FOLDER, file)));

  const metadata: GgufMetadata = {
    "general.architecture": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "array", of: "string", value: ["<s>", "", "é", "😀"] },
    "tokenizer.ggml.scores": { type: "array", of: "f32", value: [-0.5, 1e30] },
    "a.bool": { type: "bool", value: true },
    "a.u64": { type: "u64", value: 2n ** 63n },
    "a.nested": { type: "array", of: "array", value: [{ type: "array", of: "i8", value: [-1] }] },
  };
  const tensors = ["F32", "BF16", ...BLOCK_TYPES].map((dtype) => tensor(`t.${dtype}`, dtype, [2, 3, 256], new Float32Array(2 * 3 * 256)));
  for (const version of [1, 2, 3] as const) {
    for (const bigEndian of [false, true]) {
      test(`a made file of version ${version}${bigEndian ? ", big-endian" : ""}`, async () => {
        const file = path.join(temporaryFolder("gguf"), "m.gguf");
        writeFileSync(file, writeGguf(bigEndian ? tensors.slice(0, 2) : tensors, { metadata, version, bigEndian, alignment: 64 }));
        await compare(file);
      });
    }
  }
});
