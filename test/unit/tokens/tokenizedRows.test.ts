import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { type CheckReport, checkReport } from "../../support/cli";
import { temporaryFolder } from "../../support/cleanup";
import { root } from "../../support/paths";

const EMBEDDED = path.join(root, "extension", "assets", "model");
/** `<|reserved_2|>` of the embedded model, which was never trained. */
const RESERVED = 2040;
/** How many rows its matrices have. */
const ROWS = 2048;
const home = temporaryFolder("tokenized-rows");

before(() => {
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
});

type Finding = CheckReport["files"][number]["findings"][number];
type File = CheckReport["files"][number];

async function check(rows: readonly (object | string)[], ...args: readonly string[]): Promise<File> {
  const file = path.join(home, "data.jsonl");
  writeFileSync(file, `${rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n")}\n`);
  const { report } = await checkReport(["--jobs", "1", "--severity", "tokens/under-trained=off", ...args, file]);
  return report.files[0]!;
}

const withModel = ["--model", EMBEDDED];
const inShort = ({ rule, pointer, data }: Finding): string => [rule, pointer, data["trained"] as string | undefined].filter((part) => part !== undefined).join(" ");

describe("rows that hold token ids", () => {
  it("have untrained tokens underlined at the number itself, trained on or masked", async () => {
    const line = `{"input_ids": [ 3, ${RESERVED},5, ${ROWS} ], "labels": [-100, -100, 5, ${RESERVED}]}`;
    const { findings, format } = await check([line, { input_ids: [RESERVED] }], ...withModel);
    assert.equal(format, "tokenized");
    assert.deepEqual(findings.map(({ row, range }) => [row, row === 1 ? line.slice(range.start.column - 1, range.end.column - 1) : ""]), [
      [1, String(RESERVED)],
      [1, String(ROWS)],
      [1, String(RESERVED)],
      [2, ""],
    ]);
    assert.deepEqual(findings.map(inShort), [
      "tokens/untrained /input_ids/1 no",
      "tokens/out-of-range /input_ids/3 yes",
      "tokens/untrained /labels/3 yes",
      "tokens/untrained /input_ids/0 yes",
    ]);
    // The one trainer that looks at ids stops in its present version, too.
    assert.deepEqual(findings[0]?.profiles, ["unsloth", "axolotl"]);
    assert.match(findings[0].message, /read, but not trained on\. Unsloth of 2024-05-29 and later stops at it/);
    assert.match(findings[1]!.message, /matrix has 2048 rows/);
  });

  it("are checked beside a text that they were made of", async () => {
    const { findings, format } = await check([{ text: "Hello", input_ids: [1, RESERVED], completion_mask: [0, 1] }], ...withModel);
    assert.equal(format, "text");
    assert.deepEqual(findings.map(inShort), ["tokens/untrained /input_ids/1 yes"]);
  });

  it("count by their ids, and need no model for it", async () => {
    const { findings, tokens } = await check([{ input_ids: [1, 2, 3] }, { input_ids: [1], labels: [1] }], "--max-length", "2");
    assert.equal(tokens?.total, 4);
    assert.deepEqual(findings.map(inShort), ["tokens/over-length /input_ids/2"]);
  });

  it("have what is no id, or has no label, told", async () => {
    const { findings } = await check([{ input_ids: [1, "2", 2.5, -1, null], labels: [1, 2] }]);
    assert.deepEqual(findings.map(inShort), ["/input_ids/1", "/input_ids/2", "/input_ids/3", "/input_ids/4", "/labels"].map((pointer) => `format/invalid-field ${pointer}`));
    assert.match(findings[4]!.message, /`labels` must have as many entries as `input_ids`/);
    assert.deepEqual((await check([{ input_ids: [] }, { input_ids: [], labels: [] }], ...withModel)).findings, []);
    // Nothing of it is a list of ids.
    assert.deepEqual((await check([{ input_ids: "1 2" }])).findings.map(({ rule }) => rule), ["format/unknown"]);
  });

  it("are told of up to a limit", async () => {
    const { findings } = await check([{ input_ids: Array.from({ length: 200_000 }, () => RESERVED) }], ...withModel);
    assert.equal(findings.length, 5001);
    assert.match(findings[0]!.message, /more than 5000/);
  });
});
