import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import type { Locator } from "playwright-core";
import { accessibilityViolations } from "../support/axe";
import { temporaryFolder } from "../support/cleanup";
import { HubServer } from "../support/hub/hubServer";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { type Theme, Workbench } from "../support/workbench";

const assets = path.join(root, "extension", "assets");

/** An answer of the embedded model, the first time with the start of its process; a shared machine may be slow. */
const ANSWER_MS = 120_000;

void test("the playground with the model that comes with the extension", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
  cpSync(path.join(assets, "sample-workspace"), folder, { recursive: true });
  const hub = await HubServer.start();
  t.after(() => hub.close());
  hub.push("org/tiny", Object.fromEntries(["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "onnx/model.onnx"].map((file) => [file, readFileSync(path.join(assets, "model", file))])));
  const workbench = await Workbench.open({ folder, settings: { "tunesmith.inference.device": "cpu" }, env: { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder("e2e-hub") } });
  t.after(() => workbench.close());
  await workbench.runCommand("Tunesmith: Open Playground");
  const page = workbench.webview();
  const box = page.getByRole("textbox", { name: "Next turn" });
  const answers = page.locator(".turn.role-assistant");
  const ask = async (text: string): Promise<void> => {
    await box.fill(text);
    await box.press("Enter");
  };
  const answered = async (count: number): Promise<string> => {
    await until(`answer ${count}`, () => answers.count(), (seen) => seen >= count, ANSWER_MS);
    const turn = answers.nth(count - 1);
    await until("the end of the answer", () => turn.evaluate((element) => element.classList.contains("writing")), (writing) => !writing, ANSWER_MS);
    return await turn.locator(".text").first().innerText();
  };

  await t.test("answers, and shows the prompt that was sent", async () => {
    await box.waitFor();
    await greedy(page.getByText("Sampling"), page.getByLabel("Temperature"));
    await ask("What is 3 + 4?");
    assert.match(await answered(1), /7|seven/i);
    const prompt = page.locator("details", { hasText: "Prompt as it was sent" });
    await prompt.locator("summary").click();
    assert.match(await prompt.locator(".prompt").innerText(), /What is 3 \+ 4\?/);
    assert.match(await prompt.locator("summary").innerText(), /\d+ tokens/);
  });

  await t.test("the process of the model is killed, and the conversation goes on", async () => {
    for (const pid of sidecars()) process.kill(pid, "SIGKILL");
    await until("the end of the process", () => Promise.resolve(sidecars().length), (count) => count === 0);
    await ask("What is 2 + 2?");
    assert.match(await answered(2), /4|four/i);
    assert.equal(await page.locator(".turn").count(), 4);
  });

  await t.test("says where roles do not alternate, and takes back what was changed", async () => {
    await page.getByRole("combobox", { name: "Role", exact: true }).nth(2).selectOption("assistant");
    await page.locator(".turn .problem:visible").first().waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await until("no problem", () => page.locator(".turn .problem:visible").count(), (count) => count === 0);
  });

  await t.test("an answer that is stopped keeps what was written", async () => {
    // So hot, and with what is there already made improbable, hardly any token ends the answer.
    await page.getByLabel("Temperature").fill("5");
    await page.getByLabel("Repetition penalty").fill("10");
    await page.getByLabel("Top p").fill("1");
    await page.getByLabel("New tokens").fill("100000");
    // The context is full within a second, sooner than a click from out here arrives: the page itself stops at the first word.
    const stopped = page.locator("body").evaluate(clickStopOnceWritten, 2);
    await ask("Tell me something.");
    await stopped;
    await answered(3);
    const text = answers.nth(2).locator(".text").first();
    assert.match(await answers.nth(2).locator(".note").innerText(), /stopped/);
    const written = await text.innerText();
    await workbench.page.waitForTimeout(500);
    assert.equal(await text.innerText(), written);
    await page.getByRole("button", { name: "Undo" }).click();
    await until("the answer to go", () => answers.count(), (count) => count === 2);
    await page.getByLabel("Temperature").fill("0");
    await page.getByLabel("Repetition penalty").fill("1");
    await page.getByLabel("New tokens").fill("512");
  });

  await t.test("an answer with the probability of each token", async () => {
    await page.getByText("Show probabilities").click();
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await answered(3);
    const token = answers.nth(2).locator(".token").first();
    assert.match((await token.getAttribute("title")) ?? "", /id \d+\): \d+.*%, entropy .*Likeliest: "/);
    await page.getByText("Sampling").click();
  });

  await t.test("has no accessibility violation", async () => {
    const violations = await accessibilityViolations(page);
    assert.deepEqual(violations, []);
  });

  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await t.test(`in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      await workbench.picture("playground", theme);
    });
  }

  await t.test("a model of the hub is downloaded after asking, and answers", async () => {
    const field = workbench.page.locator(".quick-input-widget .quick-input-box input");
    const fill = async (title: string, text: string): Promise<void> => {
      await workbench.page.locator(".quick-input-title", { hasText: title }).waitFor();
      await field.fill(text);
      await field.press("Enter");
    };
    await page.getByRole("button", { name: "Change model…" }).click();
    await fill("Model to talk to", "Run a model of the Hugging Face hub");
    await fill("Model of the Hugging Face hub", "org/tiny");
    const dialog = workbench.page.locator(".monaco-dialog-box", { hasText: "Run org/tiny on this machine?" });
    await dialog.waitFor();
    await workbench.screenshot("playground-hub");
    assert.deepEqual(hub.requests.filter(({ url }) => url.includes("model.onnx")), []);
    await dialog.getByRole("button", { name: /^Download \d/ }).click();
    await until("the other model", () => page.locator("header").innerText(), (text) => /\btiny\b/.test(text), ANSWER_MS);
    await page.getByRole("button", { name: "Clear" }).click();
    await until("an empty conversation", () => page.locator(".turn").count(), (count) => count === 0);
    await ask("What is 2 + 3?");
    assert.match(await answered(1), /5|five/i);
  });

  await t.test("a row that is scored shows what surprises the model", async () => {
    await workbench.openFile("chat.jsonl");
    await workbench.runCommand("Tunesmith: Score Row");
    const underlined = (): Promise<string[]> =>
      workbench.page.locator(".editor-instance .view-line span[class*='ced-']").evaluateAll((spans) => spans.filter((span) => getComputedStyle(span).textDecorationLine === "underline").map(({ textContent }) => textContent));
    const painted = await until("painted tokens", underlined, (texts) => texts.length > 5, ANSWER_MS);
    await workbench.screenshot("score-row");
    const word = painted.find((text) => /^\w{4,}$/.test(text)) ?? "";
    assert.match(await until("how likely it is", () => workbench.hover(word), (text) => text.includes("likely")), /The model holds this for \S+ % likely \(surprisal \d+\.\d\d nats, entropy \d+\.\d\d nats\)/);
    await workbench.page.keyboard.press("Escape");
    await workbench.runCommand("Tunesmith: Clear Scores");
    await until("no paint", underlined, (texts) => texts.length === 0);
  });
});

async function greedy(section: Locator, temperature: Locator): Promise<void> {
  await section.click();
  await temperature.fill("0");
}

/** The processes that run models. */
function sidecars(): number[] {
  try {
    return execFileSync("pgrep", ["-f", "dist/sidecar.js"], { encoding: "utf8" }).split("\n").filter((line) => line !== "").map(Number);
  } catch {
    // pgrep ends with 1 where it finds none.
    return [];
  }
}

/** Runs in the page: clicks Stop as soon as the assistant's turn of that index has text. */
function clickStopOnceWritten(body: HTMLElement | SVGElement, index: number): Promise<void> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const written = [...body.querySelectorAll(".turn.role-assistant")][index]?.querySelector(".text")?.textContent ?? "";
      const stop = [...body.querySelectorAll<HTMLElement>("button, vscode-button")].find(({ textContent }) => textContent === "Stop");
      if (written === "" || stop === undefined) return;
      observer.disconnect();
      stop.click();
      resolve();
    });
    observer.observe(body, { subtree: true, childList: true, characterData: true });
  });
}
