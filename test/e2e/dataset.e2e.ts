import * as assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import { openTokenizer } from "../../extension/core/tokenizer/open";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { type Theme, Workbench } from "../support/workbench";

const model = path.join(root, "extension", "assets", "model");
const themes = ["light", "dark"] satisfies Theme[];

const QUESTION = "My chain slips uphill.";
/** A token of the embedded model that it was never trained with, as it is written in rows: one of them with an escape. */
const UNTRAINED = ["\\u003c|reserved_2|>", "<|reserved_2|>"] as const;
const ROWS = [
  `{"messages": [{"role": "user", "content": "${QUESTION} Is it worn?"}, {"role": "assistant", "content": "Measure it first: a worn chain is longer."}]}`,
  `{"messages": [{"role": "user", "content": "Caf\\u00e9 rides?"},  {"role": "user", "content": "On Sunday?"}, {"role": "assistant", "content": "At nine."}]}`,
  `{"messages": [{"role": "user", "content": "${UNTRAINED.join(" ")}?"}, {"role": "assistant", "content": "That means nothing to me."}]}`,
];
const CONTENT = `${ROWS.join("\r\n")}\r\n`;
const WITHOUT_LAST = `${ROWS.slice(0, 2).join("\r\n")}\r\n`;
const MERGED = CONTENT.replace(`"},  {"role": "user", "content": "On Sunday?"}, {`, String.raw`\n\nOn Sunday?"},  {`);

/** Editor and browser round differently. */
const near = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] ?? NaN)) <= 1);

/** Where a text's tokens begin, in characters. */
function tokenStarts(text: string): readonly number[] {
  const read = (name: string): JsonObject => JSON.parse(readFileSync(path.join(model, name), "utf8")) as JsonObject;
  const { tokenizer } = openTokenizer(read("tokenizer.json"), read("tokenizer_config.json"), (bytes) => new ArrayBuffer(bytes));
  const encoding = tokenizer.encode(text, { specialTokens: false });
  return Array.from(encoding.ids, (_, token) => encoding.rangeOf(token)[0]);
}

/** What is on the screen in most pictures, and where something stands below or beside the editor. */
const LOW = { width: 1040, height: 420 };
const HIGH = { width: 1040, height: 520 };

