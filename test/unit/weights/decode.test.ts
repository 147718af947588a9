import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";
import { bigEndian, elementType } from "../../../extension/core/weights/decode/elementType";
import { Random } from "../../support/random";
import { BLOCK_TYPES, blockSize } from "../../support/weights/ggmlBlocks";
import { decodeValues, encodeValues } from "../../support/weights/tensor";
import { bitsOf } from "../../support/weights/values";

/**
 * SHA-256 of the values, as 32-bit floats with one NaN, that other programs make of the same bytes: all codes for types of up
 * to 16 bits, else 256 blocks (4,096 values) of random bytes. Blocks: gguf-py 0.19; scalars: torch 2.13 and NumPy 2.4.
 */
const DIGESTS: Readonly<Record<string, string>> = {
  Q4_0: "c420f939a47ba233dc23a7e2cf9b99f7a7123d5442b7ecda9dd7f464d45d0a67",
  Q4_1: "fc51cf0f84d6ed3b687e35231ba2e8aec2d0d55d49c5eaf626f3f956d7f6316c",
  Q5_0: "1097e5dd11934a5ba0ac2105e3dbc7ffb3275ec6ed1421dfd39c9d5ea582de26",
  Q5_1: "ae56d4f515cf1d573d03439b4474e54d06391f8dafc8782042296df3330a1a7f",
  Q8_0: "2f78e9c6863eca0b71d9605e1cfd53b59d758fedd709e2ff50331519746d7a5a",
  Q2_K: "2c1d51e633567987c08e943137ce3be0cab6738d7d5f1c928e537bf3d7e2596d",
  Q3_K: "5830079e509eae9bd92427c62d12d226507e66e4f243461dfef337ae5e56fb32",
  Q4_K: "e780afa0be8d104ed351576e7ff598e57d981df3375376e8b135818170604d18",
  Q5_K: "0c2da6537af3a726035ab0f95baacf47cd040b34026711e87d9f385463eab40a",
  Q6_K: "3e7213a94fa153a15ae42b7cab9bb35019e2c37055c71e644998d70beef43d6b",
  IQ4_NL: "c51a1af732c63522e706c64c1d49f0f37a726dbb7de6642f73e60d2d1bfce383",
  IQ4_XS: "7e47dbf1b20d1d4cc7304b64b7bab1c83cc2fd9ba1ebac225e568f04db78ad53",
  MXFP4: "86ecc07bdf9d3680db7c84b0c90aa1f465f396458ad2dfe1d6ec9490e175fe7e",
  NVFP4: "9066f61261e744c5171cfa572f17f333f110bfa935f020ab8df1db3ca594857b",
  F16: "385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259",
  BF16: "f12e27efe34841dfd6391497b86f389096b03a376586e1d9691bba0a8de3980a",
  F8_E4M3: "422eccfaa21e72a6b26855bb10cdcfead6c1ce3262ecd813c99d8cbf9677f2e2",
  F8_E4M3FNUZ: "ac4866f772a7c08077713fde1fa54131d49c26339c885e971a24fc0fac6e33f4",
  F8_E5M2: "229a94c5f728edf2259da970a0e1dfb45cc1d69cce2b30e37659f3212ec4b8b9",
  F8_E5M2FNUZ: "aac12d2730bf26ca53bfa107a7a6a8df192aba8cf58b971eec9126f83991e6d4",
  F8_E8M0: "2fb2732a956043772ccd2c1664ae5d2558c62f9c06780c04d95f1ff0050f2f2f",
  F32: "0cd931034724c24107f57c3fa20a3869061e76d3b1f7c4a26c47ea7da7bc8e94",
  F64: "7bf1050b99b4e1e385c465967453541f613ba4e339ec879dfdcaedb818e9e10b",
};

