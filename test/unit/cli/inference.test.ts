import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { scoreOf } from "../../../extension/core/playground/rowScore";
import { rowTokens } from "../../../extension/core/playground/rowTokens";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { loadModel } from "../../../extension/node/loadModel";
import { temporaryFolder } from "../../support/cleanup";
import { type CliResult, runCli } from "../../support/cli";
import { ChatServer, chatPiece, status, stream } from "../../support/inference/chatServer";
import { EMBEDDED, questionIds, startSidecar } from "../../support/inference/sidecar";

const folder = temporaryFolder("cli-inference");
const QUESTION = [{ role: "user", content: "What is 12 + 30?" }];
const file = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return name;
};
const run = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd: folder });
const generate = (...args: readonly string[]): Promise<CliResult> => run("generate", "--model", EMBEDDED, "--device", "cpu", ...args);
const lines = ({ stdout }: CliResult): readonly Readonly<Record<string, unknown>>[] => stdout.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);

describe("tunesmith generate, with the embedded model", () => {
  before(() => {
    file("question.json", JSON.stringify(QUESTION));
    file("object.json", JSON.stringify({ messages: QUESTION }));
  });

  it("writes the answer as text, from an array and from an object", async () => {
    for (const messages of ["question.json", "object.json"]) {
      const { code, stdout, stderr } = await generate("--messages", messages);
      assert.deepEqual([code, stdout, stderr], [0, "12 + 30 = 42.\n", ""]);
    }
  });

  it("tells in JSON how the answer came to be, the same with onnx and gguf", async () => {
    for (const engine of ["onnx", "gguf"]) {
      const result = await generate("--messages", "question.json", "--format", "json", "--engine", engine);
      assert.equal(result.code, 0, result.stderr);
      const [answer = {}] = lines(result);
      assert.deepEqual(Object.keys(answer), ["text", "ids", "finishReason", "device", "promptTokens", "prefillMs", "decodeTokensPerSecond"]);
      const { text, finishReason, device, promptTokens, ids, prefillMs, decodeTokensPerSecond } = answer;
      assert.deepEqual([text, finishReason, device, promptTokens], ["12 + 30 = 42.", "stop", "cpu", (await questionIds("What is 12 + 30?")).length]);
      const { model } = await loadModel({ source: EMBEDDED });
      assert.equal(model.tokenizer.decode(ids as readonly number[], { skipSpecialTokens: true }), text);
      assert.ok((prefillMs as number) > 0 && (decodeTokensPerSecond as number) > 0);
    }
  });

  it("gives the same text for the same seed, and ends at limits and stop texts", async () => {
    const sampled = async (seed: string): Promise<string> => (await generate("--prompt", "What", "--temperature", "3", "--max-new-tokens", "12", "--seed", seed)).stdout;
    assert.equal(await sampled("5"), await sampled("5"));
    assert.notEqual(await sampled("5"), await sampled("6"));
    const [cut = {}] = lines(await generate("--messages", "question.json", "--max-new-tokens", "2", "--format", "json"));
    assert.deepEqual([cut["finishReason"], (cut["ids"] as readonly number[]).length], ["length", 2]);
    assert.equal((await generate("--messages", "question.json", "--stop", " =", "--stop", "never")).stdout, "12 + 30\n");
  });

  it("ends with 2 and one line that says what to do", async () => {
    mkdirSync(path.join(folder, "empty"));
    file("broken.json", "{");
    file("other.json", '{"rows":[]}');
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["generate", "--prompt", "x"], /--model M/],
      [["generate", "--model", EMBEDDED], /--messages FILE.*--prompt/],
      [["generate", "--model", EMBEDDED, "--messages", "none.json"], /none\.json/],
      [["generate", "--model", EMBEDDED, "--messages", "broken.json"], /broken\.json is not JSON/],
      [["generate", "--model", EMBEDDED, "--messages", "other.json"], /array of messages/],
      [["generate", "--model", EMBEDDED, "--prompt", "x", "--top-p", "2"], /--top-p must be/],
      [["generate", "--model", "empty", "--prompt", "x"], /neither an ONNX file.*nor a GGUF file/],
      [["generate", "--model", path.join(EMBEDDED, "model.gguf"), "--engine", "onnx", "--prompt", "x"], /GGUF file/],
      [["generate", "--model", "served", "--base-url", "http://127.0.0.1:9/v1", "--prompt", "x"], /cannot be reached/],
      [["score", "--model", EMBEDDED], /No file to score/],
      [["score", "--model", EMBEDDED, "none.jsonl"], /none\.jsonl/],
    ];
    await Promise.all(cases.map(async ([args, said]) => {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.match(stderr, said);
      assert.match(stderr, /^[^\n]*\n$/, "one line");
    }));
  });
});