void test("a dataset in a real workbench", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "bicycles");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "chat.jsonl");
  writeFileSync(file, CONTENT);
  const settings = { "editor.wordWrap": "on", "editor.hover.delay": 100, "files.autoSave": "off", "workbench.activityBar.location": "hidden", "tunesmith.models": { "**": model } };
  const workbench = await Workbench.open({ folder, settings, size: LOW });
  t.after(() => workbench.close());
  const { page } = workbench;
  await workbench.openFile("chat.jsonl");
  await page.keyboard.press("Control+B");
  await workbench.languageStatus((all) => all.some((text) => text.includes(" tokens")));
  const inFile = async (expected: string): Promise<void> => {
    await page.keyboard.press("Control+S");
    await until("the file", () => Promise.resolve(readFileSync(file, "utf8")), (text) => text === expected);
  };

  /** Waits until the row's finding is there, or gone, and the row's number of tokens, which VS Code cuts short for a second behind an edit, is whole. */
  const found = async (isThere: boolean): Promise<void> => {
    await until(isThere ? "the finding" : "the finding to go", () => page.locator(".editor-instance .squiggly-warning").count(), (count) => count > 0 === isThere);
    await until("the numbers of tokens", () => workbench.look("…", ""), ({ boxes }) => boxes.length === 0);
  };

  await t.test("has squiggles under exactly the characters of untrained tokens", async () => {
    // Both places are on one line, and nothing else on it is an error.
    const line = UNTRAINED.join(" ");
    await until(
      "the squiggles",
      () => workbench.look(line, ".squiggly-error"),
      ({ boxes: [box], marks }) => {
        if (box === undefined) return false;
        const [first, second] = UNTRAINED.map((token) => ((box.right - box.left) * token.length) / line.length) as [number, number];
        return near(marks.flatMap(({ left, right }) => [left, right]), [box.left, box.left + first, box.right - second, box.right]);
      },
      60_000,
    );
  });

  await page.setViewportSize(HIGH);
  for (const theme of themes) {
    await t.test(`says of an untrained token why it is, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const hover = await until("the finding", () => workbench.hover("reserved_2|> <"), (text) => text.includes("tokens/untrained"));
      assert.match(hover, /<\|reserved_2\|>/);
      await workbench.picture("untrained", theme);
      await page.mouse.move(5, 5);
      await page.keyboard.press("Escape");
    });
  }
  await page.setViewportSize(LOW);

  for (const theme of themes) {
    await t.test(`shows the prompt in a hover, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const hover = await until("the prompt", () => workbench.hover("worn chain"), (text) => text.includes("<|assistant|>"), 60_000);
      assert.match(hover, /assistant, turn 2 of 2 · row 1 · \d+ tokens, \d+ trained/);
      assert.ok(hover.includes(`<|begin|><|user|>${QUESTION} Is it worn?<|end|><|assistant|>Measure it first: a worn chain is longer.<|end|>`), hover);
      assert.match(hover, /id \d+ · \d+ bytes? .* · trained on/);
      await workbench.picture("hover", theme);
      await page.mouse.move(5, 5);
      await page.keyboard.press("Escape");
    });
  }

  for (const theme of themes) {
    await t.test(`is repaired by a quick fix, and undo restores it byte for byte, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const action = (await workbench.quickFixes('"user", "content": "On')).filter({ hasText: "Merge the two user turns" });
      await action.waitFor();
      await workbench.picture("fix", theme);
      await action.click();
      await until("the row to be repaired", () => workbench.look(String.raw`rides?\n\nOn`, ""), ({ boxes }) => boxes.length === 1);
      await inFile(MERGED);
      await found(false);
      await workbench.picture("fixed", theme);
      await page.keyboard.press("Control+Z");
      await until("the row to be as before", () => workbench.look(String.raw`rides?\n\nOn`, ""), ({ boxes }) => boxes.length === 0);
      await inFile(CONTENT);
      await found(true);
      await workbench.picture("undone", theme);
    });
  }

  await page.setViewportSize(HIGH);
  const preview = page.locator(".bulk-edit-panel");
  /** The changes that the preview lists; the first entry is the file. */
  const changes = preview.locator(".monaco-list-row");

  await t.test("shows what a fix changes before it is made, where that is asked for", async () => {
    const problems = (): Promise<string> => page.locator("[id='status.problems']").innerText();
    const before = await problems();
    await workbench.quickFixes('"user", "content": "On');
    // VS Code's own key for it, in every menu of fixes.
    await page.keyboard.press("Control+Enter");
    await changes.nth(1).click();
    await page.locator(".monaco-diff-editor .modified .char-insert").first().waitFor();
    await workbench.screenshot("fix-preview");
    assert.equal(await problems(), before, "the preview has findings of its own");
    assert.equal(readFileSync(file, "utf8"), CONTENT);
    await preview.getByRole("button", { name: "Apply" }).click();
    await until("the row to be repaired", () => workbench.look(String.raw`rides?\n\nOn`, ""), ({ boxes }) => boxes.length === 1);
    await inFile(MERGED);
    await page.keyboard.press("Control+Z");
    await inFile(CONTENT);
  });

  await t.test("asks which rows are to be deleted, where they may be out of sight", async () => {
    const action = (await workbench.quickFixes("reserved_2|> <")).filter({ hasText: "Delete this row – for all" });
    await action.click();
    // Nothing is chosen before somebody has seen it.
    await changes.nth(1).waitFor();
    await changes.nth(0).locator(".monaco-checkbox, .monaco-custom-toggle, [role=checkbox], input").first().click();
    await workbench.screenshot("delete-preview");
    assert.equal(readFileSync(file, "utf8"), CONTENT);
    await preview.getByRole("button", { name: "Apply" }).click();
    await until("the row to go", () => workbench.look("That means nothing", ""), ({ boxes }) => boxes.length === 0);
    await inFile(WITHOUT_LAST);
    await page.keyboard.press("Control+Z");
    await inFile(CONTENT);
  });
  await page.setViewportSize(LOW);

  await t.test("has a line before every token, and other lines under what is trained and what is masked", async () => {
    // VS Code marks the other places of the word at the cursor.
    await page.keyboard.press("Control+Home");
    for (const title of ["Token Boundaries", "What Is Trained", "Special Tokens"]) await workbench.runCommand(`Tunesmith: Show or Hide ${title}`);
    const starts = tokenStarts(QUESTION);
    await until(
      "the lines",
      () => workbench.look(QUESTION, ".cdr"),
      ({ boxes: [box], marks }) => {
        if (box === undefined) return false;
        const inText = marks.filter(({ border, left, right }) => border === "left solid" && left > box.left - 1 && right < box.right + 1);
        const width = (box.right - box.left) / QUESTION.length;
        return near(inText.map(({ left }) => left).toSorted((a, b) => a - b), starts.map((start) => box.left + width * start));
      },
    );
    for (const [text, border] of [[QUESTION, "bottom dotted"], ["Measure it first", "bottom solid"]] as const) {
      const { boxes, marks } = await workbench.look(text, ".cdr");
      assert.ok(marks.some((mark) => mark.border === border && Math.abs(mark.left - (boxes[0]?.left ?? 0)) < 1), `${text} ${JSON.stringify(marks)}`);
    }
  });

  for (const theme of [...themes, "high-contrast", "high-contrast-light"] satisfies Theme[]) {
    await t.test(`has marks that can be read in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await workbench.picture("tokens", theme);
      // What is told is told without colour: every kind of mark has a line of its own in each theme.
      const borders = new Set((await workbench.look(UNTRAINED[1], ".cdr")).marks.map(({ border }) => border));
      for (const kind of ["left solid", "bottom dotted"]) assert.ok(borders.has(kind), `${kind} of ${[...borders].join("; ")}`);
    });
  }
});
