import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MAX_VALUES } from "../../../extension/core/weights/torch/pickle";
import { MAX_PICKLE_BYTES, readTorch } from "../../../extension/core/weights/torch/weights";
import type { RandomAccess } from "../../../extension/core/io/ports";
import { memoryFile } from "../../support/memoryFile";
import { ByteWriter, concat } from "../../support/weights/bytes";
import { makeMatrix } from "../../support/weights/matrix";
import { decodeValues, tensor } from "../../support/weights/tensor";
import { PickleWriter, type TorchTensor, torchOf, writeTorch } from "../../support/weights/torch";
import { bitsOf, readMatrix, weightsError } from "../../support/weights/values";
import { writeZip } from "../../support/weights/zip";

const fileOf = (bytes: Uint8Array, access: RandomAccess = memoryFile(bytes)) => ({ name: "m.bin", access });
const open = (bytes: Uint8Array) => readTorch(fileOf(bytes));

const special = { 1: "zero", 2: { fill: 1e-21 }, 3: "negative-zero", 4: "nan" } as const;
const values = makeMatrix({ rows: 6, columns: 10, special });
const rows = (name: string, dtype = "BF16"): TorchTensor => tensor(name, dtype, [6, 10], values);

/** An archive with a pickle of protocol 2 whose opcodes are these. */
function withPickle(build: (to: PickleWriter) => PickleWriter, data: readonly Uint8Array[] = [new Uint8Array(64)]): Uint8Array {
  return torchOf(build(new PickleWriter()).take(), data);
}

/** A dictionary with one tensor, of the opcodes that make it. */
const dictOf = (build: (to: PickleWriter) => PickleWriter): Uint8Array => withPickle((to) => build(to.op("}").mark().string("t")).op("u").op("."));

