import * as assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { ChatServer, type ServerAnswers, broken, chatPiece, status, stream } from "../support/inference/chatServer";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

const KEY = "a key of tests";
/** The first answer waits for the extension and a thread with the tokenizer. */
const ANSWER_MS = 60_000;

interface Asked {
  readonly path: string | undefined;
  readonly key: string | undefined;
  readonly body: { readonly model?: unknown; readonly prompt?: unknown; readonly messages?: unknown };
}

void test("the playground with an OpenAI-compatible server", async (t) => {
  const server = await ChatServer.start();
  t.after(() => server.close());
  const asked: Asked[] = [];
  /** Lists two models, and lets `answer` answer the conversation. */
  const answering = (answer: ServerAnswers): ServerAnswers => (request, response, body) => {
    if (request.url?.endsWith("/models")) return void response.end('{"data":[{"id":"small"},{"id":"large"}]}');
    asked.push({ path: request.url, key: request.headers.authorization, body: JSON.parse(body) as Asked["body"] });
    answer(request, response, body);
  };
  const folder = temporaryFolder("e2e-server");
  writeFileSync(path.join(folder, "notes.txt"), "The Explorer shows that the workbench is there.");
  const workbench = await Workbench.open({ folder });
  t.after(() => workbench.close());
  const input = workbench.page.locator(".quick-input-widget .quick-input-box input");
  const fill = async (prompt: RegExp, text?: string): Promise<void> => {
    await workbench.page.locator(".quick-input-widget", { hasText: prompt }).waitFor();
    if (text !== undefined) await input.fill(text);
    await input.press("Enter");
  };
  const page = workbench.webview();
  const answers = page.locator(".turn.role-assistant");
  const failure = page.locator(".failure");
  const again = page.getByRole("button", { name: "Answer", exact: true });

  await t.test("is connected, with a key, and sends the ids of the prompt that it shows", async () => {
    let finish: (() => void) | undefined;
    server.answer = answering((_request, response) => {
      response.writeHead(200);
      response.write('data: {"choices":[{"text":"Se"}]}\n\n');
      finish = () => response.end('data: {"choices":[{"text":"ven","finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}\n\ndata: [DONE]\n\n');
    });
    await workbench.runCommand("Tunesmith: Connect to Server…");
    await fill(/Base URL/, server.baseUrl);
    await fill(/Key for/, KEY);
    await workbench.pickEntry("large");
    await workbench.pickEntry("Tunesmith, with Tunesmith Tiny");
    await page.getByRole("textbox", { name: "Next turn" }).fill("What is 3 + 4?");
    await page.getByRole("button", { name: "Send" }).click();
    await until("the first piece", () => answers.locator(".text").first().innerText().catch(() => ""), (text) => text === "Se", ANSWER_MS);
    finish?.();
    await until("the rest", () => answers.locator(".text").first().innerText(), (text) => text === "Seven");
    const [request] = asked;
    assert.deepEqual([request?.path, request?.key, request?.body.model], ["/v1/completions", `Bearer ${KEY}`, "large"]);
    const ids = request?.body.prompt as readonly number[];
    const section = page.locator("details", { hasText: "Prompt as it was sent" });
    assert.match(await section.locator("summary").innerText(), new RegExp(`\\b${ids.length} tokens`));
    await section.locator("summary").click();
    assert.match(await section.locator(".prompt").innerText(), /What is 3 \+ 4\?/);
    assert.match(await page.locator("header").innerText(), /large.*on 127\.0\.0\.1/s);
    assert.match(await answers.locator(".note").first().innerText(), /2 tokens.*127\.0\.0\.1.*prompt: 9 tokens/);
  });

  await t.test("says what is wrong with it, and keeps what came", async () => {
    const cases: readonly (readonly [string, ServerAnswers, RegExp])[] = [
      ["a wrong key", status(401, '{"error":{"message":"bad key"}}'), /key.*bad key/is],
      ["404", status(404, '{"error":{"message":"no model large"}}'), /no model large/],
      ["429", status(429, "", { "retry-after": "7" }), /7 s/],
      ["500", status(500, "<html>boom</html>"), /500/],
      ["ids that it does not take", status(400, '{"error":{"message":"prompt must be text"}}'), /prompt must be text.*make the prompts/s],
      ["garbage", stream("data: <html>\n\n"), /not JSON/],
      ["a dropped stream", broken(chatPiece("He")), /middle of an answer/],
      ["an answer that ends too soon", stream(chatPiece("He")), /ended the answer in the middle/],
    ];
    for (const [what, answer, said] of cases) {
      server.answer = answering(answer);
      await again.click();
      const text = await until(what, () => failure.innerText({ timeout: 1000 }).catch(() => ""), (shown) => said.test(shown));
      assert.doesNotMatch(text, new RegExp(KEY), what);
    }
    assert.equal(await answers.last().locator(".text").first().innerText(), "He");
    assert.match(await answers.last().locator(".note").innerText(), /broken off/);
  });

  await t.test("is left to make the prompt itself, and is stopped", async () => {
    server.answer = answering((_request, response) => {
      response.writeHead(200);
      response.write(chatPiece("Slow"));
    });
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Change model…" }).click();
    // An icon stands before its label.
    await fill(/Model to talk to/, "Connect to a server");
    await fill(/Base URL/);
    await fill(/Key for/);
    await workbench.pickEntry("large");
    await workbench.pickEntry("The server");
    // A turn sent before the settings are written would still be answered as they were.
    await until("the change", () => page.locator("header").innerText(), (text) => text.includes("makes the prompts"));
    await page.getByRole("textbox", { name: "Next turn" }).fill("Hi");
    await page.getByRole("button", { name: "Send" }).click();
    await until("the first piece", () => answers.locator(".text").first().innerText().catch(() => ""), (text) => text === "Slow");
    await page.getByRole("button", { name: "Stop" }).click();
    await until("the end", () => answers.locator(".note").first().innerText().catch(() => ""), (note) => note.includes('stopped'));
    const request = asked.at(-1);
    assert.deepEqual([request?.path, request?.key, request?.body.messages], ["/v1/chat/completions", `Bearer ${KEY}`, [{ role: "user", content: "Hi" }]]);
    assert.match(await page.locator("details", { hasText: "Messages as they were sent" }).locator("summary").innerText(), /the server makes the prompt/);
    await workbench.screenshot("playground-server");
  });
});
