import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { hasCode } from "../../extension/base/errors";
import { OpenAiServer } from "../../extension/node/inference/openai/server";
import { EMBEDDED, questionIds, startSidecar } from "../support/inference/sidecar";
import { type RunningLlama, llamaServer, startLlama } from "../support/inference/llamaServer";
import { runCli } from "../support/cli";

const KEY = "a key of tests";
const GGUF = path.join(EMBEDDED, "model.gguf");
const QUESTION = "What is 12 + 30?";
const MESSAGES = [{ role: "user", content: QUESTION }];

/** So hot that every seed gives another text; what llama.cpp would leave out by itself is let in. */
const WIDE = { temperature: 5, topK: 2048, topP: 1, minP: 1e-9 };

const program = await llamaServer();
const missing = typeof program === "string" ? program : false;

describe("a real OpenAI-compatible server, llama.cpp's, with the embedded model", { skip: missing }, () => {
  let llama: RunningLlama;
  let server: OpenAiServer;
  before(async () => {
    if (typeof program === "string") return;
    llama = await startLlama(program, GGUF, ["--ctx-size", "512", "--api-key", KEY, "--alias", "tiny"]);
    server = new OpenAiServer({ baseUrl: llama.baseUrl, key: KEY });
  });
  after(() => llama.stop());

  it("tells its models, and refuses a wrong key", async () => {
    assert.deepEqual(await server.models(), ["tiny"]);
    const stranger = new OpenAiServer({ baseUrl: llama.baseUrl, key: "wrong" });
    const asked = stranger.answer({ model: "tiny", prompt: { messages: MESSAGES }, maxNewTokens: 4 });
    await assert.rejects(asked, (error) => hasCode(error, "server-unauthorized"));
  });

  it("gives the same answer to ids of our prompt, to its own prompt of the messages, and as the engine gguf does", async () => {
    const ids = await questionIds(QUESTION);
    const pieces: string[] = [];
    const ours = await server.answer({ model: "tiny", prompt: { ids: Array.from(ids) }, maxNewTokens: 40 }, { onPiece: ({ text }) => pieces.push(text) });
    const theirs = await server.answer({ model: "tiny", prompt: { messages: MESSAGES }, maxNewTokens: 40 });
    const sidecar = startSidecar();
    const model = await sidecar.load({ engine: "gguf", path: GGUF, device: "cpu" });
    const local = await model.generate({ prompt: ids, maxNewTokens: 40 });
    sidecar.dispose();
    assert.equal(local.text, "12 + 30 = 42.");
    assert.deepEqual([ours.text, theirs.text], [local.text, local.text]);
    assert.deepEqual([ours.finishReason, ours.promptTokens, theirs.promptTokens], ["stop", ids.length, ids.length]);
    assert.ok(pieces.length > 2, "it came in pieces");
    assert.equal(pieces.join(""), ours.text);
  });

  it("tells the probability of each token, both ways, as the engine gguf does", async () => {
    const prompt = await questionIds("What is the capital of France?");
    const sidecar = startSidecar();
    const model = await sidecar.load({ engine: "gguf", path: GGUF, device: "cpu" });
    const expected: number[] = [];
    await model.generate({ prompt, maxNewTokens: 6, stopIds: [], probabilities: { top: 1 } }, { onProgress: ({ tokens }) => expected.push(...tokens.map(({ logProbability = Number.NaN }) => logProbability)) });
    sidecar.dispose();
    const common = { model: "tiny", maxNewTokens: 6, probabilities: { top: 3 } };
    for (const asked of [{ ids: Array.from(prompt) }, { messages: [{ role: "user", content: "What is the capital of France?" }] }]) {
      const { tokens, text } = await server.answer({ ...common, prompt: asked });
      assert.equal(tokens.length, 6);
      assert.ok(text.startsWith("The capital"), text);
      tokens.forEach(({ logProbability, top }, i) => {
        assert.ok(Math.abs(logProbability - expected[i]!) < 2e-2, `token ${i}: ${logProbability}, ours ${expected[i]}`);
        assert.equal(top.length, 3);
        assert.equal(top[0]?.logProbability, logProbability);
      });
    }
  });

  it("samples the same with the same seed, and ends at limits and stop texts", async () => {
    const ids = Array.from(await questionIds(QUESTION));
    const sampled = async (seed: number): Promise<string> => (await server.answer({ model: "tiny", prompt: { ids }, maxNewTokens: 12, sampling: { ...WIDE, seed } })).text;
    assert.equal(await sampled(5), await sampled(5));
    assert.notEqual(await sampled(5), await sampled(6));
    assert.equal((await server.answer({ model: "tiny", prompt: { ids }, maxNewTokens: 2 })).finishReason, "length");
    assert.equal((await server.answer({ model: "tiny", prompt: { ids }, maxNewTokens: 40, stopTexts: [" ="] })).text, "12 + 30");
  });

  it("is cancelled in the middle, and answers the next request", async () => {
    const abort = new AbortController();
    const ids = Array.from(await questionIds(QUESTION));
    // With some seeds the first token is the last one; with this one there is a middle.
    const long = { model: "tiny", prompt: { ids }, maxNewTokens: 400, sampling: { ...WIDE, seed: 11 } };
    assert.ok((await server.answer(long)).text.length > 50);
    const running = server.answer(long, { signal: abort.signal, onPiece: () => abort.abort() });
    await assert.rejects(running, (error) => hasCode(error, "cancelled"));
    assert.equal((await server.answer({ model: "tiny", prompt: { ids }, maxNewTokens: 40 })).text, "12 + 30 = 42.");
  });

  it("is driven from the command line, with prompts made here", async () => {
    const { code, stdout, stderr } = await runCli(["generate", "--model", EMBEDDED, "--base-url", llama.baseUrl, "--prompt", "x", "--max-new-tokens", "3", "--format", "json"], { env: { TUNESMITH_API_KEY: KEY } });
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { readonly device: string }).device, "server");
  });
});
