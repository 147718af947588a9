import * as assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "../support/paths";
import { type Problem, type Theme, Workbench } from "../support/workbench";

const sample = path.join(root, "extension", "assets", "sample-workspace");

/** Rows of the sample's chat.jsonl and what is wrong with them: the lines that must have a finding of error or warning level. */
const faultyLines = [
  [2, "two user turns in a row"],
  [3, "a role that no trainer knows"],
  [4, "broken JSON"],
  [5, "an empty answer"],
  [6, "no answer to the last turn"],
  [7, "a system turn that is not the first"],
] as const;
const cleanLines = [1, 9];

/** Screenshots that the README shows are only replaced on request, so that a test run leaves the tree as it was. */
const keepScreenshots = process.env.UPDATE_SCREENSHOTS === "1";

describe("a dataset with faults in a real workbench", () => {
  let folder: string;
  let workbench: Workbench;
  let problems: readonly Problem[];

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "tunesmith-e2e-"));
    cpSync(sample, folder, { recursive: true });
    workbench = await Workbench.open({ folder, settings: { "editor.wordWrap": "on" } });
    // The sound file first: when the other one's findings are there, this one has been checked as well.
    await workbench.openFile("sharegpt.jsonl");
    await workbench.openFile("chat.jsonl");
  });

  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("underlines what is wrong", async () => {
    const squiggles = await workbench.squiggles("error");
    assert.ok((await squiggles.count()) > 0);
  });

  it("lists every faulty row in the Problems panel", async () => {
    const lines = faultyLines.map(([line]) => line as number);
    const found = (all: readonly Problem[], line: number): boolean => all.some((problem) => problem.line === line);
    problems = await workbench.problems((all) => lines.every((line) => found(all, line)));
  });

  it("finds nothing wrong with the other rows", () => {
    assert.deepEqual(
      problems.filter((problem) => problem.file === "chat.jsonl" && cleanLines.includes(problem.line)),
      [],
    );
  });

  it("finds nothing wrong with a sound file", () => {
    assert.deepEqual(
      problems.filter((problem) => problem.file === "sharegpt.jsonl"),
      [],
    );
  });

  it("names the tool and the rule of each problem", () => {
    for (const problem of problems) {
      assert.equal(problem.source, "tunesmith");
      assert.match(problem.code, /^[a-z]+\/[a-z-]+$/, problem.message);
    }
  });

  it("says in the language status what the file is", async () => {
    const texts = await workbench.languageStatus();
    assert.ok(texts.length > 0);
  });

  for (const theme of ["light", "dark"] satisfies Theme[]) {
    it(`can be read in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await workbench.screenshot(`check-${theme}`);
      if (keepScreenshots) {
        await workbench.screenshot(`check-${theme}`, path.join(root, "extension", "assets", `screenshot-check-${theme}.png`));
      }
    });
  }
});
