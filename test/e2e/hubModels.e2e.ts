import * as assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { GOOD_TOKEN, HubServer } from "../support/hub/hubServer";
import { tinyModel, tinyTokenId } from "../support/hub/tinyModel";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { modelFolder } from "../support/weights/modelFolder";
import { Workbench } from "../support/workbench";

const SPECIAL = "<|reserved_2|>";

void test("models that are chosen in a real workbench: of the hub with an access token, in a folder, in a GGUF file", async (t) => {
  const hub = await HubServer.start();
  t.after(() => hub.close());
  const home = temporaryFolder("e2e-hub");
  const folder = path.join(home, "workspace");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "train.jsonl"), `{"text":"z"}\n{"text":"Say ${SPECIAL}"}\n`);
  // Outside of the workspace, where they are browsed to.
  const local = path.join(home, "elsewhere", "My-Model");
  cpSync(path.join(root, "extension", "assets", "model"), local, { recursive: true, filter: (file) => !/onnx|training/.test(file) });
  const gguf = path.join(home, "elsewhere", "Small.gguf");
  writeFileSync(gguf, ggufModel());
  hub.push("org/gated", tinyModel(tinyTokenId("z")), { gated: true });
  hub.push("org/private", tinyModel(tinyTokenId("z")), { private: true });

  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: path.join(home, "hf"), HF_TOKEN: "", TUNESMITH_CACHE: path.join(home, "cache") };
  const workbench = await Workbench.open({ folder, env, theme: "light" });
  t.after(() => workbench.close());
  const { page } = workbench;
  const input = page.locator(".quick-input-widget input").first();
  const entry = (text: string) => page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  const titled = (title: string): Promise<void> => page.locator(".quick-input-title", { hasText: title }).waitFor();
  /** In the list of all: there are no toasts under test. */
  const notification = (text: string) => page.locator(".notifications-center .notification-list-item", { hasText: text });
  const notified = async (text: string): Promise<void> => {
    const isShown = (): Promise<boolean> => notification(text).isVisible();
    const show = async (): Promise<boolean> => {
      // The list goes with the last one in it: a download's progress, for example, before its error comes.
      if (!(await isShown()) && !(await page.locator(".notifications-center.visible").isVisible())) await workbench.runCommand("Notifications: Show Notifications");
      return await isShown();
    };
    await until(`a notification of ${text}`, show, (shown) => shown, 60_000);
  };
  const press = (text: string, button: string): Promise<void> => notification(text).getByRole("button", { name: button }).click();
  const select = async (text: string): Promise<void> => {
    await workbench.runCommand("Tunesmith: Select Model…");
    await entry(text).click();
  };
  const typeName = async (name: string): Promise<void> => {
    await select("Download from the Hugging Face hub…");
    await titled("Model of the Hugging Face hub");
    await input.fill(name);
    await page.keyboard.press("Enter");
  };
  const typeToken = async (token: string): Promise<void> => {
    await titled("Access token of the Hugging Face hub");
    assert.equal(await input.getAttribute("type"), "password");
    await input.fill(token);
    await page.keyboard.press("Enter");
  };
  const chosenModel = async (): Promise<string> => {
    const file = path.join(folder, ".vscode", "settings.json");
    const settings = await until("the setting", () => Promise.resolve(readSettings(file)), (text) => text.includes("tunesmith.models"));
    return (JSON.parse(settings) as { readonly "tunesmith.models": Readonly<Record<string, string>> })["tunesmith.models"]["**"] ?? "";
  };
  /** A path in the editor's own dialog for files, which looks at it while it is typed. */
  const browseTo = async (file: string): Promise<void> => {
    // It begins with the workspace's path, and would overwrite what came before.
    await until("the dialog's own path", () => input.inputValue(), (value) => value.endsWith("/"));
    await input.fill(file);
    await page.waitForTimeout(2000);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(1000);
    const button = page.locator(".quick-input-action", { hasText: "Select Model" });
    if (await button.isVisible()) await button.click();
  };
  const statusOf = async (name: string): Promise<string> => {
    const all = await workbench.languageStatus(([first = ""]) => first.startsWith(name) && first.includes(" untrained · "));
    return all[0] ?? "";
  };
  await workbench.openFile("train.jsonl");

  await t.test("asks for an access token where the hub wants one, again where it was wrong, and keeps it in no file", async () => {
    await typeName("org/gated");
    await notified("org/gated");
    await workbench.screenshot("hub-token-needed-light");
    assert.deepEqual([...new Set(hub.requests.map(({ authorization }) => authorization))], [undefined]);
    await press("org/gated", "Enter Access Token…");
    await typeToken("hf_wrong");
    await notified("refused the access token");
    await press("refused the access token", "Enter Access Token…");
    await titled("Access token of the Hugging Face hub");
    await workbench.screenshot("hub-token-light");
    await typeToken(GOOD_TOKEN);
    // Of a model on the network the rows of added tokens are read, then those in use: ten, and one.
    await workbench.languageStatus(([first = ""]) => first.startsWith("gated · vocabulary of 2,048 · 11 untrained"));
    assert.equal(await chosenModel(), "hf://org/gated");
    const storage = hub.requests.filter(({ server }) => server === "storage");
    assert.ok(storage.length > 0 && storage.every(({ authorization }) => authorization === undefined), "the token is sent to the hub only");
    assert.ok(!readFileSync(path.join(folder, ".vscode", "settings.json"), "utf8").includes(GOOD_TOKEN));
  });

  await t.test("uses the token that it keeps for the next model without asking", async () => {
    hub.reset();
    await typeName("org/private");
    await statusOf("private");
    assert.equal(await chosenModel(), "hf://org/private");
    assert.ok(hub.requests.filter(({ server }) => server === "hub").every(({ authorization }) => authorization === `Bearer ${GOOD_TOKEN}`));
  });

  await t.test("forgets it where an empty one is given", async () => {
    hub.push("org/other", tinyModel(tinyTokenId("z")), { private: true });
    hub.fault({ kind: "status", status: 401 }, ({ url }) => url.includes("org/other"), 1);
    await typeName("org/other");
    await notified("refused the access token");
    await press("refused the access token", "Enter Access Token…");
    hub.reset();
    await typeToken("");
    await notified("org/other");
    assert.deepEqual([...new Set(hub.requests.map(({ authorization }) => authorization))], [undefined]);
    await workbench.runCommand("Notifications: Clear All Notifications");
    assert.equal(await chosenModel(), "hf://org/private", "who gives up keeps the model that was in force");
  });

  await t.test("takes a folder, and says what is missing in another one", async () => {
    await select("Choose a folder…");
    await titled("Folder that holds the model's tokenizer.json");
    await browseTo(`${path.dirname(local)}/`);
    await notified("holds no tokenizer.json");
    await workbench.screenshot("folder-without-tokenizer-light");
    await workbench.runCommand("Notifications: Clear All Notifications");
    await select("Choose a folder…");
    await titled("Folder that holds the model's tokenizer.json");
    await browseTo(`${local}/`);
    assert.match(await statusOf("My-Model"), /^My-Model · vocabulary of 2,048 · 10 untrained/);
    assert.equal(path.resolve(await chosenModel()), local);
  });

  await t.test("takes a GGUF file", async () => {
    await select("Choose a GGUF file…");
    await titled("GGUF file");
    await browseTo(gguf);
    assert.match(await statusOf("Small"), /1 untrained/);
    assert.equal(path.resolve(await chosenModel()), gguf);
  });
});

function readSettings(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** A vocabulary of bytes and a few tokens, of which one is untrained. */
function ggufModel(): Uint8Array {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const tokens = ["<unk>", "<s>", "</s>", ...bytes, "▁", "z"];
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  const model = modelFolder({
    format: "gguf",
    dtype: "Q8_0",
    input: { rows: tokens.length, columns: 64, special: { 259: "zero" } },
    gguf: {
      metadata: {
        "general.architecture": { type: "string", value: "llama" },
        "tokenizer.ggml.model": { type: "string", value: "llama" },
        "tokenizer.ggml.tokens": { type: "array", of: "string", value: tokens },
        "tokenizer.ggml.scores": { type: "array", of: "f32", value: tokens.map((_, i) => -i) },
        "tokenizer.ggml.token_type": { type: "array", of: "i32", value: types },
        "tokenizer.ggml.bos_token_id": { type: "u32", value: 1 },
        "tokenizer.ggml.eos_token_id": { type: "u32", value: 2 },
      },
    },
  });
  return model.files.get("model.gguf") ?? assert.fail("no file");
}