suite("torch", () => {
  for (const dtype of ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"]) {
    test(`${dtype} rows, in every kind of archive`, async () => {
      const expected = bitsOf(decodeValues(dtype, rows("x", dtype).bytes));
      for (const options of [{}, { alignment: 1, descriptors: false }, { zip64: true }, { folder: "some model" }, { moduleMetadata: true }, { under: "state_dict" }, { under: "model", moduleMetadata: true }]) {
        const opened = await open(writeTorch([{ ...tensor("bias", "F32", [3], Float32Array.of(1, 2, 3)) }, { ...rows("embed", dtype), parameter: true }, rows("head", dtype)], options));
        assert.deepEqual([...opened.tensors.keys()], ["bias", "embed", "head"], JSON.stringify(options));
        for (const name of ["embed", "head"]) {
          const matrix = await opened.matrix(name);
          assert.deepEqual([matrix.dtype, matrix.rows, matrix.columns], [dtype, 6, 10]);
          assert.deepEqual(bitsOf(await readMatrix(matrix)), expected, JSON.stringify(options));
        }
      }
    });
  }

  test("shared storages, and windows onto them", async () => {
    const opened = await open(writeTorch([
      rows("embed", "F32"),
      { ...rows("head", "F32"), sharedWith: "embed" },
      { ...rows("tail", "F32"), sharedWith: "embed", shape: [4, 10], storageOffset: 20 },
      { ...rows("one", "F32"), sharedWith: "embed", shape: [1, 10], storageOffset: 30, stride: [77, 1] },
      { ...rows("column", "F32"), sharedWith: "embed", shape: [5, 1], stride: [1, 9] },
    ]));
    const [embed, head, tail, one, column] = await Promise.all(["embed", "head", "tail", "one", "column"].map((name) => opened.matrix(name)));
    assert.equal(head!.byteOffset, embed!.byteOffset);
    assert.equal(tail!.byteOffset, embed!.byteOffset + 80);
    assert.deepEqual(bitsOf(await readMatrix(tail!)), bitsOf(values.slice(20)));
    assert.deepEqual(bitsOf(await readMatrix(one!)), bitsOf(values.slice(30, 40)));
    assert.deepEqual(bitsOf(await readMatrix(column!)), bitsOf(values.slice(0, 5)));
  });

  test("big-endian values", async () => {
    const swapped = rows("embed", "F32").bytes.slice();
    for (let at = 0; at < swapped.length; at += 4) swapped.subarray(at, at + 4).reverse();
    const opened = await open(writeTorch([{ ...rows("embed", "F32"), bytes: swapped }], { byteOrder: "big" }));
    assert.deepEqual(bitsOf(await readMatrix(await opened.matrix("embed"))), bitsOf(values));
  });

  test("thousands of tensors, with long places in memory", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => tensor(`layers.${i}`, "F16", [1, 1], Float32Array.of(i)));
    const opened = await open(writeTorch(many));
    assert.equal(opened.tensors.size, 3000);
    assert.deepEqual([...(await readMatrix(await opened.matrix("layers.2047")))], [2047]);
  });

  test("a checkpoint with other things in it", async () => {
    const opened = await open(withPickle((to) =>
      to.op("}").mark().string("epoch").integer(3).string("loss").op("G").bytes(0x40, 0, 0, 0, 0, 0, 0, 0).string("history").op("]").mark().integer(70_000).integer(-5).integer(2 ** 40).op("N").op("e")
        .string("step").op("]").integer(1).op("a").string("pair").integer(1).integer(2).bytes(0x86).string("model").op("}").string("t").tensor(tensor("t", "F32", [2, 2], new Float32Array(4)), "0", 16).op("s").op("u").op(".")));
    assert.deepEqual([...opened.tensors.keys()], ["t"]);
  });

  test("protocol 4, with frames and names on the stack", async () => {
    const short = (text: string): number[] => [0x8c, text.length, ...new TextEncoder().encode(text), 0x94];
    const pickle = Uint8Array.of(
      0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0x94, ...short("t"), ...short("torch._utils"), ...short("_rebuild_tensor_v2"), 0x93, 0x94,
      0x28, 0x28, ...short("storage"), ...short("torch"), ...short("FloatStorage"), 0x93, 0x94, ...short("0"), ...short("cpu"), 0x4b, 2, 0x74, 0x94, 0x51,
      0x4b, 0, 0x4b, 1, 0x4b, 2, 0x86, 0x94, 0x4b, 2, 0x4b, 1, 0x86, 0x94, 0x89, ...short("collections"), ...short("OrderedDict"), 0x93, 0x94, 0x29, 0x52, 0x94, 0x74, 0x94, 0x52, 0x94, 0x73, 0x2e,
    );
    const opened = await open(torchOf(pickle, [new Uint8Array(Float32Array.of(3, 4).buffer)]));
    assert.deepEqual([...(await readMatrix(await opened.matrix("t")))], [3, 4]);
  });

  test("reads the directory and the pickle, and no weights", async () => {
    const bytes = writeTorch([tensor("embed", "F32", [1000, 200], makeMatrix({ rows: 1000, columns: 200 }))]);
    const inner = memoryFile(bytes);
    let read = 0;
    let count = 0;
    await readTorch(fileOf(bytes, { ...inner, read: (offset, target) => ((read += target.length), count++, inner.read(offset, target)) }));
    assert.ok(read < 70_000 && count <= 7, `${read} bytes in ${count} reads`);
  });

  suite("refuses pickles that are more than data", () => {
    const evil = (build: (to: PickleWriter) => PickleWriter, message: RegExp): readonly [(to: PickleWriter) => PickleWriter, RegExp] => [build, message];
    const cases: Readonly<Record<string, readonly [(to: PickleWriter) => PickleWriter, RegExp]>> = {
      "os.system": evil((to) => to.global("os", "system").string("echo").bytes(0x85).op("R").op("."), /at byte 66 it names os\.system/),
      "builtins.eval": evil((to) => to.global("builtins", "eval"), /builtins\.eval/),
      "torch.load": evil((to) => to.global("torch", "load"), /torch\.load/),
      "torch.Tensor": evil((to) => to.global("torch", "Tensor"), /torch\.Tensor/),
      "torch.nn.modules.linear.Linear": evil((to) => to.global("torch.nn.modules.linear", "Linear"), /Linear/),
      "a name with a dot": evil((to) => to.global("collections", "OrderedDict.__init__"), /OrderedDict\.__init__/),
      "names of JavaScript": evil((to) => to.global("", "constructor"), /constructor/),
      "names of JavaScript, whole": evil((to) => to.op("c__proto__\n\n"), /__proto__/),
      "a name from the stack": evil((to) => to.string("posix").string("system").bytes(0x93), /posix\.system/),
      "STRING": evil((to) => to.op("S'x'\n"), /opcode 0x53/),
      "INST": evil((to) => to.mark().op("ios\nsystem\n"), /opcode 0x69/),
      "OBJ": evil((to) => to.mark().op("o"), /opcode 0x6f/),
      "NEWOBJ": evil((to) => to.global("collections", "OrderedDict").op(")").bytes(0x81), /opcode 0x81/),
      "EXT1": evil((to) => to.bytes(0x82, 1), /opcode 0x82/),
      "PERSID": evil((to) => to.op("Px\n"), /opcode 0x50/),
      "NEXT_BUFFER": evil((to) => to.bytes(0x97), /opcode 0x97/),
      "POP": evil((to) => to.integer(1).op("0"), /opcode 0x30/),
      "NUL": evil((to) => to.bytes(0), /opcode 0x00/),
      "protocol 9": evil((to) => to.bytes(0x80, 9), /protocol 9/),
      "a call of a text": evil((to) => to.string("os.system").op(")").op("R"), /does not name/),
      "a call with a list": evil((to) => to.global("collections", "OrderedDict").op("]").op("R"), /does not name/),
      "the state of a list": evil((to) => to.op("]").op("}").op("b"), /sets the state/),
      "the state of a tensor": evil((to) => to.tensor(tensor("t", "F32", [1, 1], new Float32Array(1)), "0", 4).op("}").op("b"), /sets the state/),
    };
    for (const [name, [build, message]] of Object.entries(cases)) {
      test(name, () => assert.rejects(open(withPickle(build)), weightsError("weights-unsupported", message)));
    }
  });

  suite("refuses broken pickles", () => {
    const pid = (to: PickleWriter, items: (to: PickleWriter) => PickleWriter): PickleWriter => items(to.mark()).op("t").op("Q");
    const storage = (to: PickleWriter): PickleWriter => pid(to, (at) => at.string("storage").global("torch", "FloatStorage").string("0").string("cpu").integer(4));
    const call = (to: PickleWriter, args: (to: PickleWriter) => PickleWriter): PickleWriter => args(to.global("torch._utils", "_rebuild_tensor_v2").mark()).op("t").op("R");
    const cases: Readonly<Record<string, readonly [(to: PickleWriter) => PickleWriter, RegExp]>> = {
      "nothing": [(to) => to, /ends early/],
      "STOP at once": [(to) => to.op("."), /where there is none/],
      "a number that is cut": [(to) => to.op("J").bytes(1, 2), /ends early/],
      "a text past the end": [(to) => to.op("X").bytes(255, 255, 255, 255), /ends early/],
      "a text of 2^63 bytes": [(to) => to.bytes(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80), /ends early/],
      "a name without an end": [(to) => to.op("cos"), /does not end/],
      "a mark that is missing": [(to) => to.op("t"), /mark/],
      "below the mark": [(to) => to.integer(1).mark().bytes(0x85), /where there is none/],
      "a tuple of too few": [(to) => to.integer(1).bytes(0x86), /where there is none/],
      "an item for a tuple": [(to) => to.op(")").integer(1).op("a"), /no list/],
      "an item for nothing": [(to) => to.mark().op("e"), /no list/],
      "a key without a value": [(to) => to.op("}").mark().integer(1).op("u"), /no dictionary/],
      "a key for a list": [(to) => to.op("]").integer(1).integer(2).op("s"), /no dictionary/],
      "memory of nothing": [(to) => to.op("q").bytes(1), /remembers/],
      "memory that is empty": [(to) => to.op("h").bytes(200), /value 200/],
      "a persistent id that is a number": [(to) => to.integer(1).op("Q"), /storage/],
      "a storage without a word": [(to) => pid(to, (at) => at.string("module").global("torch", "FloatStorage").string("0").string("cpu").integer(4)), /storage/],
      "a storage of no class": [(to) => pid(to, (at) => at.string("storage").string("FloatStorage").string("0").string("cpu").integer(4)), /storage/],
      "a storage of another class": [(to) => pid(to, (at) => at.string("storage").global("collections", "OrderedDict").string("0").string("cpu").integer(4)), /storage/],
      "a storage of negative size": [(to) => pid(to, (at) => at.string("storage").global("torch", "FloatStorage").string("0").string("cpu").integer(-4)), /storage/],
      "a storage that is too short a tuple": [(to) => pid(to, (at) => at.string("storage")), /storage/],
      "a dictionary of arguments": [(to) => to.global("collections", "OrderedDict").integer(1).bytes(0x85).op("R"), /do not fit/],
      "a class that is called": [(to) => to.global("torch", "FloatStorage").op(")").op("R"), /do not fit/],
      "a tensor of nothing": [(to) => call(to, (at) => at), /do not fit/],
      "a tensor without storage": [(to) => call(to, (at) => at.integer(1).integer(0).tuple([2, 2]).tuple([2, 1])), /do not fit/],
      "a tensor of a tensor": [(to) => call(to, (at) => at.tensor(tensor("t", "F32", [1], new Float32Array(1)), "0", 4).integer(0).tuple([1]).tuple([1])), /do not fit/],
      "a negative offset": [(to) => call(to, (at) => storage(at).integer(-1).tuple([2, 2]).tuple([2, 1])), /do not fit/],
      "a negative length": [(to) => call(to, (at) => storage(at).integer(0).tuple([-2, 2]).tuple([2, 1])), /do not fit/],
      "fewer steps than lengths": [(to) => call(to, (at) => storage(at).integer(0).tuple([2, 2]).tuple([1])), /do not fit/],
      "a shape that is a list": [(to) => call(to, (at) => storage(at).integer(0).op("]").tuple([2, 1])), /do not fit/],
      "a shape of texts": [(to) => call(to, (at) => storage(at).integer(0).string("2").bytes(0x85).tuple([1])), /do not fit/],
      "a parameter of no tensor": [(to) => to.global("torch._utils", "_rebuild_parameter").integer(1).bytes(0x85).op("R"), /do not fit/],
      "a list as a whole": [(to) => to.op("]").op("."), /something else/],
      "a tensor as a whole": [(to) => to.tensor(tensor("t", "F32", [1], new Float32Array(1)), "0", 4).op("."), /something else/],
    };
    for (const [name, [build, message]] of Object.entries(cases)) {
      test(name, () => assert.rejects(open(withPickle(build)), weightsError("weights-broken", message)));
    }

    test("lists and dictionaries that hold themselves", async () => {
      const opened = await open(withPickle((to) => to.op("}").op("q").bytes(9).string("model").op("h").bytes(9).op("s").string("list").op("]").op("q").bytes(8).op("h").bytes(8).op("a").op("s").op(".")));
      assert.equal(opened.tensors.size, 0);
    });
  });

  suite("refuses floods", () => {
    test("of values on the stack", () => assert.rejects(open(torchOf(new Uint8Array(2_000_000).fill(0x4e), [])), weightsError("weights-too-large", /values/)));
    test("of marks", () => assert.rejects(open(torchOf(new Uint8Array(2_000_000).fill(0x28), [])), weightsError("weights-too-large", /values/)));
    test("of values in one list", () => {
      const pickle = new Uint8Array(2 * MAX_VALUES).fill(0x5d).map((byte, i) => (i % 2 === 0 ? byte : 0x61));
      pickle[1] = 0x5d;
      return assert.rejects(open(torchOf(pickle, [])), weightsError("weights-too-large", /values/));
    });
    test("of memory", () => {
      const pickle = new Uint8Array(MAX_VALUES + 100).fill(0x94);
      pickle[0] = 0x4e;
      return assert.rejects(open(torchOf(pickle, [])), weightsError("weights-too-large", /values/));
    });
    test("of bytes", () => assert.rejects(open(torchOf(new Uint8Array(MAX_PICKLE_BYTES + 1), [])), weightsError("weights-too-large", /data.pkl has 67.1 MB/)));
  });

  suite("refuses tensors that are no rows", () => {
    const t = tensor("t", "F32", [4, 4], new Float32Array(16));
    const cases: readonly (readonly [name: string, tensor: TorchTensor, code: "weights-unsupported" | "weights-broken", message: RegExp])[] = [
      ["a transposed one", { ...t, stride: [1, 4] }, "weights-unsupported", /view.*steps \[1, 4\]/],
      ["a slice of columns", { ...t, shape: [4, 2], stride: [4, 1] }, "weights-unsupported", /view/],
      ["one row many times", { ...t, shape: [4, 4], stride: [0, 1] }, "weights-unsupported", /view/],
      ["one past its storage", { ...t, shape: [5, 4] }, "weights-broken", /past the end of its storage/],
      ["one that begins late", { ...t, storageOffset: 1 }, "weights-broken", /past the end of its storage/],
      ["one of 2^80 values", { ...t, shape: [2 ** 40, 2 ** 40], stride: [2 ** 40, 1] }, "weights-broken", /past the end of its storage/],
      ["a vector", { ...t, shape: [16] }, "weights-broken", /two dimensions/],
      ["an empty one", { ...t, shape: [0, 4] }, "weights-broken", /0 rows/],
      ["integers", { ...tensor("t", "F64", [2, 2], new Float32Array(4)), dtype: "I64" }, "weights-unsupported", /I64.*integers/],
    ];
    for (const [name, bad, code, message] of cases) test(name, async () => assert.rejects((await open(writeTorch([bad]))).matrix("t"), weightsError(code, message)));

    test("one whose storage is shorter than it says", async () => {
      const opened = await open(dictOf((to) => to.tensor(t, "0", 400)));
      await assert.rejects(opened.matrix("t"), weightsError("weights-broken", /should have 400 bytes, but has 64/));
    });
    test("one whose storage is missing", async () => {
      const opened = await open(dictOf((to) => to.tensor(t, "7", 64)));
      await assert.rejects(opened.matrix("t"), weightsError("weights-broken", /no archive\/data\/7/));
    });
    test("one whose storage's name leads elsewhere", async () => {
      const opened = await open(dictOf((to) => to.tensor(t, "../data.pkl", 64)));
      await assert.rejects(opened.matrix("t"), weightsError("weights-broken", /no archive\/data\/\.\.\/data\.pkl/));
    });
  });

  suite("refuses archives", () => {
    const good = writeTorch([rows("t")]);
    const pickle = new PickleWriter().op("}").op(".").take();
    const changed = (at: number, ...bytes: readonly number[]): Uint8Array => {
      const copy = good.slice();
      copy.set(bytes, at < 0 ? copy.length + at : at);
      return copy;
    };
    const directory = new DataView(good.buffer).getUint32(good.length - 6, true);
    const cases: readonly (readonly [name: string, file: Uint8Array, code: "weights-unsupported" | "weights-broken" | "weights-missing" | "weights-too-large", message: RegExp])[] = [
      ["nothing", new Uint8Array(0), "weights-broken", /no file of torch/],
      ["text", new TextEncoder().encode("hello"), "weights-broken", /no file of torch/],
      ["a Git LFS pointer", new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"), "weights-missing", /git lfs pull/],
      ["the format before torch 1.6", Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46), "weights-unsupported", /before 1\.6/],
      ["one that was cut", good.subarray(0, good.length - 1), "weights-broken", /cut short/],
      ["one that is cut to its first bytes", good.subarray(0, 2), "weights-broken", /cut short/],
      ["one of the end record only", concat(Uint8Array.of(0x50, 0x4b), good.subarray(good.length - 22)), "weights-broken", /overlaps its own end|entries/],
      ["a directory past the end", changed(-6, 0xff, 0xff, 0xff, 0x7f), "weights-broken", /overlaps its own end/],
      ["more entries than there are", changed(-12, 200), "weights-broken", /should have 200/],
      ["a broken entry", changed(directory, 0), "weights-broken", /has 0 entries/],
      ["an entry in the directory", changed(directory + 42, 0xff, 0xff, 0xff, 0x7f), "weights-broken", /into the archive's directory/],
      ["an entry of another size", changed(directory + 24, 1, 0), "weights-broken", /not compressed/],
      ["no local header", changed(0x00, 0x50, 0x4b, 9, 9), "weights-broken", /no local header/],
      ["a name longer than the directory", changed(directory + 28, 0xff, 0xff), "weights-broken", /past its end/],
      ["no pickle", writeZip([{ name: "archive/version", bytes: Uint8Array.of(51) }]), "weights-broken", /0 files data\.pkl/],
      ["two pickles", writeZip([{ name: "a/data.pkl", bytes: pickle }, { name: "b/data.pkl", bytes: pickle }]), "weights-broken", /2 files data\.pkl/],
      ["a pickle without folder", writeZip([{ name: "data.pkl", bytes: pickle }]), "weights-broken", /0 files data\.pkl/],
      ["one name twice", writeZip([{ name: "a/data.pkl", bytes: pickle }, { name: "a/data.pkl", bytes: pickle }]), "weights-broken", /a\/data\.pkl twice/],
      ["a compressed pickle", writeZip([{ name: "a/data.pkl", bytes: pickle, method: 8 }]), "weights-unsupported", /compressed \(method 8\)/],
      ["an encrypted pickle", changed(directory + 8, 1, 8), "weights-unsupported", /encrypted/],
      ["64-bit sizes that are missing", changed(directory + 20, 0xff, 0xff, 0xff, 0xff), "weights-broken", /64-bit sizes/],
      ["a 64-bit locator that is missing", (() => { const copy = changed(-12, 0xff, 0xff); copy[copy.length - 42] = 0; return copy; })(), "weights-broken", /locator is missing/],
      ["a 64-bit record that is missing", (() => { const copy = changed(-12, 0xff, 0xff); copy[copy.length - 98] = 0; return copy; })(), "weights-broken", /end record is missing/],
      ["a 64-bit record past itself", (() => { const copy = changed(-12, 0xff, 0xff); copy[copy.length - 42 + 8 + 6] = 1; return copy; })(), "weights-broken", /points past itself/],
      ["2^64 entries", (() => { const copy = changed(-12, 0xff, 0xff); copy.fill(0xff, copy.length - 98 + 32, copy.length - 98 + 40); return copy; })(), "weights-too-large", /entries/],
      ["a directory of 2^64 bytes", (() => { const copy = changed(-12, 0xff, 0xff); copy.fill(0xff, copy.length - 98 + 40, copy.length - 98 + 48); return copy; })(), "weights-broken", /overlaps its own end/],
    ];
    for (const [name, file, code, message] of cases) test(name, () => assert.rejects(open(file), weightsError(code, message)));

    test("a compressed storage, when its rows are asked for", async () => {
      const entries = [{ name: "a/data.pkl", bytes: new PickleWriter().op("}").string("t").tensor(tensor("t", "F32", [2, 2], new Float32Array(4)), "0", 16).op("s").op(".").take() }];
      const opened = await open(writeZip([...entries, { name: "a/data/0", bytes: new Uint8Array(16), method: 8 }]));
      await assert.rejects(opened.matrix("t"), weightsError("weights-unsupported", /a\/data\/0.*method 8/));
    });

    test("with a comment behind is read", async () => {
      const comment = new ByteWriter().text("x".repeat(65_535)).take();
      const copy = concat(good, comment);
      copy.set([0xff, 0xff], good.length - 2);
      assert.equal((await open(copy)).tensors.size, 1);
    });
  });
});
