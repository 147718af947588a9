import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readGgufHeader } from "../../../extension/core/weights/gguf/header";
import { MAX_ARRAY_LENGTH, MAX_HEADER_BYTES, MAX_NESTED_ARRAYS } from "../../../extension/core/weights/gguf/limits";
import { metadataBoolean, metadataNumber, metadataNumbers, metadataText, metadataTexts } from "../../../extension/core/weights/gguf/metadata";
import { readGgufWeights } from "../../../extension/core/weights/gguf/weights";
import type { WeightsErrorCode } from "../../../extension/core/weights/errors";
import type { RandomAccess } from "../../../extension/core/io/ports";
import { memoryFile } from "../../support/memoryFile";
import { ByteWriter } from "../../support/weights/bytes";
import { BLOCK_TYPES } from "../../support/weights/ggmlBlocks";
import { GGUF_VALUE, type GgufMetadata, type GgufOptions, type GgufValueType, writeGguf } from "../../support/weights/gguf";
import { makeMatrix } from "../../support/weights/matrix";
import { type TensorData, decodeValues, tensor } from "../../support/weights/tensor";
import { bitsOf, readMatrix, weightsError } from "../../support/weights/values";

const fileOf = (bytes: Uint8Array) => ({ name: "m.gguf", access: memoryFile(bytes) });
const header = (tensors: readonly TensorData[], options?: GgufOptions) => readGgufHeader(fileOf(writeGguf(tensors, options)));

const special = { 1: "zero", 2: { fill: 1e-21 }, 3: "negative-zero", 4: { below: 0.5 } } as const;
const values = makeMatrix({ rows: 5, columns: 256, special });

const METADATA: GgufMetadata = {
  "general.architecture": { type: "string", value: "llama" },
  "general.name": { type: "string", value: "é 😀 \u0000 end" },
  empty: { type: "string", value: "" },
  u8: { type: "u8", value: 255 },
  i8: { type: "i8", value: -1 },
  u16: { type: "u16", value: 65535 },
  i16: { type: "i16", value: -2 },
  u32: { type: "u32", value: 4294967295 },
  i32: { type: "i32", value: -3 },
  f32: { type: "f32", value: 0.5 },
  f64: { type: "f64", value: 1e-300 },
  u64: { type: "u64", value: 2n ** 64n - 1n },
  i64: { type: "i64", value: -(2n ** 63n) },
  yes: { type: "bool", value: true },
  no: { type: "bool", value: false },
  "tokenizer.ggml.tokens": { type: "array", of: "string", value: ["<s>", "", "Ġa", "é", new Uint8Array([0xff, 0x41])] },
  "tokenizer.ggml.scores": { type: "array", of: "f32", value: [0, -1.5, -Infinity] },
  "tokenizer.ggml.token_type": { type: "array", of: "i32", value: [3, 1, -1] },
  flags: { type: "array", of: "bool", value: [true, false, true] },
  bytes: { type: "array", of: "u8", value: [0, 255] },
  signed: { type: "array", of: "i8", value: [-128, 127] },
  shorts: { type: "array", of: "u16", value: [65535] },
  signedShorts: { type: "array", of: "i16", value: [-32768] },
  words: { type: "array", of: "u32", value: [4294967295] },
  longs: { type: "array", of: "u64", value: [2n ** 63n] },
  signedLongs: { type: "array", of: "i64", value: [-1n] },
  doubles: { type: "array", of: "f64", value: [1e300] },
  none: { type: "array", of: "string", value: [] },
  nested: { type: "array", of: "array", value: [{ type: "array", of: "u8", value: [1, 2] }, { type: "array", of: "array", value: [{ type: "array", of: "string", value: ["x"] }] }] },
};

/** Counts what is read of a file. */
function counted(bytes: Uint8Array): { readonly access: RandomAccess; readonly reads: [offset: number, length: number][] } {
  const reads: [number, number][] = [];
  const inner = memoryFile(bytes);
  return { reads, access: { ...inner, read: (offset, target) => (reads.push([offset, target.length]), inner.read(offset, target)) } };
}

