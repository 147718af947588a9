import * as assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import type { FrameLocator, Locator } from "playwright-core";
import { accessibilityViolations } from "../support/axe";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { type Theme, Workbench } from "../support/workbench";

const assets = path.join(root, "extension", "assets");
const pictured = ["light", "dark"] satisfies Theme[];
const themes = [...pictured, "high-contrast", "high-contrast-light"] satisfies Theme[];

/** The prompt that the page shows, in one of its two panes. */
class ShownPrompt {
  readonly #pane: Locator;

  constructor(frame: FrameLocator, side = 0) {
    this.#pane = frame.locator(".prompt").nth(side);
  }

  async text(): Promise<string> {
    return (await this.#pane.locator(".text").allTextContents()).join("");
  }

  /** What has a mark, as one text. */
  async marked(mark: string): Promise<string> {
    return (await this.#pane.locator(`.run.${mark}`).allTextContents()).join("");
  }

  /** Clicks the token that begins a text, and gives the token's own text. */
  async click(text: string): Promise<string> {
    const at = (await this.text()).indexOf(text);
    assert.ok(at !== -1, text);
    const index = await this.#pane.locator(".run").evaluateAll((runs, offset) => {
      let end = 0;
      return runs.findIndex((run) => (end += run.textContent.length) > offset);
    }, at);
    const run = this.#pane.locator(".run").nth(index);
    await run.click();
    return await run.innerText();
  }
}

/** The expression of the template that prints what users say, and its column in line 12. */
const printed = "'<|' + message['role'] + '|>' + message['content'] + '<|end|>'";
const printedAt = 13;

/** The text that is selected in the active editor, as the status bar counts it: "Ln 12, Col 9 (5 selected)". */
async function selection(workbench: Workbench): Promise<string> {
  return (await workbench.statusBar()).find((entry) => /^Ln \d/.test(entry)) ?? "";
}

void test("the prompt X-ray in a real workbench", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
  cpSync(path.join(assets, "sample-workspace"), folder, { recursive: true });
  cpSync(path.join(assets, "model", "chat_template.jinja"), path.join(folder, "workshop.jinja"));
  const settings = { "editor.wordWrap": "on", "workbench.activityBar.location": "hidden" };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1440, height: 860 } });
  t.after(() => workbench.close());
  const { page } = workbench;
  // Switching themes, reloading and rendering at once keeps two cores busy for a while.
  page.setDefaultTimeout(60_000);
  await workbench.openFile("chat.jsonl");
  await workbench.runCommand("Tunesmith: Open Prompt X-ray");
  const frame = workbench.webview();
  const prompt = new ShownPrompt(frame);
  const shows = (what: RegExp): Promise<string> => until(`a prompt like ${String(what)}`, () => prompt.text(), (text) => what.test(text), 60_000);
  const row = readFileSync(path.join(folder, "chat.jsonl"), "utf8").split("\n")[1] ?? "";

  await t.test("shows the row that the cursor is in, as the model is given it", async () => {
    assert.match(await shows(/chain/), /^<\|begin\|><\|system\|>You help in a bicycle workshop\. Be brief\.<\|end\|><\|user\|>My chain slips uphill\. Is it worn\?<\|end\|>/);
    assert.deepEqual(await frame.locator(".prompt .role").allTextContents(), ["system", "user", "assistant"]);
    assert.equal(await prompt.marked("trained"), "Maybe. Past 0.75 % on the gauge, replace it.<|end|>");
    assert.deepEqual(await frame.locator(".prompt [data-label]").evaluateAll((runs) => runs.map((run) => run.getAttribute("data-label"))), ["BOS", "EOS", "EOS", "EOT/EOS"]);
  });

  await t.test("follows the cursor into another row, and marks its place in the prompt", async () => {
    await page.keyboard.press("Control+1");
    await page.keyboard.press("Control+G");
    await page.keyboard.type(`2:${row.indexOf("tyre") + 1}`);
    await page.keyboard.press("Enter");
    await shows(/32 mm tyre/);
    assert.match(await until("the mark", () => prompt.marked("highlighted"), (text) => text !== ""), /^ ?t/);
  });

  for (const theme of pictured) {
    await t.test(`leads from a token to the characters of the message, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const token = await prompt.click("tyre");
      await frame.locator("vscode-button", { hasText: "Go to Message" }).click();
      const end = row.indexOf("tyre") + token.trimStart().length;
      assert.equal(await until("the selection", () => selection(workbench), (text) => text.includes("selected")), `Ln 2, Col ${end + 1} (${token.length} selected)`);
      await workbench.picture("xray-message", theme);
    });
  }

  await t.test("leads from a token to the expression of the template that printed it", async () => {
    await workbench.openFile("workshop.jinja");
    await prompt.click("tyre");
    await frame.locator("vscode-button", { hasText: "Go to Template" }).click();
    assert.equal(await until("the selection", () => selection(workbench), (text) => text.includes("selected")), `Ln 12, Col ${printedAt + printed.length} (${printed.length} selected)`);
  });

  // A list that opens while the editor is still being shown closes again.
  await page.locator(".editor-instance .monaco-editor.focused").waitFor();

  for (const theme of pictured) {
    await t.test(`shows an edit of the template, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await page.keyboard.press("Control+G");
      const column = printedAt + printed.indexOf(" + '<|end|>'");
      await page.keyboard.type(`12:${column}`);
      await page.keyboard.press("Enter");
      await page.keyboard.type(" | upper");
      await page.keyboard.press("Escape");
      await shows(/<\|user\|>HOW MUCH AIR FOR A 32 MM TYRE\?/);
      await workbench.picture("xray-edit", theme);
      // Words are undone one by one.
      await until("the template as it was", () => page.keyboard.press("Control+Z").then(() => workbench.statusBar()), (entries) => entries.includes(`Ln 12, Col ${column}`));
      await shows(/<\|user\|>How much air/);
    });
  }

  await t.test("marks what the expression at the cursor of the template has printed", async () => {
    await page.keyboard.press("Control+G");
    await page.keyboard.type("4:15");
    await page.keyboard.press("Enter");
    assert.equal(await until("the mark", () => prompt.marked("highlighted"), (text) => text.includes("assistant")), "<|assistant|>");
  });

  for (const theme of themes) {
    await t.test(`can be read by everybody in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const token = await prompt.click("tyre");
      await until("the details", () => frame.locator(".details .written").innerText(), (text) => text.endsWith(token.trim()));
      await workbench.picture("xray", theme);
      assert.deepEqual(await accessibilityViolations(frame), []);
    });
  }

  await t.test("comes back after the window was reloaded, with the row that it showed", async () => {
    await page.reload();
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 120_000 });
    await shows(/32 mm tyre/);
  });
});
