import * as assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

/** Pictures that the README and the walkthrough show are only replaced on request. */
const updateScreenshots = process.env.UPDATE_SCREENSHOTS === "1";

const ROWS = [
  `{"messages":[{"role":"user","content":"My chain slips uphill. Is it worn?"},{"role":"assistant","content":"Measure it first: a worn chain is longer."}]}`,
  `{"messages": [{"role": "usr", "content": "Caf\\u00e9 rides?"},  {"role": "assistant", "content": "Every Sunday <|end|> at nine."}]}`,
];
const CONTENT = `${ROWS.join("\r\n")}\r\n`;

interface Box {
  readonly left: number;
  readonly right: number;
}

/** Where `text` stands on the screen, across the pieces that the editor colours. */
async function boxOf(page: Page, text: string): Promise<Box | undefined> {
  return await page.locator(".editor-instance .view-line").evaluateAll((lines, wanted) => {
    for (const line of lines) {
      const nodes: Text[] = [];
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) nodes.push(node as Text);
      const whole = nodes.map(({ data }) => data).join("").replaceAll("\u00a0", " ");
      const at = whole.indexOf(wanted);
      if (at === -1) continue;
      const range = document.createRange();
      let passed = 0;
      for (const node of nodes) {
        if (at >= passed && at < passed + node.length) range.setStart(node, at - passed);
        if (at + wanted.length > passed && at + wanted.length <= passed + node.length) range.setEnd(node, at + wanted.length - passed);
        passed += node.length;
      }
      const { left, right } = range.getBoundingClientRect();
      return { left, right };
    }
    return undefined;
  }, text);
}

/** How many marks of tokens there are, by the style of the line below them. */
async function marks(page: Page): Promise<Readonly<Record<string, number>>> {
  return await page.locator(".editor-instance .view-overlays .cdr").evaluateAll((elements) => {
    const counts: Record<string, number> = {};
    for (const element of elements) {
      const { borderBottomWidth, borderBottomStyle, borderLeftWidth } = getComputedStyle(element);
      const kind = borderBottomWidth !== "0px" ? borderBottomStyle : borderLeftWidth !== "0px" ? "boundary" : "other";
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  });
}

void test("a dataset in the editor", async (t) => {
  const folder = temporaryFolder("e2e-dataset");
  const file = path.join(folder, "chat.jsonl");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, CONTENT);
  const models = { "**": path.join(root, "extension", "assets", "model") };
  const settings = { "editor.wordWrap": "on", "files.autoSave": "off", "tunesmith.models": models };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1100, height: 620 } });
  t.after(() => workbench.close());
  const { page } = workbench;
  await workbench.openFile("chat.jsonl");
  await workbench.squiggles("error");
  const picture = async (name: string): Promise<void> => {
    await workbench.screenshot(name);
    if (updateScreenshots) await workbench.screenshot(name, path.join(root, "extension", "assets", "screenshots", `${name}.png`));
  };

  await t.test("has a squiggle under exactly the characters that are wrong", async () => {
    const text = await until("the role in view", () => boxOf(page, `"usr"`), (box) => box !== undefined);
    const squiggle = await (await workbench.squiggles("error")).first().boundingBox();
    assert.ok(text !== undefined && squiggle !== null);
    assert.ok(Math.abs(squiggle.x - text.left) < 1.5 && Math.abs(squiggle.x + squiggle.width - text.right) < 1.5, JSON.stringify({ text, squiggle }));
  });

  await t.test("shows the prompt in a hover", async () => {
    await workbench.languageStatus(([first = ""]) => first.includes(" tokens"));
    const hover = await until("the prompt", () => workbench.hover("Measure"), (text) => text.includes("<|assistant|>"), 60_000);
    assert.match(hover, /assistant, turn 2 of 2/);
    assert.match(hover, /<\|begin\|><\|user\|>My chain slips uphill\. Is it worn\?<\|end\|><\|assistant\|>/);
    assert.match(hover, /id \d+/);
    await picture("hover-dark");
    await page.keyboard.press("Escape");
  });

  await t.test("is repaired by a quick fix, and undo restores it byte for byte", async () => {
    await page.mouse.click(5 + (await boxOf(page, `"usr"`))!.left, (await (await workbench.squiggles("error")).first().boundingBox())!.y + 2);
    await page.keyboard.press("Control+.");
    const action = page.locator(".action-widget .monaco-list-row", { hasText: "Change the role to 'user'" }).first();
    await action.waitFor({ timeout: 30_000 });
    await picture("quick-fix-dark");
    await action.click();
    await until("the row to be repaired", () => boxOf(page, `"role": "user"`), (box) => box !== undefined);
    await page.keyboard.press("Control+S");
    await until("the file to be saved", () => Promise.resolve(readFileSync(file, "utf8")), (text) => text === CONTENT.replace(`"usr"`, `"user"`));
    await page.keyboard.press("Control+Z");
    await page.keyboard.press("Control+S");
    await until("the file to be as before", () => Promise.resolve(readFileSync(file, "utf8")), (text) => text === CONTENT);
  });

  await t.test("has its tokens marked on request", async () => {
    await workbench.runCommand("Tunesmith: Show or Hide Token Boundaries");
    await workbench.runCommand("Tunesmith: Show or Hide What Is Trained");
    await workbench.runCommand("Tunesmith: Show or Hide Special Tokens");
    const found = await until("marks", () => marks(page), (counts) => (counts["boundary"] ?? 0) > 10 && (counts["dotted"] ?? 0) > 0 && (counts["solid"] ?? 0) > 0);
    assert.ok((found["boundary"] ?? 0) > 10, JSON.stringify(found));
    await picture("tokens-dark");
  });

  await t.test("is readable in the light theme", async () => {
    await workbench.setTheme("light");
    await until("marks", () => marks(page), (counts) => (counts["boundary"] ?? 0) > 10);
    await picture("tokens-light");
    await workbench.hover("Measure");
    await picture("hover-light");
  });
});
