import * as assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import type { FrameLocator } from "playwright-core";
import { accessibilityViolations } from "../support/axe";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { type Theme, Workbench } from "../support/workbench";

const model = path.join(root, "extension", "assets", "model");
const ROW = `{"messages":[{"role":"user","content":"Is my chain worn?"},{"role":"assistant","content":"Measure it."}]}`;
const OWN = "<|begin|><|user|>Is my chain worn?<|end|><|assistant|>Measure it.<|end|>";
const PLAIN = "user: Is my chain worn?\nassistant: Measure it.\n";

/** The model with fewer merges, so that it cuts the same text into more tokens, and with its template in its configuration. */
function writeCoarseModel(folder: string): void {
  const read = (name: string): string => readFileSync(path.join(model, name), "utf8");
  const tokenizer = JSON.parse(read("tokenizer.json")) as { readonly model: { readonly merges: readonly unknown[] } };
  const config = JSON.parse(read("tokenizer_config.json")) as object;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify({ ...tokenizer, model: { ...tokenizer.model, merges: tokenizer.model.merges.slice(0, 20) } }));
  writeFileSync(path.join(folder, "tokenizer_config.json"), JSON.stringify({ ...config, chat_template: read("chat_template.jinja") }));
}

/** The X-ray as somebody without a mouse uses it. */
class XrayByKeys {
  readonly #workbench: Workbench;
  readonly frame: FrameLocator;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.frame = workbench.webview();
  }

  /** The texts of the prompts that are shown. */
  async prompts(): Promise<readonly string[]> {
    return await this.frame.locator(".prompt").evaluateAll((panes) => {
      const shown = panes.filter((pane) => pane instanceof HTMLElement && pane.offsetParent !== null);
      return shown.map((pane) => [...pane.querySelectorAll(".text")].map(({ textContent }) => textContent).join(""));
    });
  }

  async shows(...expected: readonly string[]): Promise<void> {
    await until(`the prompts ${JSON.stringify(expected)}`, () => this.prompts(), (shown) => JSON.stringify(shown) === JSON.stringify(expected), 60_000);
  }

  /** Waits for what the compared prompt has marked. Tokens come after their text, once it is known to be in view. */
  async marks(mark: string, accept: (texts: readonly string[]) => boolean): Promise<void> {
    await until(`what is ${mark}`, () => this.frame.locator(".prompt").last().locator(`.run.${mark}`).allInnerTexts(), accept);
  }

  /** Moves the focus from the editor into the page. */
  async enter(): Promise<void> {
    await this.#workbench.page.keyboard.press("Control+2");
    await until("the focus in the page", () => this.frame.locator("body").evaluate(() => document.hasFocus()), (has) => has);
  }

  /** What the control with the focus is called; "" where none of the page has it. */
  async focused(): Promise<string> {
    return await this.frame.locator("body").evaluate(() => {
      const control: (Element & { readonly label?: string }) | null = document.activeElement;
      if (control === null || control === document.body || !document.hasFocus()) return "";
      return control.label ?? control.getAttribute("aria-label") ?? control.textContent.trim();
    });
  }

  /** Goes to a control by the Tab key: back to the first one, and on from there. */
  async tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    let key = "Shift+Tab";
    for (let focused = await this.focused(); focused !== name; focused = await this.focused()) {
      assert.ok(passed.length < 60 && (focused !== "" || passed.length === 0), `Tab does not lead to '${name}', only to: ${passed.join(", ")}`);
      passed.push(focused);
      if (focused === FIRST_CONTROL) key = "Tab";
      // A page that was left goes on from the control that had the focus then.
      await this.#workbench.page.keyboard.press(focused === "" ? "Tab" : key);
    }
  }

  /** Chooses an entry of a list by the arrow keys. */
  async choose(list: string, entry: string): Promise<void> {
    const { keyboard } = this.#workbench.page;
    await this.tabTo(list);
    const active = this.frame.locator("vscode-single-select .option.active").filter({ visible: true });
    await keyboard.press("ArrowDown");
    await active.waitFor();
    // The list opens at the entry that is chosen, which may stand below.
    for (let i = 0; i < 10; i++) await keyboard.press("ArrowUp");
    for (let i = 0; i < 10 && !(await active.innerText()).includes(entry); i++) await keyboard.press("ArrowDown");
    assert.ok((await active.innerText()).includes(entry), entry);
    await keyboard.press("Enter");
    await active.waitFor({ state: "hidden" });
  }
}

