import assert from "node:assert/strict";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import { OpenAiServer, type ServerRequest } from "../../../../extension/node/inference/openai/server";
import { ServerError } from "../../../../extension/node/inference/openai/serverError";
import { eventData } from "../../../../extension/node/inference/openai/sse";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const REQUEST: ServerRequest = { model: "m", prompt: { messages: [{ role: "user", content: "Hi" }] }, maxNewTokens: 8 };
const piece = (content: string, finish: string | null = null): string => `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;

describe("an OpenAI-compatible server", () => {
  let answer: Answer = () => undefined;
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => answer(request, response, body));
  });
  let baseUrl = "";
  before(async () => {
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
  });
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  const server = (options: { readonly key?: string; readonly firstByteMs?: number; readonly stallMs?: number } = {}) => new OpenAiServer({ baseUrl: `${baseUrl}/`, ...options });
  const stream = (...parts: readonly string[]): Answer => (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) response.write(part);
    response.end();
  };
  const failsWith = async (code: string, options: Parameters<typeof server>[0] = {}): Promise<ServerError> => {
    const error = await server(options).answer(REQUEST).then(() => undefined, (thrown: unknown) => thrown);
    assert.ok(error instanceof ServerError, String(error));
    assert.equal(error.code, code);
    return error;
  };

  it("lists models and streams an answer, with the key in its header", async () => {
    let seen: { readonly url: string | undefined; readonly key: string | undefined; readonly body: string } | undefined;
    answer = (request, response, body) => {
      seen = { url: request.url, key: request.headers.authorization, body };
      if (request.url === "/v1/models") response.end('{"data":[{"id":"a"},{"id":"b"}]}');
      else stream(": a comment\n\n", piece("He"), piece("llo", "stop"), 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n', "data: [DONE]\n\n")(request, response, body);
    };
    assert.deepEqual(await server().models(), ["a", "b"]);
    const texts: string[] = [];
    const result = await server({ key: "secret" }).answer(REQUEST, { onText: (text) => texts.push(text) });
    assert.deepEqual([result.text, result.finishReason, result.promptTokens, result.answerTokens, texts], ["Hello", "stop", 3, 2, ["He", "llo"]]);
    assert.deepEqual([seen?.url, seen?.key], ["/v1/chat/completions", "Bearer secret"]);
    assert.deepEqual((JSON.parse(seen?.body ?? "") as { messages: unknown }).messages, [{ role: "user", content: "Hi" }]);
  });
  it("sends a prompt as token ids", async () => {
    let body: { readonly prompt?: unknown } = {};
    answer = (request, response, text) => {
      body = JSON.parse(text) as typeof body;
      assert.equal(request.url, "/v1/completions");
      stream('data: {"choices":[{"text":"x","finish_reason":"length"}]}\n\n')(request, response, text);
    };
    const result = await server().answer({ ...REQUEST, prompt: { ids: [1, 2, 3] } });
    assert.deepEqual([result.text, result.finishReason, body.prompt], ["x", "length", [1, 2, 3]]);
  });
  const status = (code: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => (_request, response) => void response.writeHead(code, headers).end(text);
  it("tells a wrong key without showing it", async () => {
    answer = status(401, '{"error":{"message":"bad key"}}');
    const error = await failsWith("server-unauthorized", { key: "secret" });
    assert.match(error.message, /bad key/);
    assert.doesNotMatch(error.message, /secret/);
  });
  it("tells 404, 429 with the time to wait, 400 and 500", async () => {
    answer = status(404, "not here");
    await failsWith("server-not-found");
    answer = status(429, "", { "retry-after": "7" });
    assert.equal((await failsWith("server-busy")).retryAfterMs, 7000);
    answer = status(400, '{"message":"no such field"}');
    assert.match((await failsWith("server-rejected")).message, /no such field/);
    answer = status(500, "<html>boom</html>");
    assert.doesNotMatch((await failsWith("server-failed")).message, /html/);
  });
  it("tells a stream that is dropped, whether the connection breaks or ends", async () => {
    answer = stream(piece("He"));
    await failsWith("server-dropped");
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(piece("He"), () => response.destroy());
    };
    await failsWith("server-dropped");
  });
  it("tells a server that is slow to begin, and one that stalls", async () => {
    answer = () => undefined;
    await failsWith("server-timeout", { firstByteMs: 100 });
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(piece("He"));
    };
    await failsWith("server-timeout", { stallMs: 100 });
  });
  it("tells garbage, an error in the stream, and a server that is not there", async () => {
    answer = stream("data: <html>\n\n");
    await failsWith("server-garbage");
    answer = stream('data: {"error":{"message":"out of memory"}}\n\n');
    assert.match((await failsWith("server-failed")).message, /out of memory/);
    answer = status(200, "[]");
    await assert.rejects(server().models(), (error) => hasCode(error, "server-garbage"));
    await assert.rejects(new OpenAiServer({ baseUrl: "http://127.0.0.1:9/v1" }).models(), (error) => hasCode(error, "server-unreachable"));
    assert.throws(() => new OpenAiServer({ baseUrl: "ftp://x" }), (error) => hasCode(error, "usage"));
  });
  it("stops when it is cancelled", async () => {
    const abort = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(piece("He"));
    };
    await assert.rejects(server().answer(REQUEST, { signal: abort.signal, onText: () => abort.abort() }), (error) => hasCode(error, "cancelled"));
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
