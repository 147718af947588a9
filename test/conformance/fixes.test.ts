import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { checkRow, type RowFinding } from "../../extension/core/analysis/checkRow";
import { DEFAULT_FIELDS } from "../../extension/core/dataset/fields";
import { applyEdits, type TextEdit } from "../../extension/core/jsonl/edits";
import { type FixContext, fixesIn, fixRow } from "../../extension/core/language/dataset/fixes";
import { filesBelow, FIXTURES, fixtureRows, haveFixtures } from "../support/fixtures";
import { Random } from "../support/random";

/** Rows that are tried where not all are: `ALL_ROWS=1` tries every row of the reference data, in about a minute. */
const SAMPLE = process.env["ALL_ROWS"] === "1" ? Number.POSITIVE_INFINITY : 1500;
const SEED = 6;

/** Without an expected format nothing is mixed; with `messages`, every other row is to be converted. */
const CONTEXTS: readonly FixContext[] = [undefined, "messages" as const].map((expectedFormat) => ({
  fields: DEFAULT_FIELDS,
  counter: undefined,
  maxLength: undefined,
  expectedFormat,
  severities: {},
}));

function brokenRows(): string[] {
  return filesBelow("broken").flatMap((file) => readFileSync(path.join(FIXTURES, "broken", file), "utf8").split(/\r?\n/)).filter((line) => line.trim() !== "");
}

function sampled(rows: readonly string[]): readonly string[] {
  if (rows.length <= SAMPLE) return rows;
  const random = new Random(SEED);
  return Array.from({ length: SAMPLE }, () => random.pick(rows));
}

const findingsOf = (text: string, context: FixContext): readonly RowFinding[] => checkRow({ text, invalid: [] }, context).findings;

/** The findings of a line, or of all the lines that it became. */
const findingsAfter = (text: string, context: FixContext): readonly RowFinding[] => text.split("\n").flatMap((line) => findingsOf(line, context));

const count = (findings: readonly RowFinding[], rule: string): number => findings.filter((finding) => finding.rule.id === rule).length;

/** What undoes the edits: for each, its place in the text after it and what was there before. */
function inverse(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0;
  return edits
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map(({ start, end, text: inserted }) => {
      const undo = { start: start + shift, end: start + shift + inserted.length, text: text.slice(start, end) };
      shift += inserted.length - (end - start);
      return undo;
    });
}

/** Members of the row that the fix is not about, as they are written. */
function otherMembers(text: string, finding: RowFinding): readonly string[] {
  const row = JSON.parse(text) as Record<string, unknown>;
  const own = finding.pointer.split("/")[1];
  return Object.entries(row).flatMap(([name, value]) => (name === own ? [] : [JSON.stringify([name, value])]));
}

void describe("fixes of the rows of the reference data", { skip: !haveFixtures("fixes") && "no reference data" }, () => {
  for (const context of CONTEXTS) {
    void it(`keep their promises${context.expectedFormat === undefined ? "" : " among rows of messages"}`, () => {
      const tally = { rows: 0, faulty: 0, fixable: 0, fixes: 0, deletions: 0 };
      const byFix = new Map<string, number>();
      for (const text of [...sampled(fixtureRows()), ...brokenRows()]) {
        tally.rows++;
        const before = findingsOf(text, context);
        if (before.length === 0) continue;
        tally.faulty++;
        const fixes = fixesIn(text, { start: 0, end: text.length }, context);
        if (fixes.some(({ edits }) => edits !== "delete row")) tally.fixable++;
        for (const fix of fixes) {
          tally.fixes++;
          const name = `${fix.rule} ${fix.id}`;
          byFix.set(name, (byFix.get(name) ?? 0) + 1);
          if (fix.edits === "delete row") {
            tally.deletions++;
            continue;
          }
          const after = applyEdits(text, fix.edits);
          const shown = `${name}\n${text.slice(0, 2000)}\n${after.slice(0, 2000)}`;
          const found = findingsAfter(after, context);
          assert.ok(count(found, fix.rule) < count(before, fix.rule), `the finding stays: ${shown}`);
          if (fix.rule !== "json/syntax") {
            for (const { rule } of found) {
              if (rule.severity === "error") assert.ok(count(found, rule.id) <= count(before, rule.id), `a new ${rule.id}: ${shown}`);
            }
          }
          assert.equal(applyEdits(after, inverse(text, fix.edits)), text, `it cannot be undone: ${shown}`);
          const finding = before.find(({ rule, span }) => rule.id === fix.rule && span.start === fix.span.start && span.end === fix.span.end);
          assert.ok(finding !== undefined);
          // What is wrong with the JSON itself may be a key; another format has other members.
          if (finding.pointer !== "" && !fix.rule.startsWith("json/") && fix.rule !== "format/mixed") assert.deepEqual(otherMembers(after, finding), otherMembers(text, finding), `another member changed: ${shown}`);
        }
      }
      console.log(JSON.stringify(tally));
      if (process.env["ALL_ROWS"] === "1") console.log([...byFix].sort().map(([name, times]) => `${name}: ${times}`).join("\n"));
      assert.ok(tally.fixes > 100);
    });
  }

  void it("made to all of a row together, are those made one after the other", () => {
    const context = CONTEXTS[0]!;
    let fixed = 0;
    for (const text of [...sampled(fixtureRows()), ...brokenRows()]) {
      const before = findingsOf(text, context);
      if (before.length === 0) continue;
      const edits = fixRow(text, "safe", context);
      if (edits === undefined || edits === "delete row") continue;
      fixed++;
      const after = applyEdits(text, edits);
      assert.equal(applyEdits(after, inverse(text, edits)), text);
      if (!after.includes("\n")) assert.equal(fixRow(after, "safe", context), undefined, `there is more to fix: ${text.slice(0, 1000)}\n${after.slice(0, 1000)}`);
    }
    console.log(`${fixed} rows mended`);
    assert.ok(fixed > 20);
  });
});