const FIRST_CONTROL = "Conversation";

void test("comparing prompts in a real workbench, by keyboard alone", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "bicycles");
  mkdirSync(folder, { recursive: true });
  const coarse = path.join(folder, "coarse-model");
  writeCoarseModel(coarse);
  writeFileSync(path.join(folder, "chat.jsonl"), `${ROW}\n`);
  writeFileSync(path.join(folder, "plain.jinja"), "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
  cpSync(path.join(model, "chat_template.jinja"), path.join(folder, "own.jinja"));
  const settings = { "workbench.activityBar.location": "hidden", "tunesmith.models": { "**": coarse } };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1440, height: 860 } });
  t.after(() => workbench.close());
  const { page } = workbench;
  page.setDefaultTimeout(60_000);
  await workbench.openFile("chat.jsonl");
  await workbench.runCommand("Tunesmith: Open Prompt X-ray");
  const xray = new XrayByKeys(workbench);
  await xray.shows(OWN);

  await t.test("a file that is opened while the X-ray has the focus opens beside it, and becomes its template", async () => {
    await workbench.openFile("own.jinja");
    await xray.frame.locator("vscode-single-select", { hasText: "own.jinja" }).waitFor();
    await xray.enter();
    await workbench.openFile("plain.jinja");
    await xray.shows(PLAIN);
  });

  await t.test("two templates are compared in text", async () => {
    await xray.enter();
    await xray.tabTo("Compare");
    await page.keyboard.press("Space");
    await xray.shows(PLAIN, PLAIN);
    await xray.choose("Compared template", "own.jinja");
    await xray.shows(PLAIN, OWN);
    assert.match(await xray.frame.locator(".difference").first().innerText(), /^The text differs at \d+ places?\./);
    await xray.marks("changed", (texts) => texts.join("").startsWith("<|begin|>"));
  });

  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await t.test(`can be read by everybody in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await workbench.picture("compare", theme);
      assert.deepEqual(await accessibilityViolations(xray.frame), []);
    });
  }

  await t.test("two models are compared in tokens", async () => {
    await xray.choose("Template", "own.jinja");
    await xray.shows(OWN, OWN);
    await xray.choose("Compared model", "Built-in example");
    const difference = xray.frame.locator(".difference");
    const said = await until("the tokens", () => difference.allInnerTexts(), ([left]) => left?.includes("only here") === true);
    assert.match(said[0] ?? "", /^The text is the same\. \d+ tokens are only here\./);
    await xray.marks("alone", (texts) => texts.some((token) => token.length > 2));
    assert.deepEqual(await accessibilityViolations(xray.frame), []);
  });

  await t.test("a token is chosen by the arrow keys, told about, and leads to its message", async () => {
    await xray.enter();
    await xray.tabTo("Prompt");
    await page.keyboard.press("Home");
    await xray.frame.locator(".details .written", { hasText: "<|begin|>" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await xray.frame.locator(".details .written", { hasText: "<|user|>" }).waitFor();
    await page.keyboard.press("Enter");
    const column = ROW.indexOf("user") + "user".length + 1;
    await until("the selection", () => workbench.statusBar(), (entries) => entries.includes(`Ln 1, Col ${column} (4 selected)`));
  });

  await t.test("a model's own template opens out of its configuration, at the expression", async () => {
    await xray.enter();
    await xray.choose("Template", "The model's own");
    await xray.tabTo("Prompt");
    await page.keyboard.press("Home");
    await xray.frame.locator(".details .written", { hasText: "<|begin|>" }).waitFor();
    await xray.tabTo("Go to Template");
    await page.keyboard.press("Enter");
    await page.locator('.tab.active[data-resource-name="chat_template.jinja"]').waitFor();
    const column = "{{- ".length + 1;
    await until("the selection", () => workbench.statusBar(), (entries) => entries.includes(`Ln 1, Col ${column + "bos_token".length} (9 selected)`));
  });
});
