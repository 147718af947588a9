import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import { OpenAiServer, type ServerRequest } from "../../../../extension/node/inference/openai/server";
import { ServerError } from "../../../../extension/node/inference/openai/serverError";
import { eventData } from "../../../../extension/node/inference/openai/sse";
import { ChatServer, broken, chatPiece, stalled, status, stream } from "../../../support/inference/chatServer";

const REQUEST: ServerRequest = { model: "m", prompt: { messages: [{ role: "user", content: "Hi" }] }, maxNewTokens: 8 };

describe("an OpenAI-compatible server", () => {
  let http: ChatServer;
  before(async () => {
    http = await ChatServer.start();
  });
  after(() => http.close());
  const server = (options: { readonly key?: string; readonly firstByteMs?: number; readonly stallMs?: number } = {}) => new OpenAiServer({ baseUrl: `${http.baseUrl}/`, ...options });
  const failsWith = async (code: string, options: Parameters<typeof server>[0] = {}): Promise<ServerError> => {
    const error = await server(options).answer(REQUEST).then(() => undefined, (thrown: unknown) => thrown);
    assert.ok(error instanceof ServerError, String(error));
    assert.equal(error.code, code);
    return error;
  };

  it("lists models and streams an answer, with the key in its header", async () => {
    let seen: { readonly url: string | undefined; readonly key: string | undefined; readonly body: string } | undefined;
    http.answer = (request, response, body) => {
      seen = { url: request.url, key: request.headers.authorization, body };
      if (request.url === "/v1/models") response.end('{"data":[{"id":"a"},{"id":"b"}]}');
      else stream(": a comment\n\n", chatPiece("He"), chatPiece("llo", "stop"), 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n', "data: [DONE]\n\n")(request, response, body);
    };
    assert.deepEqual(await server().models(), ["a", "b"]);
    const texts: string[] = [];
    const result = await server({ key: "secret" }).answer(REQUEST, { onPiece: ({ text }) => texts.push(text) });
    assert.deepEqual([result.text, result.finishReason, result.promptTokens, result.answerTokens, texts], ["Hello", "stop", 3, 2, ["He", "llo"]]);
    assert.deepEqual([seen?.url, seen?.key], ["/v1/chat/completions", "Bearer secret"]);
    assert.deepEqual((JSON.parse(seen?.body ?? "") as { messages: unknown }).messages, [{ role: "user", content: "Hi" }]);
  });
  it("sends a prompt as token ids", async () => {
    let body: { readonly prompt?: unknown } = {};
    http.answer = (request, response, text) => {
      body = JSON.parse(text) as typeof body;
      assert.equal(request.url, "/v1/completions");
      stream('data: {"choices":[{"text":"x","finish_reason":"length"}]}\n\n')(request, response, text);
    };
    const result = await server().answer({ ...REQUEST, prompt: { ids: [1, 2, 3] } });
    assert.deepEqual([result.text, result.finishReason, body.prompt], ["x", "length", [1, 2, 3]]);
  });
  it("reads probabilities in both forms, and leaves out what has none", async () => {
    const paris = { text: "Paris", logProbability: -0.1, top: [{ text: "Paris", logProbability: -0.1, top: [] }] };
    const forms = [
      { content: [{ token: "Paris", logprob: -0.1, top_logprobs: [{ token: "Paris", logprob: -0.1 }] }] },
      { tokens: ["<s>", "Paris"], token_logprobs: [null, -0.1], top_logprobs: [null, { Paris: -0.1 }] },
    ];
    for (const logprobs of forms) {
      http.answer = stream(`data: ${JSON.stringify({ choices: [{ text: "Paris", logprobs, finish_reason: "stop" }] })}\n\n`);
      assert.deepEqual((await server().answer({ ...REQUEST, probabilities: { top: 1 } })).tokens, [paris]);
    }
    http.answer = stream(`data: ${JSON.stringify({ choices: [{ text: "Paris", logprobs: { tokens: 3, content: null }, finish_reason: "stop" }] })}\n\n`);
    assert.deepEqual((await server().answer(REQUEST)).tokens, []);
  });
  it("tells a wrong key without showing it", async () => {
    http.answer = status(401, '{"error":{"message":"bad key"}}');
    const error = await failsWith("server-unauthorized", { key: "secret" });
    assert.match(error.message, /bad key/);
    assert.doesNotMatch(error.message, /secret/);
  });
  it("tells 404, 429 with the time to wait, 400 and 500", async () => {
    http.answer = status(404, "not here");
    await failsWith("server-not-found");
    http.answer = status(429, "", { "retry-after": "7" });
    assert.equal((await failsWith("server-busy")).retryAfterMs, 7000);
    http.answer = status(400, '{"message":"no such field"}');
    assert.match((await failsWith("server-rejected")).message, /no such field/);
    http.answer = status(500, "<html>boom</html>");
    assert.doesNotMatch((await failsWith("server-failed")).message, /html/);
  });
  it("tells a stream that is dropped, whether the connection breaks or ends", async () => {
    http.answer = stream(chatPiece("He"));
    await failsWith("server-dropped");
    http.answer = broken(chatPiece("He"));
    await failsWith("server-dropped");
  });
  it("tells a server that is slow to begin, and one that stalls", async () => {
    http.answer = () => undefined;
    await failsWith("server-timeout", { firstByteMs: 100 });
    http.answer = stalled(chatPiece("He"));
    await failsWith("server-timeout", { stallMs: 100 });
  });
  it("tells garbage, an error in the stream, and a server that is not there", async () => {
    http.answer = stream("data: <html>\n\n");
    await failsWith("server-garbage");
    http.answer = stream('data: {"error":{"message":"out of memory"}}\n\n');
    assert.match((await failsWith("server-failed")).message, /out of memory/);
    http.answer = status(200, "[]");
    await assert.rejects(server().models(), (error) => hasCode(error, "server-garbage"));
    await assert.rejects(new OpenAiServer({ baseUrl: "http://127.0.0.1:9/v1" }).models(), (error) => hasCode(error, "server-unreachable"));
    assert.throws(() => new OpenAiServer({ baseUrl: "ftp://x" }), (error) => hasCode(error, "usage"));
  });
  it("stops when it is cancelled", async () => {
    const abort = new AbortController();
    http.answer = stalled(chatPiece("He"));
    await assert.rejects(server().answer(REQUEST, { signal: abort.signal, onPiece: () => abort.abort() }), (error) => hasCode(error, "cancelled"));
  });
});

describe("server-sent events", () => {
  async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += size) {
      await Promise.resolve();
      yield bytes.subarray(at, at + size);
    }
  }
  it("are the same wherever they are cut and however lines end", async () => {
    const text = ": hi\ndata: é😀\ndata: two\nid: 3\n\ndata:three\n\ndata: four";
    for (const end of ["\n", "\r\n", "\r"]) {
      for (let size = 1; size < 9; size++) {
        const events: string[] = [];
        for await (const data of eventData(cut(text.replaceAll("\n", end), size))) events.push(data);
        assert.deepEqual(events, ["é😀\ntwo", "three", "four"], `${JSON.stringify(end)} ${size}`);
      }
    }
  });
  it("end with an error where a line has no end", async () => {
    await assert.rejects(async () => {
      for await (const data of eventData(cut("x".repeat(5 * 1024 * 1024), 1 << 20))) assert.fail(data);
    }, (error) => hasCode(error, "server-garbage"));
  });
});