function bytesFor(dtype: string): Uint8Array {
  if (dtype === "F16" || dtype === "BF16") return new Uint8Array(Uint16Array.from({ length: 65536 }, (_, code) => code).buffer);
  if (dtype.startsWith("F8")) return Uint8Array.from({ length: 256 }, (_, code) => code);
  const random = new Random(7);
  const length = (blockSize(dtype)?.bytes ?? 0) * 256 || (dtype === "F64" ? 8 : 4) * 4096;
  return Uint8Array.from({ length }, () => random.int(256));
}

/** Decodes as rows are: into a part of a longer array, from the given place of a longer buffer. */
function decode(dtype: string, bytes: Uint8Array, shift = 0): Float32Array {
  const type = elementType(dtype);
  assert.ok(type !== undefined, `${dtype} is not known`);
  const moved = new Uint8Array(bytes.length + shift + 3);
  moved.set(bytes, shift);
  const values = (bytes.length / type.bytes) * type.block;
  const out = new Float32Array(values + 8).fill(42);
  type.decode(moved.subarray(shift, shift + bytes.length), values, out.subarray(4, 4 + values));
  assert.deepEqual([...out.subarray(0, 4), ...out.subarray(4 + values)], new Array(8).fill(42), "wrote past its place");
  return out.slice(4, 4 + values);
}

