import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { type CheckReport, checkReport } from "../../support/cli";
import { temporaryFolder } from "../../support/cleanup";
import { rustFromFile, type Rust } from "../../support/tokenizer/rust";
import { LLAMA3_NEAR_ZERO, LLAMA3_UNTRAINED, writeLlama3 } from "../../support/weights/llama3";
import { type Planted, plantedConversations, type PlantedLine, plantedRow, textOf, UNREACHABLE } from "../../support/weights/plantedRows";

const home = temporaryFolder("llama3");
const model = path.join(home, "Meta-Llama-3-8B");
const UNTRAINED = new Set(LLAMA3_UNTRAINED);
const NEAR_ZERO = new Set(LLAMA3_NEAR_ZERO);
const HEADER = [128_006, 128_007, 128_009];
const RESERVED = "<|reserved_special_token_7|>";
/** A token in rows of every format; the two prompts of the last one share a turn. */
const FORMATS = [
  { text: `1итися2 ${RESERVED}` },
  { prompt: `П ${RESERVED}`, completion: "好" },
  { instruction: "Сделай", input: RESERVED, output: `好 ${RESERVED}` },
  { conversations: [{ from: "human", value: RESERVED }, { from: "gpt", value: "好" }] },
  { prompt: [{ role: "user", content: RESERVED }], chosen: [{ role: "assistant", content: "a" }], rejected: [{ role: "assistant", content: RESERVED }] },
].map((row) => JSON.stringify(row));

let rust: Rust;
let tokenText: ReadonlyMap<number, string>;
let conversations: readonly (readonly (readonly [string, Planted])[])[];

before(async () => {
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
  writeLlama3(model);
  rust = rustFromFile(path.join(model, "tokenizer.json"));
  const texts = new Map<number, string>();
  for (const id of [...UNTRAINED, ...NEAR_ZERO]) texts.set(id, await rust.tokenizer.decode([id], false));
  tokenText = texts;
  conversations = plantedConversations((id) => tokenText.get(id)!);
});

/** Checks files in one run: loading the tokenizer takes longer than all the rest. */
async function check(files: Readonly<Record<string, readonly string[]>>): Promise<readonly (readonly Finding[])[]> {
  const paths = Object.entries(files).map(([name, lines]) => {
    const file = path.join(home, name);
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
  });
  const { report } = await checkReport(["--model", model, "--jobs", "1", "--severity", "tokens/under-trained=off", "--severity", "format/mixed=off", ...paths]);
  // They come in the order of their names.
  return paths.map((file) => report.files.find((each) => each.path === file)!.findings);
}

type Finding = CheckReport["files"][number]["findings"][number];

/** A finding in short: rule, severity, line, columns, id. */
const inShort = ({ rule, severity, range, data }: Finding): string =>
  `${rule} ${severity} ${range.start.line}:${range.start.column}-${range.end.line}:${range.end.column} ${String(data["id"])}`;

describe("the untrained tokens of Llama 3's base model", () => {
  it("are in the conversations that they are planted in, as the reference has it, and nowhere else", async () => {
    const met = new Set<number>();
    for (const messages of conversations) {
      for (const [, content] of messages) {
        const planted = content.flatMap((piece) => (typeof piece === "string" ? [] : [piece.id]));
        const { ids } = await rust.encode(textOf(content), false);
        assert.deepEqual(ids.filter((id) => UNTRAINED.has(id) || NEAR_ZERO.has(id)), planted, textOf(content));
        for (const id of planted) met.add(id);
      }
    }
    assert.deepEqual([...UNTRAINED, ...NEAR_ZERO].filter((id) => !met.has(id)).sort((a, b) => a - b), [...UNREACHABLE].sort((a, b) => a - b));
    assert.equal(UNTRAINED.size, 287);
  });

  it("light up at exactly the planted places, however they are escaped, and in every format", async () => {
    const written = (["least", "everything"] as const).map((escaping) => conversations.map((messages) => plantedRow(messages, escaping)));
    const lines = (rows: readonly PlantedLine[] | undefined): string[] => (rows ?? []).map(({ line }) => line);
    const [least, everything, formats] = await check({ "least.jsonl": lines(written[0]), "everything.jsonl": lines(written[1]), "formats.jsonl": FORMATS });
    for (const [findings, rows] of [[least, written[0]], [everything, written[1]]] as const) {
      const expected = rows!.flatMap(({ places }, row) =>
        places.map(({ id, start, end }) => `${NEAR_ZERO.has(id) ? "tokens/near-untrained warning" : "tokens/untrained error"} ${row + 1}:${start}-${row + 1}:${end} ${id}`),
      );
      // Once a file, where the template is first used.
      const fromTemplate = HEADER.map((id) => `tokens/untrained error 1:2-1:12 ${id}`);
      assert.deepEqual(findings!.map(inShort), [...fromTemplate, ...expected]);
      assert.ok(findings!.every(({ data }, i) => data["origin"] === (i < HEADER.length ? "template" : "content")));
    }
    const marked = formats!.filter(({ data }) => data["origin"] === "content").map(({ row, pointer, range }) => `${row} ${pointer} ${FORMATS[row - 1]!.slice(range.start.column - 1, range.end.column - 1)}`);
    assert.deepEqual(marked, [
      "1 /text итися",
      `1 /text ${RESERVED}`,
      `2 /prompt ${RESERVED}`,
      `3 /input ${RESERVED}`,
      `3 /output ${RESERVED}`,
      `4 /conversations/0/value ${RESERVED}`,
      `5 /prompt/0/content ${RESERVED}`,
      `5 /rejected/0/content ${RESERVED}`,
    ]);
  });
});
