import * as assert from "node:assert/strict";
import { cpSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { type Problem, type Theme, Workbench } from "../support/workbench";

const assets = path.join(root, "extension", "assets");

/** The rows of the sample's chat.jsonl that must have a finding: two users in a row, an unknown role, and so on. */
const faultyLines = [2, 3, 4, 5, 6, 7];
const soundLines = [1, 9];

void test("a dataset with faults in a real workbench", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
  cpSync(path.join(assets, "sample-workspace"), folder, { recursive: true });
  const models = { "**": path.join(root, "node_modules", "@lenml", "tokenizer-llama3_1", "models") };
  const workbench = await Workbench.open({ folder, settings: { "editor.wordWrap": "on", "tunesmith.models": models } });
  t.after(() => workbench.close());
  // The sound file first: when the other one's findings are there, this one has been checked as well.
  await workbench.openFile("sharegpt.jsonl");
  await workbench.openFile("chat.jsonl");

  await t.test("underlines what is wrong", async () => {
    const squiggles = await workbench.squiggles("error");
    assert.ok((await squiggles.count()) > 0);
  });

  const has = (problems: readonly Problem[], line: number): boolean => problems.some((problem) => problem.line === line);
  const problems = await workbench.problems((all) => faultyLines.every((line) => has(all, line)));

  await t.test("lists nothing for sound rows and files", () => {
    const wrong = problems.filter(({ file, line }) => file !== "chat.jsonl" || soundLines.includes(line));
    assert.deepEqual(wrong, []);
  });

  await t.test("names the tool and the rule of each problem", () => {
    for (const problem of problems) {
      assert.equal(problem.source, "Tunesmith");
      assert.match(problem.code, /^[a-z]+\/[a-z-]+$/, problem.message);
    }
  });

  await t.test("says in the language status what the file is, with the model's tokens", async () => {
    const texts = await workbench.languageStatus((all) => all.some((text) => text.includes(" tokens")));
    assert.ok(texts.some((text) => text.startsWith("tokenizer-llama3_1")), texts.join("\n"));
    assert.ok(texts.some((text) => text.startsWith("vocabulary of 128,256")), texts.join("\n"));
    assert.ok(texts.some((text) => /^9 rows · \d+ tokens/.test(text)), texts.join("\n"));
  });

  for (const theme of ["light", "dark", "high-contrast"] satisfies Theme[]) {
    await t.test(`keeps its marks in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await workbench.squiggles("error");
      assert.match(await workbench.showLanguageStatus(), /9 rows/);
      await workbench.picture("check", theme);
    });
  }
});