suite("decoding", () => {
  for (const [dtype, digest] of Object.entries(DIGESTS)) {
    test(`${dtype} as the reference, at any alignment`, () => {
      const bytes = bytesFor(dtype);
      for (const shift of [0, 1, 2, 3, 4, 5]) {
        assert.equal(createHash("sha256").update(bitsOf(decode(dtype, bytes, shift))).digest("hex"), digest, `shifted by ${shift}`);
      }
    });
    test(`${dtype} as its formula, value by value`, () => {
      const bytes = bytesFor(dtype);
      assert.deepEqual(bitsOf(decode(dtype, bytes)), bitsOf(decodeValues(dtype, bytes)));
    });
  }

  test("the generator writes what it reads", () => {
    const values = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i) * 0.05);
    for (const dtype of Object.keys(DIGESTS).filter((name) => name !== "F8_E8M0")) {
      const decoded = decode(dtype, encodeValues(dtype, values));
      const worst = Math.max(...values.map((value, i) => Math.abs(value - (decoded[i] ?? NaN))));
      assert.ok(worst < 0.02, `${dtype} is off by ${worst}`);
    }
  });

  test("rows of zeros and of values too small for a 16-bit scale are zeros", () => {
    // -0 may come out; it counts as zero.
    const rows = Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? 0 : 1e-21));
    for (const dtype of [...BLOCK_TYPES, "F16"].filter((name) => name !== "MXFP4")) {
      assert.ok(decode(dtype, encodeValues(dtype, rows)).every((value) => value === 0), dtype);
    }
    for (const dtype of ["F32", "BF16", "F64"]) {
      const decoded = decode(dtype, encodeValues(dtype, rows));
      assert.ok(decoded.subarray(0, 256).every((value) => value === 0) && decoded.subarray(256).every((value) => value > 0), dtype);
    }
  });

  test("hand-computed blocks", () => {
    const half = (value: number): readonly number[] => ({ 1: [0x00, 0x3c], 0.5: [0x00, 0x38], [-2]: [0x00, 0xc0] })[value] ?? [];
    const block = (size: number, parts: Readonly<Record<number, readonly number[]>>): Uint8Array => {
      const bytes = new Uint8Array(size);
      for (const [at, part] of Object.entries(parts)) bytes.set(part, Number(at));
      return bytes;
    };
    const cases: readonly (readonly [dtype: string, bytes: Uint8Array, values: Readonly<Record<number, number>>])[] = [
      // low half of byte 0: 15, high half: 2
      ["Q4_0", block(18, { 0: half(0.5), 2: [0x2f] }), { 0: 3.5, 16: -3, 1: -4 }],
      ["Q4_1", block(20, { 0: half(0.5), 2: half(-2), 4: [0x2f] }), { 0: 5.5, 16: -1, 1: -2 }],
      // the fifth bits of values 0 and 31
      ["Q5_0", block(22, { 0: half(1), 2: [1, 0, 0, 0x80], 6: [0x0f] }), { 0: 15, 31: 0, 16: -16 }],
      ["Q5_1", block(24, { 0: half(1), 2: half(0.5), 4: [1, 0, 0, 0x80], 8: [0x0f] }), { 0: 31.5, 31: 16.5, 16: 0.5 }],
      ["Q8_0", block(34, { 0: half(-2), 2: [127, 128, 255] }), { 0: -254, 1: 256, 2: 2, 3: -0 }],
      // group 0: scale 3, minimum 2; values 0, 32, 64, 96 are the four pairs of bits of byte 16
      ["Q2_K", block(84, { 0: [0x23, 0, 0x01], 16: [0b11_10_01_00], 80: half(1), 82: half(0.5) }), { 0: -1, 16: 0, 32: 1 }],
      // the scale of group 0 is 33 - 32; the third bit of value 0 is set
      ["Q3_K", block(110, { 0: [1], 32: [3], 96: [1], 104: [2], 108: half(1) }), { 0: 3, 1: -4 }],
      // scale 5 and minimum 7 of group 0; of group 4, scale 1 + 16 and minimum 2 + 32
      ["Q4_K", block(144, { 0: half(1), 2: half(0.5), 4: [0b01_000101, 0, 0, 0, 0b10_000111, 0, 0, 0, 0x21], 16: [0x09], 80: [0x03] }), { 0: 41.5, 128: 34 }],
      ["Q5_K", block(176, { 0: half(1), 2: half(0.5), 4: [5, 0, 0, 0, 7], 16: [1], 48: [0x09] }), { 0: 121.5, 1: -3.5 }],
      // 0 of 6 bits is -32; value 64 has the high half of byte 0
      ["Q6_K", block(210, { 0: [0x1f], 128: [0b01_10_11_01], 192: [2, 0, 0, 0, 0xff], 208: half(0.5) }), { 0: -1, 1: -32, 64: -0.5 }],
      ["IQ4_NL", block(18, { 0: half(0.5), 2: [0xf0] }), { 0: -63.5, 16: 56.5 }],
      // the scale of group 1 is 16 * 3 + 15 - 32
      ["IQ4_XS", block(136, { 0: half(1), 2: [0b1100, 0], 4: [0xf0], 24: [0x98] }), { 32: 31, 48: 403 }],
      // 2 ** (128 - 128) * 12, and -3
      ["MXFP4", block(17, { 0: [128], 1: [0xd7] }), { 0: 12, 16: -6, 1: 0 }],
      // 0x38 is 1.0, halved; 0x7f is zero, 0x01 the smallest
      ["NVFP4", block(36, { 0: [0x38, 0x7f, 0x01], 4: [0xd7], 12: [0x77], 20: [0x01] }), { 0: 6, 8: -3, 16: 0, 32: 2 ** -10 }],
    ];
    for (const [dtype, bytes, expected] of cases) {
      const values = decode(dtype, bytes);
      for (const [index, value] of Object.entries(expected)) assert.equal(values[Number(index)], value, `${dtype}[${index}]`);
    }
  });

  test("in the other byte order", () => {
    const values = Float32Array.of(1, -0, 1e-21, -3.5, NaN, Infinity, 6e-8);
    for (const dtype of ["F32", "F64", "BF16", "F16"]) {
      const type = elementType(dtype)!;
      const bytes = encodeValues(dtype, values);
      const swapped = bytes.map((_, i) => bytes[i - (i % type.bytes) + type.bytes - 1 - (i % type.bytes)]!);
      const out = new Float32Array(values.length);
      bigEndian(type)!.decode(swapped, values.length, out);
      assert.deepEqual(bitsOf(out), bitsOf(decodeValues(dtype, bytes)), dtype);
    }
    assert.equal(bigEndian(elementType("Q4_0")!), undefined);
  });

  test("names that are no types", () => {
    for (const name of ["", "U32", "F4", "toString", "__proto__", "IQ2_XS"]) assert.equal(elementType(name), undefined, name);
  });
});
