import * as assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import type { XrayRequest } from "../../extension/core/xray/contract";
import { sentChoices } from "../../extension/core/xray/sentPrompt";
import { XraySession } from "../../extension/core/xray/xraySession";
import { loadModel } from "../../extension/node/loadModel";
import type { Channel } from "../../extension/protocol/channel";
import { receivedView } from "../../extension/protocol/webview/promptChange";
import { type PromptChoices, type PromptHost, type PromptPage, type PromptView, promptGuard } from "../../extension/protocol/webview/prompt";
import { accessibilityViolations } from "../support/axe";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { WebviewPage } from "../support/webviewPage";

const messages = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content: `Turn ${i}\nhas two lines.` }));

const choices: PromptChoices = {
  dataset: null,
  line: 0,
  variant: 0,
  conversation: "multi-turn",
  edited: "",
  left: { template: null, model: "builtin", engine: "jinja2" },
  right: null,
  tools: true,
  generationPrompt: null,
  thinking: "default",
  variables: "",
};

void test("the page of the prompt X-ray, without VS Code", async (t) => {
  const { model: prompts, loaded } = await loadModel({ source: path.join(root, "extension", "assets", "model") });
  const model = { name: loaded.model.id, prompts, verdicts: undefined };
  const session = new XraySession();
  const told: string[] = [];
  let channel: Channel<PromptPage, PromptHost> | undefined;
  let version = 0;
  let sent: PromptView | undefined;
  const show = (content: object[], change: Partial<PromptView> = {}, right: XrayRequest["right"] = null): void => {
    const side = { model: { source: "" }, template: null, engine: "jinja2" } as const;
    const base = sent?.version ?? null;
    const request = { session: "", version: ++version, base, row: { text: JSON.stringify({ messages: content }), plain: false }, fields: {}, variant: 0, left: side, right, addGenerationPrompt: false, tools: true, variables: {}, cursor: null };
    const { right: other, ...answer } = session.render(request, { left: model, right: model });
    const lists = { conversations: [{ value: "multi-turn", label: "Multi turn", description: "" }], templates: [], models: [{ value: "builtin", label: "Built-in", description: "" }] };
    const view = { version, ...lists, ...answer, toolsAvailable: false, generationPrompt: false, right: other, invalid: { edited: null, variables: null }, ...change, choices: sentChoices(change.choices ?? choices, sent?.choices.edited ?? "") };
    channel?.send("view", view);
    sent = receivedView(view, sent);
  };
  const view = await WebviewPage.open<PromptPage, PromptHost>("prompt", {
    guard: promptGuard,
    onPage: (opened) => {
      channel = opened;
      sent = undefined;
      opened.handle("describe", (place) => session.describe({ ...place, session: "" }));
      opened.on("choose", (chosen) => told.push(`choose ${chosen.thinking} ${chosen.right === null ? "" : chosen.right.engine} ${chosen.variables}`));
      opened.on("reveal", ({ offset, focus }) => told.push(`reveal ${offset} ${focus ?? ""}`));
      show(messages(4));
      return { dispose: () => undefined };
    },
    onRefused: (reason) => told.push(`refused ${reason}`),
  });
  t.after(() => view.close());
  const { page } = view;
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") failures.push(message.text());
  });
  await page.locator(".prompt .run").first().waitFor();
  const marked = async (mark: string): Promise<string> => (await page.locator(`.prompt .run.${mark}`).allTextContents()).join("");
  const drawn = (): Promise<unknown> => until("the update", () => page.locator("#app").getAttribute("data-version"), (shown) => shown === String(version));

  await t.test("shows the whole text, and names turns and marks", async () => {
    const text = (await page.locator(".prompt").first().locator(".text").allTextContents()).join("");
    assert.match(text, /^<\|begin\|><\|user\|>Turn 0\nhas two lines\.<\|end\|><\|assistant\|>Turn 1\n/);
    assert.deepEqual(await page.locator(".role").allTextContents(), ["user", "assistant", "user", "assistant"]);
    assert.match(await marked("trained"), /^Turn 1\nhas two lines\.<\|end\|>Turn 3/);
  });

  await t.test("tells of a token that is clicked, and has the editors show it", async () => {
    await page.locator(".prompt .run", { hasText: "<|begin|>" }).click();
    await page.locator(".details .written", { hasText: "<|begin|>" }).waitFor();
    assert.deepEqual(told, ["reveal 0 "]);
  });

  await t.test("goes from token to token by keys, and from there to the message", async () => {
    await page.keyboard.press("ArrowRight");
    await page.locator(".details .written", { hasText: "<|user|>" }).waitFor();
    assert.equal(await marked("selected"), "<|user|>");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await until("the request", () => Promise.resolve(told.at(-1)), (last) => last?.endsWith("row") === true);
    await page.keyboard.press("End");
    assert.equal(await marked("selected"), "<|end|>");
  });

  await t.test("marks what the host names, without moving what is not asked for", async () => {
    channel?.send("highlight", { version, left: [{ start: 9, end: 17 }], right: [] });
    await until("the mark", () => marked("highlighted"), (text) => text === "<|user|>");
    channel?.send("highlight", { version: version - 1, left: [], right: [] });
    assert.equal(await marked("highlighted"), "<|user|>");
  });

  await t.test("keeps the elements of lines that stay the same", async () => {
    await page.locator(".block").last().evaluate((block) => block.setAttribute("data-kept", ""));
    show([{ role: "user", content: "New" }, ...messages(4).slice(1)]);
    await drawn();
    assert.equal(await page.locator("[data-kept]").count(), 1);
    assert.match((await page.locator(".prompt").first().locator(".text").allTextContents()).join(""), /<\|user\|>New<\|end\|>/);
  });

  await t.test("makes the tokens of what is in view only, and shows all of a long text", async () => {
    show(messages(600));
    await drawn();
    assert.ok((await page.locator(".prompt .run").count()) < 3000);
    await page.locator(".prompt").first().focus();
    await page.keyboard.press("End");
    await until("the last token", () => marked("selected"), (text) => text === "<|end|>");
  });

  await t.test("stays whole while its lines come, go and change", async () => {
    const content = messages(200);
    const all = (): Promise<string> => page.locator(".prompt").first().evaluate((pane) => Array.from(pane.querySelectorAll(".text"), (text) => text.textContent).join(""));
    const edit = async (at: number, removed: number, ...put: object[]): Promise<void> => {
      content.splice(at, removed, ...put);
      show(content);
      await drawn();
      const { left } = sent ?? {};
      assert.equal(await all(), left?.kind === "prompt" ? left.text : "");
    };
    for (let i = 0; i < 12; i++) await edit(100 + i, 1, { role: "user", content: `One\nTwo\nThree ${i}` });
    await edit(0, 1);
    await edit(0, 0, ...messages(90));
    await edit(30, 200);
    await edit(content.length, 0, { role: "user", content: "x".repeat(9000) });
    await edit(0, content.length);
    await edit(0, 0, ...messages(2));
    assert.equal(await page.locator(".section:empty").count(), 0);
  });

  await t.test("asks for what the user chooses", async () => {
    show(messages(2));
    await drawn();
    await page.locator("vscode-checkbox", { hasText: "Compare" }).click();
    await page.locator("summary").click();
    await page.locator("vscode-textarea").last().locator("textarea").fill('{"a": 1}');
    await until("the choice", () => Promise.resolve(told.at(-1)), (last) => last === 'choose default jinja2 {"a": 1}');
    assert.deepEqual(told.filter((each) => each.startsWith("refused")), []);
  });

  await t.test("shows why what the user wrote cannot be used", async () => {
    show(messages(2), { invalid: { edited: null, variables: "No JSON." } });
    assert.equal(await page.locator(".problem:visible").innerText(), "No JSON.");
  });

  await t.test("comes back as it was drawn after it was loaded anew", async () => {
    await page.locator("vscode-checkbox", { hasText: "Token ids" }).click();
    await page.locator(".prompt.show-ids").first().waitFor();
    await page.reload();
    await page.locator(".prompt.show-ids .run").first().waitFor();
  });

  await t.test("has nothing that axe-core objects to, alone and compared", async () => {
    for (const theme of ["dark", "light"] as const) {
      await view.setTheme(theme);
      show(messages(4), { choices: { ...choices, right: choices.left } }, { model: { source: "" }, template: null, engine: "transformers.js" });
      await drawn();
      await page.locator(".prompt").first().locator(".run").nth(2).click();
      await page.locator(".details .facts").waitFor();
      assert.deepEqual(await accessibilityViolations(page), []);
    }
  });

  assert.deepEqual(failures, []);
});
