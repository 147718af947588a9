import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineIndex } from "../../../extension/core/jsonl/lineIndex";
import { type FileShape, type RawRow, type ReadRowsOptions, readRows } from "../../../extension/core/jsonl/rows";
import { shapeOf, sniff } from "../../../extension/core/jsonl/shape";
import { memoryFile } from "../../support/memoryFile";
import { Random } from "../../support/random";

const decoder = new TextDecoder();

interface SeenRow {
  readonly text: string;
  readonly number: number;
  readonly line: number;
  readonly column: number;
  readonly byteOffset: number;
  readonly fault?: string;
  readonly oversize?: number;
}

async function rowsOf(content: string | Uint8Array, options: Partial<ReadRowsOptions> & { readonly shape: FileShape }): Promise<SeenRow[]> {
  const seen: SeenRow[] = [];
  for await (const batch of readRows(memoryFile(content), options)) for (const row of batch.rows) seen.push(see(row));
  return seen;
}

function see({ bytes, ...row }: RawRow): SeenRow {
  return { ...row, text: decoder.decode(bytes) };
}

/** The lines of a text by the plainest means: an independent statement of what a row is. */
function linesOf(text: string): { readonly text: string; readonly number: number }[] {
  const withoutBom = text.startsWith("\uFEFF") ? text.slice(1) : text;
  return withoutBom
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ text: line, number: i + 1 }))
    .filter((row) => !/^[ \t]*$/.test(row.text));
}

function randomText(random: Random): string {
  const pieces = ["\n", "\r\n", "\r", "a", "é", "日", "😀", " ", '{"a":1}', "\u0000", "x".repeat(20), "\t"];
  return (random.int(4) === 0 ? "\uFEFF" : "") + Array.from({ length: random.int(60) }, () => random.pick(pieces)).join("");
}

describe("rows that are lines", () => {
  it("are the same whatever the chunk size: BOM, CRLF, CR, blank lines, NUL, no final newline", async () => {
    const random = new Random(10);
    for (let i = 0; i < 1500; i++) {
      const text = randomText(random);
      const rows = await rowsOf(text, { shape: "lines", chunkBytes: 4 + random.int(40) });
      assert.deepEqual(rows.map(({ text, number }) => ({ text, number })), linesOf(text), JSON.stringify(text));
    }
  });

  it("stand at the byte offset that they name", async () => {
    const random = new Random(11);
    for (let i = 0; i < 300; i++) {
      const bytes = new TextEncoder().encode(randomText(random));
      for (const row of await rowsOf(bytes, { shape: "lines", chunkBytes: 16 })) {
        const length = new TextEncoder().encode(row.text).length;
        assert.equal(decoder.decode(bytes.subarray(row.byteOffset, row.byteOffset + length)), row.text);
      }
    }
  });

  it("belong to exactly one slice, and the slices' lines add up", async () => {
    const random = new Random(12);
    for (let i = 0; i < 800; i++) {
      const text = randomText(random);
      const size = new TextEncoder().encode(text).length;
      const cuts = [0, ...Array.from({ length: random.int(4) }, () => random.int(size + 1)).sort((a, b) => a - b), size];
      const maxRowBytes = random.pick([12, 1000]);
      const rows: Omit<SeenRow, "line">[] = [];
      let lines = 0;
      for (let c = 0; c + 1 < cuts.length; c++) {
        const range = { from: cuts[c] ?? 0, to: cuts[c + 1] ?? 0 };
        if (range.from === range.to) continue;
        let sliceLines = 0;
        for await (const batch of readRows(memoryFile(text), { shape: "lines", range, chunkBytes: 7, maxRowBytes })) {
          for (const { line, ...row } of batch.rows.map(see)) rows.push({ ...row, number: lines + line });
          sliceLines = batch.linesDone;
        }
        lines += sliceLines;
      }
      const whole = (await rowsOf(text, { shape: "lines", maxRowBytes })).map(({ line, ...row }) => ({ ...row, number: line }));
      assert.deepEqual(rows, whole, JSON.stringify({ text, cuts }));
    }
  });

  it("that are too long are named with their size, and the rows after them are read", async () => {
    const text = `a\n${"b".repeat(100)}\r\nc\n`;
    for (const chunkBytes of [8, 64, 1024]) {
      const rows = await rowsOf(text, { shape: "lines", chunkBytes, maxRowBytes: 50 });
      assert.deepEqual(rows.map(({ text, number, oversize, byteOffset }) => ({ text, number, oversize, byteOffset })), [
        { text: "a", number: 1, oversize: undefined, byteOffset: 0 },
        { text: "", number: 2, oversize: 100, byteOffset: 2 },
        { text: "c", number: 3, oversize: undefined, byteOffset: 104 },
      ]);
    }
  });
});

describe("the line index", () => {
  it("finds every line, with few checkpoints and any chunk size", async () => {
    const random = new Random(13);
    for (let i = 0; i < 300; i++) {
      const text = randomText(random);
      const bytes = new TextEncoder().encode(text);
      const expected = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
      if (expected.at(-1) === "") expected.pop();
      const index = new LineIndex(memoryFile(bytes), { chunkBytes: 4 + random.int(30), maxCheckpoints: 1 + random.int(8) });
      await index.build();
      assert.equal(index.lineCount, expected.length, JSON.stringify(text));
      for (const [line, content] of expected.entries()) {
        const { from, to } = await index.rangeOf(line + 1);
        assert.equal(decoder.decode(bytes.subarray(from, to)), content, JSON.stringify({ text, line }));
      }
      await assert.rejects(index.rangeOf(expected.length + 1), { code: "no-such-line" });
    }
  });

  it("stops when it is cancelled and keeps what it has", async () => {
    const text = "x\n".repeat(1000);
    const index = new LineIndex(memoryFile(text), { chunkBytes: 64 });
    const controller = new AbortController();
    await assert.rejects(
      index.build({
        signal: controller.signal,
        onProgress: (done) => {
          if (done > 500) controller.abort();
        },
      }),
      { code: "cancelled" },
    );
    assert.ok(index.lineCount >= 250 && index.lineCount < 1000 && !index.complete);
    assert.deepEqual(await index.rangeOf(100), { from: 198, to: 199 });
  });
});

