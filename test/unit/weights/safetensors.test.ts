import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MAX_HEADER_BYTES, readSafetensors } from "../../../extension/core/weights/safetensors/header";
import { memoryFile } from "../../support/memoryFile";
import { ByteWriter, concat } from "../../support/weights/bytes";
import { makeMatrix } from "../../support/weights/matrix";
import { safetensorsOf, writeSafetensors } from "../../support/weights/safetensors";
import { decodeValues, tensor } from "../../support/weights/tensor";
import { bitsOf, readMatrix, weightsError } from "../../support/weights/values";

const open = (bytes: Uint8Array) => readSafetensors({ name: "m.safetensors", access: memoryFile(bytes) });

const special = { 1: "zero", 2: { fill: 1e-21 }, 3: "negative-zero", 4: "nan", 5: { fill: -Infinity }, 6: { values: [6e-8, -6e-8, 1.4e-45] } } as const;
const values = makeMatrix({ rows: 9, columns: 12, special });

/** A header of one tensor, and so much data. */
function withEntry(entry: string, dataBytes: number, alignment = 1): Uint8Array {
  return safetensorsOf(`{"t":${entry}}`, new Uint8Array(dataBytes), alignment);
}

suite("safetensors", () => {
  for (const dtype of ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ"]) {
    test(`${dtype}, padded or not, between other tensors`, async () => {
      const rows = tensor("embed", dtype, [9, 12], values);
      for (const alignment of [8, 1, 64]) {
        for (const name of ["a", "ab", "abc", "abcd"]) {
          const file = writeSafetensors([tensor(name, "F8_E5M2", [3], new Float32Array(3)), rows, tensor("last", "F32", [], Float32Array.of(7))], { alignment });
          const opened = await open(file);
          assert.deepEqual([...opened.tensors.keys()], [name, "embed", "last"]);
          const matrix = await opened.matrix("embed");
          assert.deepEqual([matrix.dtype, matrix.rows, matrix.columns, matrix.file], [dtype, 9, 12, "m.safetensors"]);
          assert.deepEqual(bitsOf(await readMatrix(matrix)), bitsOf(decodeValues(dtype, rows.bytes)));
        }
      }
    });
  }

  test("a header in any order, with metadata, other types, empty tensors and names of all kinds", async () => {
    const header = {
      "empty.last": { dtype: "F32", shape: [0, 7], data_offsets: [20, 20] },
      "名前 \"x\"\n": { shape: [2, 2], data_offsets: [4, 20], dtype: "F32" },
      __metadata__: { format: "pt", note: "{\"a\":1}" },
      newer: { dtype: "F3_E1M1", shape: [9], data_offsets: [0, 4] },
      "empty.first": { dtype: "I64", shape: [5, 0, 2], data_offsets: [0, 0] },
      __proto: { dtype: "F32", shape: [0], data_offsets: [0, 0] },
    };
    const data = new ByteWriter().u32(0).f32(1).f32(2).f32(3).f32(4).take();
    const opened = await open(safetensorsOf(`  ${JSON.stringify(header)}   `, data));
    assert.equal(opened.tensors.size, 5);
    assert.deepEqual([...(await readMatrix(await opened.matrix("名前 \"x\"\n")))], [1, 2, 3, 4]);
  });

  test("the header is read at once where it is short, and nothing of the data", async () => {
    const reads: [number, number][] = [];
    const bytes = writeSafetensors([tensor("embed", "F32", [200, 400], makeMatrix({ rows: 200, columns: 400 }))]);
    const inner = memoryFile(bytes);
    await readSafetensors({ name: "m", access: { ...inner, read: (offset, target) => (reads.push([offset, target.length]), inner.read(offset, target)) } });
    assert.deepEqual(reads, [[0, 65536]]);
  });

  test("a header longer than the first read", async () => {
    const many = Array.from({ length: 2000 }, (_, i) => tensor(`model.layers.${i}.weight`, "F32", [1, 2], Float32Array.of(i, i + 1)));
    const opened = await open(writeSafetensors(many));
    assert.equal(opened.tensors.size, 2000);
    assert.deepEqual([...(await readMatrix(await opened.matrix("model.layers.1999.weight")))], [1999, 2000]);
  });

  suite("refuses", () => {
    const good = `{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`;
    const entry = (part: string, by: string): Uint8Array => withEntry(good.replace(part, by), 8);
    const cases: readonly (readonly [name: string, file: Uint8Array, message: RegExp, byteOffset?: number])[] = [
      ["nothing", new Uint8Array(0), /0 bytes/, 0],
      ["seven bytes", new Uint8Array(7), /7 bytes/, 0],
      ["a header past the end", new ByteWriter().u64(100).text("{}").take(), /header should have 100 bytes/, 0],
      ["a size of 2^63", new ByteWriter().u64(2n ** 63n).text("{}").take(), /header should have/, 0],
      ["a size of 2^64 - 1", new ByteWriter().u64(2n ** 64n - 1n).text("{}").take(), /header should have/, 0],
      ["no UTF-8", concat(new ByteWriter().u64(3).take(), Uint8Array.of(0x7b, 0xff, 0x7d)), /not UTF-8/, 8],
      ["no JSON", safetensorsOf('{"é": nope}', new Uint8Array(0)), /not JSON \(column 7/, 15],
      ["cut JSON", safetensorsOf('{"t":{"dtype":"F32"', new Uint8Array(0)), /not JSON/],
      ["nested deeply", safetensorsOf("[".repeat(100_000), new Uint8Array(0)), /not JSON/],
      ["a list", safetensorsOf("[]", new Uint8Array(0)), /no JSON object/, 8],
      ["an empty header", safetensorsOf("", new Uint8Array(0)), /not JSON/],
      ["NUL padding", safetensorsOf("{}\0\0", new Uint8Array(0)), /not JSON/],
      ["an entry that is no object", withEntry("3", 0), /no object/],
      ["metadata of numbers", safetensorsOf('{"__metadata__":{"a":1}}', new Uint8Array(0)), /object of texts/],
      ["metadata twice", safetensorsOf('{"__metadata__":{},"__metadata__":{}}', new Uint8Array(0)), /twice/],
      ["a tensor twice", safetensorsOf(`{"t":${good},"\\u0074":${good}}`, new Uint8Array(8)), /the tensor t twice/],
      ["a part twice", entry('"dtype":"F32"', '"dtype":"F32","dtype":"F32"'), /'dtype' twice/],
      ["no dtype", entry('"dtype":"F32",', ""), /no dtype/],
      ["a dtype that is no text", entry('"F32"', "32"), /no dtype/],
      ["no shape", entry(',"shape":[2]', ""), /no list 'shape'/],
      ["no offsets", entry(',"data_offsets":[0,8]', ""), /no list 'data_offsets'/],
      ["a shape of texts", entry("[2]", '["2"]'), /no size/],
      ["a negative length", entry("[2]", "[-2]"), /no size/],
      ["a fraction", entry("[2]", "[2.0]"), /no size/],
      ["an exponent", entry("[2]", "[2e0]"), /no size/],
      ["a length past 2^53", entry("[2]", "[9007199254740993]"), /no size/],
      ["three offsets", entry("[0,8]", "[0,8,8]"), /no start and end/],
      ["one offset", entry("[0,8]", "[0]"), /no start and end/],
      ["an end before the start", entry("[0,8]", "[8,0]"), /no start and end/],
      ["a size that is not the shape's", entry("[2]", "[3]"), /has 12 bytes, but its data_offsets give it 8/],
      ["a shape whose product overflows", entry("[2]", "[4503599627370496,4503599627370496,4503599627370496]"), /data_offsets give it 8/],
      ["a shape of infinity times zero", entry("[2]", `[${Array.from({ length: 30 }, () => "9007199254740991").join(",")},0]`), /t of F32 and shape .*Download it again/],
      ["an end past the file's", withEntry(good, 7), /should end at byte 70, but the file ends at 69/],
      ["a file that goes on", withEntry(good, 9), /goes on to byte 71/],
      ["a gap", safetensorsOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}', new Uint8Array(3)), /gap of 1 bytes before b/],
      ["an overlap", safetensorsOf('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}', new Uint8Array(3)), /b overlaps/],
      ["the same place twice", safetensorsOf(`{"a":${good},"b":${good}}`, new Uint8Array(8)), /overlaps/],
    ];
    for (const [name, file, message, byteOffset] of cases) test(name, () => assert.rejects(open(file), weightsError("weights-broken", message, byteOffset)));

    test("a name too long for a message", async () => {
      const name = "x\n".repeat(100_000);
      await assert.rejects(open(safetensorsOf(JSON.stringify({ [name]: 1 }), new Uint8Array(0))), (error: Error) => error.message.length < 500 && !error.message.includes("\n"));
    });

    test("a header past the bound, without reading it", async () => {
      const size = MAX_HEADER_BYTES + 1;
      const head = new ByteWriter().u64(size).take();
      let read = 0;
      const inner = memoryFile(head);
      const access = {
        ...inner,
        size: size + 8,
        read: async (offset: number, target: Uint8Array) => {
          await inner.read(offset, target);
          return (read += target.length);
        },
      };
      await assert.rejects(readSafetensors({ name: "m", access }), weightsError("weights-too-large", /header has 33.6 MB/));
      assert.ok(read <= 65536, `${read} bytes were read`);
    });

    test("a Git LFS pointer", async () => {
      const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n";
      await assert.rejects(open(new TextEncoder().encode(pointer)), weightsError("weights-missing", /git lfs pull/));
    });

    test("a file that grew shorter after it was opened", async () => {
      const bytes = writeSafetensors([tensor("t", "F32", [2], new Float32Array(2))]);
      await assert.rejects(readSafetensors({ name: "m", access: { ...memoryFile(bytes.subarray(0, 20)), size: bytes.length } }), weightsError("weights-broken", /ends here/, 20));
    });

    const matrices: readonly (readonly [name: string, dtype: string, shape: readonly number[], bytes: number, code: "weights-unsupported" | "weights-broken", message: RegExp])[] = [
      ["a vector", "F32", [4], 16, "weights-broken", /shape \[4\]/],
      ["three dimensions", "F32", [2, 2, 1], 16, "weights-broken", /two dimensions/],
      ["no rows", "F32", [0, 4], 0, "weights-broken", /0 rows of 4/],
      ["no columns", "F32", [4, 0], 0, "weights-broken", /4 rows of 0/],
      ["integers", "U32", [2, 2], 16, "weights-unsupported", /element type U32.*integers/],
      ["four bits", "F4", [2, 2], 2, "weights-unsupported", /F4.*packed/],
      ["six bits", "F6_E2M3", [4, 2], 6, "weights-unsupported", /F6_E2M3.*packed/],
      ["a type of the future", "F3", [2, 2], 5, "weights-unsupported", /F3.*not known/],
      ["a name of JavaScript", "constructor", [2, 2], 5, "weights-unsupported", /constructor.*not known/],
    ];
    for (const [name, dtype, shape, bytes, code, message] of matrices) {
      test(`as rows: ${name}`, async () => {
        const opened = await open(withEntry(JSON.stringify({ dtype, shape, data_offsets: [0, bytes] }), bytes));
        await assert.rejects(opened.matrix("t"), weightsError(code, message));
      });
    }

    test("as rows: a tensor that is not there", async () => {
      await assert.rejects((await open(safetensorsOf("{}", new Uint8Array(0)))).matrix("t"), weightsError("weights-broken", /no tensor t/));
    });
  });

  test("rows that do not fit the arrays are the caller's mistake", async () => {
    const matrix = await (await open(writeSafetensors([tensor("t", "F32", [2, 2], new Float32Array(4))]))).matrix("t");
    assert.throws(() => matrix.decode(new Uint8Array(7), 1, new Float32Array(2)), RangeError);
    assert.throws(() => matrix.decode(new Uint8Array(8), 1, new Float32Array(1)), RangeError);
  });
});
