import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { type CheckReport, checkReport } from "../support/cli";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";

/** What a file of the JSON suite must not have when it is valid: these rules are about the text being JSON. */
const SYNTAX_RULES = new Set(["json/syntax", "json/utf8", "file/empty", "file/unsupported"]);

if (haveFixtures("broken files")) {
  describe("the JSON test suite through the command line", () => {
    let files: Map<string, CheckReport["files"][number]>;
    before(async () => {
      const folder = path.join(FIXTURES, "broken/JSONTestSuite");
      const { report } = await checkReport([folder]);
      files = new Map(report.files.map((file) => [path.basename(file.path), file]));
    });

    it("reports on every file", () => {
      assert.deepEqual([...files.keys()].sort(), filesBelow("broken/JSONTestSuite").map((file) => path.basename(file)).sort());
    });

    it("takes every valid file as JSON", () => {
      const refused = [...files].filter(([name, file]) => name.startsWith("y_") && file.findings.some((finding) => SYNTAX_RULES.has(finding.rule)));
      assert.deepEqual(refused.map(([name]) => name), []);
    });

    it("reports every invalid file, with a place inside it", () => {
      const invalid = [...files].filter(([name]) => name.startsWith("n_"));
      assert.ok(invalid.length > 180);
      const missed = invalid.filter(([, file]) => !file.findings.some((finding) => SYNTAX_RULES.has(finding.rule)));
      assert.deepEqual(missed.map(([name]) => name), []);
      for (const [name, file] of invalid) {
        for (const { byteOffset, byteLength, range } of file.findings) {
          assert.ok(byteOffset >= 0 && byteOffset + byteLength <= file.bytes, name);
          assert.ok(range.start.line >= 1 && range.start.column >= 1, name);
        }
      }
    });
  });

  describe("files that are no datasets", () => {
    for (const folder of ["broken/JSONTestSuite_transform", "broken/together-check_file", "broken/not-jinja"]) {
      it(`of ${folder} each have a report, and nothing else is printed`, async () => {
        const files = filesBelow(folder).map((file) => path.join(FIXTURES, folder, file));
        const { report, result } = await checkReport(files);
        assert.deepEqual(report.files.map((file) => path.basename(file.path)).sort(), files.map((file) => path.basename(file)).sort());
        assert.equal(result.stderr, "");
      });
    }
  });

  describe("the datasets, sliced over threads", () => {
    it("give the same report with one thread and with three", async () => {
      const folder = path.join(FIXTURES, "datasets");
      const [one, three] = await Promise.all(["1", "3"].map((jobs) => checkReport(["--jobs", jobs, folder])));
      assert.deepEqual(one?.report.files, three?.report.files);
    });

    it("have as many rows as they hold values", async () => {
      const { report } = await checkReport([path.join(FIXTURES, "datasets")]);
      for (const file of report.files) assert.equal(file.rows, countRows(file.path), file.path);
    });
  });
}

/** Rows counted without any of the product's code. */
function countRows(file: string): number {
  const text = readFileSync(file, "utf8");
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value.length : 1;
  } catch {
    return text.split("\n").filter((line) => line.trim() !== "").length;
  }
}