suite("GGUF", () => {
  for (const version of [1, 2, 3] as const) {
    for (const bigEndian of [false, true]) {
      test(`metadata of version ${version}${bigEndian ? ", big-endian" : ""}`, async () => {
        const found = await header([], { metadata: METADATA, version, bigEndian });
        assert.equal(found.version, version);
        assert.equal(found.littleEndian, !bigEndian);
        assert.deepEqual([...found.metadata.keys()], Object.keys(METADATA));
        for (const [key, entry] of Object.entries(METADATA)) {
          if (entry.type === "array") continue;
          assert.deepEqual(found.metadata.get(key), entry, key);
        }
        const { metadata } = found;
        const tokens = metadataTexts(metadata, "tokenizer.ggml.tokens");
        assert.deepEqual([...tokens!], ["<s>", "", "Ġa", "é", "\ufffdA"]);
        assert.deepEqual([...tokens!.bytesAt(4)], [0xff, 0x41]);
        assert.throws(() => tokens!.at(5), RangeError);
        assert.throws(() => tokens!.at(-1), RangeError);
        for (const key of ["tokenizer.ggml.scores", "tokenizer.ggml.token_type", "bytes", "signed", "shorts", "signedShorts", "words", "doubles"]) {
          assert.deepEqual([...metadataNumbers(metadata, key)!], METADATA[key]!.value, key);
        }
        assert.deepEqual(metadata.get("longs"), { type: "array", of: "u64", value: BigUint64Array.of(2n ** 63n) });
        assert.deepEqual(metadata.get("signedLongs"), { type: "array", of: "i64", value: BigInt64Array.of(-1n) });
        assert.deepEqual(metadata.get("flags"), { type: "array", of: "bool", value: Uint8Array.of(1, 0, 1) });
        assert.equal(metadataTexts(metadata, "none")?.length, 0);
        const nested = metadata.get("nested");
        assert.ok(nested?.type === "array" && nested.of === "array");
        assert.deepEqual(nested.value[0], { type: "array", of: "u8", value: Uint8Array.of(1, 2) });
        assert.ok(nested.value[1]?.of === "array" && nested.value[1].value[0]?.of === "string");
        assert.deepEqual([...nested.value[1].value[0].value], ["x"]);
      });
    }
  }

  test("getters give nothing where the type is another", async () => {
    const { metadata } = await header([], { metadata: METADATA });
    assert.equal(metadataText(metadata, "general.architecture"), "llama");
    assert.equal(metadataNumber(metadata, "u64"), 2 ** 64);
    assert.equal(metadataNumber(metadata, "i8"), -1);
    assert.equal(metadataBoolean(metadata, "yes"), true);
    for (const key of ["u8", "missing", "flags", "nested"]) assert.equal(metadataText(metadata, key), undefined, key);
    for (const key of ["yes", "general.name", "bytes", "missing"]) assert.equal(metadataNumber(metadata, key), undefined, key);
    for (const key of ["u8", "missing"]) assert.equal(metadataBoolean(metadata, key), undefined, key);
    for (const key of ["bytes", "general.name", "nested", "missing"]) assert.equal(metadataTexts(metadata, key), undefined, key);
    for (const key of ["tokenizer.ggml.tokens", "longs", "u8", "flags", "nested", "missing"]) assert.equal(metadataNumbers(metadata, key), undefined, key);
  });

  test("arrays that are not asked for are passed over", async () => {
    const bytes = writeGguf([tensor("t", "F32", [2], Float32Array.of(1, 2))], { metadata: METADATA });
    const { metadata, tensors } = await readGgufHeader(fileOf(bytes), { keepArray: (key) => key === "flags" });
    assert.deepEqual(metadata.get("tokenizer.ggml.tokens"), { type: "skipped", of: "string", length: 5 });
    assert.deepEqual(metadata.get("nested"), { type: "skipped", of: "array", length: 2 });
    assert.deepEqual(metadata.get("longs"), { type: "skipped", of: "u64", length: 1 });
    assert.equal(metadata.get("flags")?.type, "array");
    assert.deepEqual([...tensors.keys()], ["t"]);
  });

  test("a large vocabulary, across the chunks in which it is read", async () => {
    const texts = Array.from({ length: 180_000 }, (_, i) => `Ġtoken ${i}`);
    const metadata: GgufMetadata = {
      "tokenizer.ggml.tokens": { type: "array", of: "string", value: texts },
      "tokenizer.ggml.scores": { type: "array", of: "f32", value: texts.map((_, i) => -i) },
      "tokenizer.chat_template": { type: "string", value: "{{ x }}".repeat(400_000) },
    };
    const bytes = writeGguf([tensor("token_embd.weight", "F16", [3, 32], makeMatrix({ rows: 3, columns: 32 }))], { metadata });
    const whole = counted(bytes);
    const found = await readGgufHeader({ name: "m", access: whole.access });
    const tokens = metadataTexts(found.metadata, "tokenizer.ggml.tokens")!;
    assert.equal(tokens.length, texts.length);
    assert.deepEqual([...tokens], texts);
    assert.equal(metadataNumbers(found.metadata, "tokenizer.ggml.scores")!.at(-1), -179_999);
    assert.equal(metadataText(found.metadata, "tokenizer.chat_template")!.length, 2_800_000);
    assert.ok(whole.reads.length < 12, `${whole.reads.length} reads`);
    const passed = counted(bytes);
    const without = await readGgufHeader({ name: "m", access: passed.access }, { keepArray: () => false });
    assert.deepEqual([...without.tensors], [...found.tensors]);
    const read = passed.reads.reduce((sum, [, length]) => sum + length, 0);
    assert.ok(read < bytes.length + 1e6, `${read} of ${bytes.length} bytes`);
  });

  for (const dtype of ["F32", "F16", "BF16", "F64", ...BLOCK_TYPES]) {
    test(`${dtype} rows`, async () => {
      const rows = tensor("token_embd.weight", dtype, [5, 256], values);
      const others = [tensor("a", "F32", [3], Float32Array.of(1, 2, 3)), tensor("b", "Q8_0", [2, 2, 32], new Float32Array(128))];
      for (const alignment of [32, 1, 64, 4096]) {
        const opened = await readGgufWeights(fileOf(writeGguf([others[0]!, rows, others[1]!], { metadata: METADATA, alignment })));
        const matrix = await opened.matrix("token_embd.weight");
        assert.deepEqual([matrix.dtype, matrix.rows, matrix.columns, matrix.byteOffset % alignment], [dtype, 5, 256, 0]);
        assert.deepEqual(bitsOf(await readMatrix(matrix)), bitsOf(decodeValues(dtype, rows.bytes)));
      }
    });
  }

  for (const dtype of ["F32", "F16", "BF16"]) {
    test(`${dtype} rows, big-endian`, async () => {
      const rows = tensor("token_embd.weight", dtype, [5, 256], values);
      const matrix = await (await readGgufWeights(fileOf(writeGguf([rows], { bigEndian: true })))).matrix("token_embd.weight");
      assert.deepEqual(bitsOf(await readMatrix(matrix)), bitsOf(decodeValues(dtype, rows.bytes)));
    });
  }

  suite("refuses", () => {
    const begin = (tensors: number | bigint, entries: number | bigint, version = 3): ByteWriter => new ByteWriter().text("GGUF").u32(version).u64(tensors).u64(entries);
    const string = (to: ByteWriter, text: string): ByteWriter => to.u64(text.length).text(text);
    const entry = (type: GgufValueType | number, write: (to: ByteWriter) => void, entries = 1): Uint8Array => {
      const to = string(begin(0, entries), "key").u32(typeof type === "number" ? type : GGUF_VALUE[type]);
      write(to);
      return to.take();
    };
    const info = (shape: readonly (number | bigint)[], type: number, offset: number | bigint, dataBytes = 64, count = 1): Uint8Array => {
      const to = begin(count, 0);
      for (let i = 0; i < count; i++) {
        string(to, `t${i}`).u32(shape.length);
        for (const size of shape) to.u64(size);
        to.u32(type).u64(offset);
      }
      return to.pad(32).bytes(new Uint8Array(dataBytes)).take();
    };
    const array = (of: number, length: number | bigint): Uint8Array => entry("array", (to) => to.u32(of).u64(length));
    const nest = (depth: number): Uint8Array => entry("array", (to) => {
      for (let i = 1; i < depth; i++) to.u32(9).u64(1);
      to.u32(0).u64(1).u8(7);
    });
    const twice = string(string(begin(0, 2), "key").u32(0).u8(1), "key").u32(0).u8(1).take();
    const overlapping = info([8], 0, 0, 64, 2);
    const sameName = (() => {
      const to = begin(2, 0);
      for (const offset of [0, 32]) string(to, "t").u32(1).u64(1).u32(0).u64(offset);
      return to.pad(32).bytes(new Uint8Array(64)).take();
    })();

    const cases: readonly (readonly [name: string, file: Uint8Array, message: RegExp, code?: WeightsErrorCode, byteOffset?: number])[] = [
      ["nothing", new Uint8Array(0), /0 bytes/],
      ["another format", new TextEncoder().encode("GGML and so on"), /does not begin with GGUF/, "weights-broken", 0],
      ["version 4", begin(0, 0, 4).take(), /version 4/, "weights-unsupported", 4],
      ["version 0", begin(0, 0, 0).take(), /version 0/, "weights-unsupported"],
      ["a cut header", begin(0, 1).take().subarray(0, 20), /8 bytes should follow, but it ends at 20/],
      ["counts of 2^64 - 1", begin(2n ** 64n - 1n, 0).take(), /tensors/, "weights-too-large"],
      ["metadata counts of 2^63", begin(0, 2n ** 63n).take(), /metadata entries/, "weights-too-large"],
      ["more entries than there are", begin(0, 3).take(), /should follow/],
      ["a key past the end", begin(0, 1).u64(100).take(), /text of 100 bytes goes on past/],
      ["a key of 2^63 bytes", begin(0, 1).u64(2n ** 63n).take(), /goes on past/],
      ["a long key", begin(0, 1).u64(70_000).bytes(new Uint8Array(80_000)).take(), /text has 70 kB/, "weights-too-large"],
      ["a type that is none", entry(13, () => undefined), /no type of value 13/, "weights-broken", 35],
      ["a long text", entry("string", (to) => to.u64(17 << 20).bytes(new Uint8Array(17 << 20))), /17.8 MB/, "weights-too-large"],
      ["an array of a type that is none", array(99, 1), /no type of value 99/],
      ["an array past the end", array(4, 5), /5 values goes on past/],
      ["an array of 2^64 - 1 texts", array(8, 2n ** 64n - 1n), /an array has/, "weights-too-large"],
      ["a long array", array(0, MAX_ARRAY_LENGTH + 1), /an array has/, "weights-too-large"],
      ["an array of texts that end early", entry("array", (to) => to.u32(8).u64(2).u64(3).text("abc").u64(9).text("abc")), /text of 9 bytes/],
      ["deep arrays", nest(6), /nest arrays/, "weights-too-large"],
      ["very deep arrays", nest(100_000), /nest arrays/, "weights-too-large"],
      ["many arrays within arrays", entry("array", (to) => to.u32(9).u64(MAX_NESTED_ARRAYS + 1).bytes(new Uint8Array(12 * (MAX_NESTED_ARRAYS + 1)))), /many arrays within arrays/, "weights-too-large"],
      ["a key twice", twice, /key twice/],
      ["an alignment of 0", writeGguf([], { alignment: 1, metadata: {} }).map((byte, i, all) => (i === all.length - 4 ? 0 : byte)), /no power of two/],
      ["an alignment of 48", writeGguf([], { alignment: 48 }), /no power of two/],
      ["an alignment that is no u32", writeGguf([], { metadata: { "general.alignment": { type: "u64", value: 32 } } }), /no power of two/],
      ["five dimensions", info([1, 1, 1, 1, 1], 0, 0), /5 dimensions/],
      ["2^31 dimensions", string(begin(1, 0), "t").u32(2 ** 31).bytes(new Uint8Array(64)).take(), /dimensions/],
      ["a size that cannot be counted", info([2n ** 40n, 2n ** 40n], 0, 0), /more values than can be counted/],
      ["a dimension of 2^64 - 1", info([2n ** 64n - 1n], 0, 0), /more values than can be counted/],
      ["rows of broken blocks", info([33], 8, 0), /no whole blocks of 32 values of Q8_0/],
      ["data past the end", info([17], 0, 0), /should end at byte 132, but the file ends at 128/, "weights-broken", 24],
      ["an offset past the end", info([1], 0, 2n ** 62n), /but the file ends/],
      ["an offset of 2^64 - 32", info([1], 0, 2n ** 64n - 32n), /but the file ends/],
      ["an unaligned offset", info([1], 0, 4), /multiple of 32/],
      ["an overlap", overlapping, /overlaps/],
      ["a name twice", sameName, /tensor t twice/],
      ["a cut table", info([1], 0, 0).subarray(0, 50), /should follow/],
    ];
    for (const [name, file, message, code, byteOffset] of cases) {
      test(name, () => assert.rejects(readGgufHeader(fileOf(file)), weightsError(code ?? "weights-broken", message, byteOffset)));
    }

    test("a Git LFS pointer", async () => {
      const pointer = new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
      await assert.rejects(readGgufHeader(fileOf(pointer)), weightsError("weights-missing", /git lfs pull/));
    });

    test("a header past the bound", async () => {
      // 20 texts of 16 MB each, of which the file has no byte but their lengths.
      const text = 16 * 1024 * 1024 - 64;
      const start = begin(0, 20).take();
      const size = start.length + 20 * (8 + 3 + 4 + 8 + text);
      const step = 8 + 3 + 4 + 8 + text;
      const fill = (offset: number, target: Uint8Array): void => {
        for (let at = 0; at < 20; at++) {
          const record = string(new ByteWriter(), `k${String.fromCharCode(65 + at)}_`).u32(GGUF_VALUE.string).u64(text).take();
          place(target, offset, start.length + at * step, record);
        }
        place(target, offset, 0, start);
      };
      const access: RandomAccess = { ...memoryFile(""), size, read: (offset, target) => (target.fill(0), fill(offset, target), Promise.resolve(Math.min(target.length, size - offset))) };
      await assert.rejects(readGgufHeader({ name: "m", access }), weightsError("weights-too-large", /metadata go on; at most 268.4 MB/));
      assert.ok(size > MAX_HEADER_BYTES);
    });

    test("as rows: types that cannot be", async () => {
      const types: readonly (readonly [code: number, columns: number, bytes: number, message: RegExp])[] = [
        [16, 256, 66, /IQ2_XXS.*tables/],
        [26, 1, 4, /I32.*integers/],
        [34, 256, 54, /TQ1_0.*not known/],
        [77, 4, 4, /type 77.*not known/],
      ];
      for (const [code, columns, bytes, message] of types) {
        const opened = await readGgufWeights(fileOf(info([columns, 1], code, 0, bytes)));
        await assert.rejects(opened.matrix("t0"), weightsError("weights-unsupported", message));
      }
    });

    test("as rows: blocks of a big-endian file", async () => {
      const bytes = writeGguf([tensor("token_embd.weight", "F32", [1, 32], new Float32Array(32))], { bigEndian: true });
      // F32 to Q8_0, whose rows are shorter.
      const at = bytes.findIndex((_, i) => String.fromCharCode(...bytes.subarray(i, i + 6)) === "weight") + 6 + 4 + 16;
      bytes[at + 3] = 8;
      const opened = await readGgufWeights(fileOf(bytes));
      await assert.rejects(opened.matrix("token_embd.weight"), weightsError("weights-unsupported", /byte order/));
    });
  });
});

/** Copies the part of `bytes`, which stand at `at` of a file, that the window beginning at `offset` shows. */
function place(window: Uint8Array, offset: number, at: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const to = at + i - offset;
    if (to >= 0 && to < window.length) window[to] = bytes[i]!;
  }
}
