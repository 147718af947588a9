import * as assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { type Theme, Workbench } from "../support/workbench";

const RESERVED = "<|reserved_2|>";
const ROWS = [
  { messages: [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello" }] },
  { messages: [{ role: "user", content: `Say ${RESERVED}` }, { role: "assistant", content: "z" }] },
];
const MESSAGE =
  "Traceback (most recent call last):\nValueError: Unsloth: Untrained tokens in rows [[1]] found.\nThe token ids are [[2040]] and tokens are [<|reserved_2|>].\n" +
  "The issue is the embed_tokens & lm_head not trainable, which will cause NaNs.";

void test("untrained tokens in a real workbench, from choosing a model to explaining an error", async (t) => {
  const home = temporaryFolder("e2e-untrained");
  const folder = path.join(home, "workspace");
  mkdirSync(path.join(folder, "models"), { recursive: true });
  writeFileSync(path.join(folder, "train.jsonl"), ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""));
  writeFileSync(path.join(folder, "lora.yaml"), "base_model: x/y\nadapter: lora\n");
  cpSync(path.join(root, "extension", "assets", "model"), path.join(folder, "models", "Local-Model"), { recursive: true, filter: (file) => !/onnx|training/.test(file) });
  const cached = path.join(home, "hf", "hub", "models--acme--Cached-Model");
  mkdirSync(path.join(cached, "refs"), { recursive: true });
  writeFileSync(path.join(cached, "refs", "main"), "0123456789012345678901234567890123456789");
  cpSync(path.join(folder, "models", "Local-Model"), path.join(cached, "snapshots", "0123456789012345678901234567890123456789"), { recursive: true });

  const env = { HF_HOME: path.join(home, "hf"), TUNESMITH_CACHE: path.join(home, "cache") };
  const workbench = await Workbench.open({ folder, env, theme: "light" });
  t.after(() => workbench.close());
  const { page } = workbench;
  const input = page.locator(".quick-input-widget input").first();
  const entry = (text: string) => page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  /** One quick input may follow on another, whose field is the same. */
  const titled = (title: string): Promise<void> => page.locator(".quick-input-title", { hasText: title }).waitFor();
  const select = async (text: string): Promise<void> => {
    await workbench.runCommand("Tunesmith: Select Model…");
    await entry(text).click();
  };
  await workbench.openFile("train.jsonl");

  await t.test("lists the models of the workspace, of the cache and its own, and ways to others", async () => {
    await workbench.runCommand("Tunesmith: Select Model…");
    await entry("Cached-Model").waitFor();
    const rows = (await page.locator(".quick-input-list .monaco-list-row").allInnerTexts()).join("\n");
    for (const wanted of ["Local-Model", "acme/Cached-Model", "Tunesmith Tiny", "Choose a folder…", "Choose a GGUF file…", "Download from the Hugging Face hub…", "No model"]) assert.ok(rows.includes(wanted), `${wanted} in\n${rows}`);
    await workbench.screenshot("select-model-light");
    await page.keyboard.press("Escape");
  });

  for (const [text, name] of [["Local-Model", "Local-Model"], ["acme/Cached-Model", "Cached-Model"], ["Tunesmith Tiny", "Tunesmith Tiny"]] as const) {
    await t.test(`takes ${text}, and says how many of its tokens are untrained`, async () => {
      await select(text);
      const texts = await workbench.languageStatus((all) => all.some((text) => text.startsWith(name)) && all.some((text) => / \d+ untrained/.test(text)));
      assert.ok(texts.some((text) => text.startsWith("vocabulary of 2,048 · 10 untrained")), texts.join("\n"));
      assert.ok(texts.some((text) => text.startsWith("2 rows")), texts.join("\n"));
    });
  }

  await t.test("underlines the token, and tells of the configuration that does not train it", async () => {
    await workbench.squiggles("error");
    const problems = await workbench.problems((all) => all.some(({ code }) => code === "tokens/untrained"));
    assert.match(problems.find(({ code }) => code === "tokens/untrained")?.message ?? "", /lora\.yaml does not train embed_tokens and lm_head \(Axolotl\)/);
    await page.keyboard.press("Control+Shift+M");
  });

  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await t.test(`explains a trainer's message that was copied, and leads to the token, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await page.evaluate((text) => navigator.clipboard.writeText(text), MESSAGE);
      await workbench.runCommand("Tunesmith: Explain Training Error");
      await entry("train.jsonl:2").waitFor();
      await workbench.screenshot(`explain-error-${theme}`);
      await entry("The data, or the chat template").click();
      await page.locator(".monaco-dialog-box", { hasText: "uses tokens whose embedding rows were never trained" }).waitFor();
      await workbench.screenshot(`explained-${theme}`);
      await page.keyboard.press("Escape");
      await workbench.runCommand("Tunesmith: Explain Training Error");
      await entry("train.jsonl:2").click();
      await until("the token to be selected", () => workbench.statusBar(), (all) => all.some((each) => each.includes(`(${RESERVED.length} selected)`)));
      await workbench.hover("reserved_2");
      await workbench.screenshot(`untrained-hover-${theme}`);
      await page.mouse.move(5, 5);
      await page.keyboard.press("Escape");
    });
  }

  await t.test("asks for the message where nothing was copied", async () => {
    await page.evaluate(() => navigator.clipboard.writeText("nothing"));
    await page.keyboard.press("Control+Home");
    await workbench.runCommand("Tunesmith: Explain Training Error");
    await titled("Explain Training Error");
    await input.fill("{'loss': nan, 'grad_norm': nan}");
    await page.keyboard.press("Enter");
    await entry("The loss is not a number").waitFor();
    await page.keyboard.press("Escape");
  });

  await t.test("copies what trains the embedding rows", async () => {
    await workbench.runCommand("Tunesmith: Copy Configuration That Trains Embeddings…");
    await entry("lora.yaml").waitFor();
    await workbench.screenshot("copy-configuration-dark");
    await entry("Unsloth: get_peft_model").click();
    await until("the copy", () => page.evaluate(() => navigator.clipboard.readText()), (text) => text.includes("embedding_learning_rate"));
  });
});
