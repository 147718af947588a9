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

const assets = path.join(root, "extension", "assets");
const model = path.join(assets, "model");

/** Pictures that the README shows are only replaced on request, so that a test run leaves the tree as it was. */
const updateScreenshots = process.env.UPDATE_SCREENSHOTS === "1";
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

void test("a dataset in a real workbench", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "bicycles");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "chat.jsonl");
  writeFileSync(file, CONTENT);
  const settings = { "editor.wordWrap": "on", "editor.hover.delay": 100, "files.autoSave": "off", "workbench.activityBar.location": "hidden", "tunesmith.models": { "**": model } };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1040, height: 420 } });
  t.after(() => workbench.close());
  const { page } = workbench;
  await workbench.openFile("chat.jsonl");
  await page.keyboard.press("Control+B");
  await workbench.languageStatus(([first = ""]) => first.includes(" tokens"));
  const picture = async (name: string, theme: Theme): Promise<void> => {
    await workbench.screenshot(`${name}-${theme}`);
    if (updateScreenshots && !theme.startsWith("high")) await workbench.screenshot(theme, path.join(assets, `screenshot-${name}-${theme}.png`));
  };
  const inFile = async (expected: string): Promise<void> => {
    await page.keyboard.press("Control+S");
    await until("the file", () => Promise.resolve(readFileSync(file, "utf8")), (text) => text === expected);
  };

  await t.test("has squiggles under exactly the characters of untrained tokens, and says why", async () => {
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
    const hover = await until("the finding", () => workbench.hover("reserved_2|> <"), (text) => text.includes("tokens/untrained"));
    assert.match(hover, /<\|reserved_2\|>/);
    await page.keyboard.press("Escape");
  });

  for (const theme of themes) {
    await t.test(`shows the prompt in a hover, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const hover = await until("the prompt", () => workbench.hover("worn chain"), (text) => text.includes("<|assistant|>"), 60_000);
      assert.match(hover, /assistant, turn 2 of 2 · row 1 · \d+ tokens, \d+ trained/);
      assert.ok(hover.includes(`<|begin|><|user|>${QUESTION} Is it worn?<|end|><|assistant|>Measure it first: a worn chain is longer.<|end|>`), hover);
      assert.match(hover, /id \d+ · \d+ bytes? .* · trained on/);
      await picture("hover", theme);
      await page.mouse.move(5, 5);
      await page.keyboard.press("Escape");
    });
  }

  for (const theme of themes) {
    await t.test(`is repaired by a quick fix, and undo restores it byte for byte, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const action = (await workbench.quickFixes('"user", "content": "On')).filter({ hasText: "Merge the two user turns" });
      await action.waitFor();
      await picture("fix", theme);
      await action.click();
      await until("the row to be repaired", () => workbench.look(String.raw`rides?\n\nOn`, ""), ({ boxes }) => boxes.length === 1);
      await inFile(MERGED);
      await page.keyboard.press("Control+Z");
      await until("the row to be as before", () => workbench.look(String.raw`rides?\n\nOn`, ""), ({ boxes }) => boxes.length === 0);
      await inFile(CONTENT);
    });
  }

  await t.test("has a line before every token, and other lines under what is trained and what is masked", async () => {
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
      await picture("tokens", theme);
      // What is told is told without colour: every kind of mark has a line of its own in each theme.
      const borders = new Set((await workbench.look(UNTRAINED[1], ".cdr")).marks.map(({ border }) => border));
      for (const kind of ["left solid", "bottom dotted"]) assert.ok(borders.has(kind), `${kind} of ${[...borders].join("; ")}`);
    });
  }
});