describe("tunesmith generate, with a server", () => {
  let server: ChatServer;
  before(async () => {
    server = await ChatServer.start();
  });
  after(() => server.close());
  const ask = (): Promise<CliResult> => run("generate", "--model", "./served", "--base-url", server.baseUrl, "--messages", file("question.json", JSON.stringify(QUESTION)));

  it("writes what it answers, and ends with 2 where it fails", async () => {
    server.answer = stream(chatPiece("Forty"), chatPiece("-two", "stop"), "data: [DONE]\n\n");
    assert.deepEqual(await ask(), { code: 0, stdout: "Forty-two\n", stderr: "" });
    server.answer = status(401, '{"error":{"message":"bad key"}}');
    const { code, stderr } = await ask();
    assert.equal(code, 2);
    assert.match(stderr, /refused the key.*bad key/);
  });
});

describe("tunesmith score, with the embedded model", () => {
  const row = (question: string, answer: string): string => JSON.stringify({ messages: [{ role: "user", content: question }, { role: "assistant", content: answer }] });

  it("gives each row the loss that the model's probabilities say, and its worst token's place", async () => {
    const rows = [row("What is 12 + 30?", "12 + 30 = 42."), row("What is 12 + 30?", "12 + 30 = 999.")];
    const result = await run("score", "--model", EMBEDDED, "--device", "cpu", file("rows.jsonl", `${rows.join("\n")}\n\n`));
    assert.deepEqual([result.code, result.stderr], [0, ""]);
    const scored = lines(result);
    assert.deepEqual(scored.map((line) => line["row"]), [1, 2]);
    const { model: text } = await loadModel({ source: EMBEDDED });
    const sidecar = startSidecar();
    const model = await sidecar.load({ engine: "onnx", path: EMBEDDED, device: "cpu" });
    for (const [i, line] of scored.entries()) {
      const [prompt] = rowTokens(text, rows[i]!, DEFAULT_FIELDS);
      const { logProbabilities, nonFinite } = await model.score({ ids: prompt!.ids });
      const { tokens, trainedTokens, loss } = scoreOf(prompt!, logProbabilities, nonFinite);
      assert.deepEqual([line["tokens"], line["trainedTokens"], line["nonFinite"]], [tokens, trainedTokens, false]);
      assert.ok(trainedTokens < tokens, "the question is not trained on");
      assert.ok(Math.abs((line["loss"] as number) - loss) < 1e-6);
    }
    sidecar.dispose();
    const [right, wrong] = scored.map((line) => line["loss"] as number);
    assert.ok(right! < 0.01 && wrong! > 1, `${right}, ${wrong}`);
    const { token, offset } = scored[1]!["maxSurprisal"] as { readonly token: string; readonly offset: number };
    assert.equal(rows[1]!.slice(offset, offset + token.length), token);
    assert.match(token, /9/);
  });

  it("goes on behind rows that cannot be scored, and ends with 1", async () => {
    const rows = ["{", '{"other":1}', row("What is 1 + 1?", "1 + 1 = 2.")];
    const result = await run("score", "--model", EMBEDDED, "--device", "cpu", file("faults.jsonl", rows.join("\n")));
    assert.equal(result.code, 1);
    const [broken, unknown, sound] = lines(result);
    assert.equal((broken!["error"] as { readonly code: string }).code, "json");
    assert.equal((unknown!["error"] as { readonly code: string }).code, "format-unknown");
    assert.equal(sound!["row"], 3);
    assert.equal(typeof sound!["loss"], "number");
  });
});