describe("rows that are the elements of an array", () => {
  const values = ['{"a": [1, 2]}', "[]", '"x, ] y"', "12", "true", '{"é": "😀"}', '{"s": "\\"}"}'];

  it("are the same in every layout and chunk size, and stand where they say", async () => {
    const random = new Random(14);
    for (let i = 0; i < 400; i++) {
      const picked = Array.from({ length: random.int(6) }, () => random.pick(values));
      const space = (): string => random.pick(["", " ", "\n  ", "\r\n", "\r"]);
      const text = `${space()}[${picked.map((value) => space() + value + space()).join(",")}${picked.length === 0 ? space() : ""}]${space()}`;
      const rows = await rowsOf(text, { shape: "array", chunkBytes: 4 + random.int(20) });
      assert.deepEqual(rows.map((row) => row.text), picked, JSON.stringify(text));
      const lines = text.split(/\r\n|\r|\n/);
      for (const row of rows) assert.ok(lines[row.line - 1]?.slice(row.column - 1).startsWith(row.text), JSON.stringify([text, row]));
    }
  });

  const faults: readonly (readonly [string, readonly string[], string])[] = [
    ["[1, 2", ["1", "2"], "ends inside"],
    ["[1 2]", ["1 2"], ""],
    ['["a" "b"]', ['"a"', '"b"'], "comma is missing"],
    ["[1,]", ["1"], "before the end"],
    ["[,1]", ["1"], "missing before"],
    ["[1] x", ["1"], "goes on after"],
    ["[][]", [], "goes on after"],
    ['[{"a": 1, {"b": 2}]', ['{"a": 1, {"b": 2}'], ""],
    ['[{"a": "x}\n, {"b": 2}]', ['{"a": "x}\n, {"b": 2}'], ""],
  ];
  for (const [text, expected, fault] of faults) {
    it(`reports the fault of ${JSON.stringify(text)}`, async () => {
      for (const chunkBytes of [4, 100]) {
        const rows = await rowsOf(text, { shape: "array", chunkBytes });
        assert.deepEqual(rows.filter((row) => row.fault === undefined).map((row) => row.text), expected);
        const faulty = rows.filter((row) => row.fault !== undefined);
        if (fault === "") assert.deepEqual(faulty, []);
        else assert.ok(faulty.length === 1 && faulty[0]?.fault?.includes(fault), JSON.stringify(faulty));
      }
    });
  }

  it("that are too long are passed over", async () => {
    const rows = await rowsOf(`[1, "${"x".repeat(100)}", 3]`, { shape: "array", chunkBytes: 16, maxRowBytes: 40 });
    assert.deepEqual(rows.map(({ text, oversize }) => ({ text, oversize })), [
      { text: "1", oversize: undefined },
      { text: "", oversize: 102 },
      { text: "3", oversize: undefined },
    ]);
  });
});

describe("rows that are values one after the other", () => {
  it("are found on one line and over many", async () => {
    const text = '{"a": 1}{"b": "}"}\n{\n  "c": [1,\n 2]\n}\n\n[3]';
    for (const chunkBytes of [4, 9, 100]) {
      const rows = await rowsOf(text, { shape: "values", chunkBytes });
      assert.deepEqual(rows.map(({ text, line, column }) => ({ text, line, column })), [
        { text: '{"a": 1}', line: 1, column: 1 },
        { text: '{"b": "}"}', line: 1, column: 9 },
        { text: '{\n  "c": [1,\n 2]\n}', line: 2, column: 1 },
        { text: "[3]", line: 7, column: 1 },
      ]);
    }
  });
});

describe("the shape of a file", () => {
  const shapes: readonly (readonly [string, string])[] = [
    ['{"a":1}\n{"a":2}\n', "lines"],
    ['{"a":1}', "lines"],
    ['[{"a":1}]', "array"],
    ['[\n  {"a":1},\n  {"a":2}\n]', "array"],
    ["[1,2]\n[3,4]\n", "lines"],
    ['{\n  "a": 1\n}\n{\n  "a": 2\n}', "values"],
    ['{"a":1}{"a":2}', "values"],
    ['{"a": [\n{"a":2}\n', "lines"],
    ['{"a": \n{"b":1},\n{"c":2}\n}', "lines"],
    ["hello", "lines"],
    ['"text"', "lines"],
    ['{"a":1} x', "lines"],
  ];
  for (const [text, shape] of shapes) {
    it(`of ${JSON.stringify(text)} is ${shape}`, () => {
      assert.equal(shapeOf(text, true), shape);
    });
  }

  it("tells binary and empty files from text", () => {
    assert.equal(sniff(new Uint8Array([0x1f, 0x8b, 8, 0]), true).kind, "binary");
    assert.equal(sniff(new TextEncoder().encode("PAR1xxxx"), true).kind, "binary");
    assert.equal(sniff(new Uint8Array(100), true).kind, "binary");
    assert.equal(sniff(new TextEncoder().encode(" \n\r\n"), true).kind, "empty");
    assert.equal(sniff(new Uint8Array([0xef, 0xbb, 0xbf]), true).kind, "empty");
    assert.deepEqual(sniff(new TextEncoder().encode('\uFEFF{"a": "\u0000"}'), true), { kind: "rows", shape: "lines", bom: true });
  });
});
