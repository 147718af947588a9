import type { CancelSignal } from "../../../base/cancellation";
import { CancelledError, TunesmithError, messageOf } from "../../../base/errors";
import type { JsonValue } from "../../../core/dataset/conversation";
import type { FinishReason, Sampling } from "../../../protocol/sidecar";
import { ServerError, errorOfStatus } from "./serverError";
import { eventData } from "./sse";

export interface ServerOptions {
  /** Ends in `/v1`, as servers tell it. */
  readonly baseUrl: string;
  /** Goes into the Authorization header and nowhere else: not into settings, logs or messages. */
  readonly key?: string | undefined;
  /** Until the first byte of an answer: a long prompt on a slow machine takes minutes. 5 minutes when left out. */
  readonly firstByteMs?: number;
  /** Between two pieces of an answer; 60 s when left out. */
  readonly stallMs?: number;
}

/** What an answer is asked with. */
export interface ServerRequest {
  readonly model: string;
  /** Messages, which the server renders with its own template, or the ids of a prompt that was rendered here. */
  readonly prompt: { readonly messages: readonly JsonValue[]; readonly tools?: readonly JsonValue[] } | { readonly ids: readonly number[] } | { readonly text: string };
  readonly maxNewTokens: number;
  readonly sampling?: Sampling;
  readonly stopTexts?: readonly string[];
}

export interface ServerAnswer {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** As the server counted them; undefined where it does not tell. */
  readonly promptTokens: number | undefined;
  readonly answerTokens: number | undefined;
  /** To the first piece of text. */
  readonly prefillMs: number;
  /** From the first piece to the last, by the server's count of tokens, else by pieces. */
  readonly decodeTokensPerSecond: number;
}

const FIRST_BYTE_MS = 5 * 60_000;
const STALL_MS = 60_000;

/** A server that speaks OpenAI's HTTP protocol: vLLM, SGLang, TGI, llama.cpp, Ollama, and hosted ones. */
export class OpenAiServer {
  readonly #options: ServerOptions;

  /** @throws TunesmithError `usage` for a URL that is none. */
  constructor(options: ServerOptions) {
    const url = URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : undefined;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new TunesmithError("usage", `"${options.baseUrl}" is no URL of a server. It looks like http://localhost:8000/v1.`);
    }
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, "") };
  }

  /** The names of its models. @throws ServerError, CancelledError. */
  async models(signal?: CancelSignal): Promise<readonly string[]> {
    const watch = new Watch(this.#options, signal);
    try {
      const url = `${this.#options.baseUrl}/models`;
      const response = await this.#fetch(url, { method: "GET" }, watch);
      const body = parsed(await response.text(), url) as { readonly data?: unknown };
      if (!Array.isArray(body.data)) throw new ServerError("server-garbage", `${url} gave no list of models. Is it an OpenAI-compatible server? Its base URL ends in /v1.`);
      return body.data.map((entry: { readonly id?: unknown } | null) => entry?.id).filter((id) => typeof id === "string");
    } catch (error) {
      throw watch.explain(error);
    } finally {
      watch.end();
    }
  }

  /** Streams an answer. @throws ServerError, CancelledError. */
  async answer(request: ServerRequest, options: { readonly signal?: CancelSignal; readonly onText?: (text: string) => void } = {}): Promise<ServerAnswer> {
    const watch = new Watch(this.#options, options.signal);
    try {
      const path = "messages" in request.prompt ? "/chat/completions" : "/completions";
      const url = this.#options.baseUrl + path;
      const response = await this.#fetch(url, { method: "POST", body: JSON.stringify(bodyOf(request)) }, watch);
      if (response.body === null) throw new ServerError("server-garbage", `${url} gave an answer without a body.`);
      return await readAnswer(url, watch.pieces(response.body), options.onText ?? (() => undefined), watch.started);
    } catch (error) {
      throw watch.explain(error);
    } finally {
      watch.end();
    }
  }

  async #fetch(url: string, init: { readonly method: string; readonly body?: string }, watch: Watch): Promise<Response> {
    const { key } = this.#options;
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", ...(key === undefined || key === "" ? {} : { authorization: `Bearer ${key}` }) };
    const response = await fetch(url, { ...init, headers, signal: watch.signal });
    if (response.ok) return response;
    throw errorOfStatus(url, response.status, response.headers, (await response.text().catch(() => "")).slice(0, 10_000));
  }
}

function bodyOf({ model, prompt, maxNewTokens, sampling = {}, stopTexts = [] }: ServerRequest): Record<string, unknown> {
  const { temperature = 0, topP, topK, minP, repetitionPenalty, seed } = sampling;
  return {
    model,
    ...("messages" in prompt ? { messages: prompt.messages, ...(prompt.tools === undefined ? {} : { tools: prompt.tools }) } : { prompt: "ids" in prompt ? prompt.ids : prompt.text }),
    max_tokens: maxNewTokens,
    temperature,
    stream: true,
    stream_options: { include_usage: true },
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stopTexts.length === 0 ? {} : { stop: stopTexts }),
    // Not OpenAI's own; vLLM, SGLang and llama.cpp know them, and they are sent only where they are wanted.
    ...(topK === undefined || topK === 0 ? {} : { top_k: topK }),
    ...(minP === undefined || minP === 0 ? {} : { min_p: minP }),
    ...(repetitionPenalty === undefined || repetitionPenalty === 1 ? {} : { repetition_penalty: repetitionPenalty }),
  };
}

/** A piece of an answer, as far as it is read. */
interface Piece {
  readonly error?: unknown;
  readonly choices?: readonly { readonly text?: unknown; readonly delta?: { readonly content?: unknown } | null; readonly finish_reason?: unknown }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

async function readAnswer(url: string, chunks: AsyncIterable<Uint8Array>, onText: (text: string) => void, started: number): Promise<ServerAnswer> {
  let text = "";
  let finish: string | undefined;
  let usage: Piece["usage"];
  let done = false;
  let pieces = 0;
  let firstAt: number | undefined;
  let lastAt = started;
  for await (const data of eventData(chunks)) {
    if (data.trim() === "[DONE]") {
      done = true;
      break;
    }
    const piece = parsed(data, url) as Piece;
    if (piece.error !== undefined && piece.error !== null) throw errorOfStatus(url, 500, new Headers(), data);
    usage = piece.usage ?? usage;
    const choice = piece.choices?.[0];
    if (typeof choice?.finish_reason === "string") finish = choice.finish_reason;
    const content = choice?.delta?.content ?? choice?.text;
    if (typeof content !== "string" || content === "") continue;
    lastAt = performance.now();
    firstAt ??= lastAt;
    pieces++;
    text += content;
    onText(content);
  }
  // A proxy that loses its server ends the answer as if all were said.
  if (!done && finish === undefined) throw new ServerError("server-dropped", `${url} ended the answer in the middle. What came is shown; ask again for the rest.`);
  const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
  const answerTokens = count(usage?.completion_tokens);
  const seconds = (lastAt - (firstAt ?? lastAt)) / 1000;
  return {
    text,
    finishReason: finish === "length" ? "length" : "stop",
    promptTokens: count(usage?.prompt_tokens),
    answerTokens,
    prefillMs: (firstAt ?? lastAt) - started,
    decodeTokensPerSecond: seconds > 0 ? ((answerTokens ?? pieces) - 1) / seconds : 0,
  };
}

function parsed(text: string, url: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, as for any other value.
  }
  throw new ServerError("server-garbage", `${url} sent something that is not JSON: ${text.slice(0, 80).replaceAll(/\s+/g, " ")}. Is it an OpenAI-compatible server?`);
}

/** Ends a request that is cancelled or takes too long, and tells which it was. */
class Watch {
  readonly started = performance.now();
  readonly #options: ServerOptions;
  readonly #abort = new AbortController();
  readonly #cancel: CancelSignal | undefined;
  readonly #onCancel = (): void => this.#abort.abort();
  #timer: NodeJS.Timeout | undefined;
  #late: string | undefined;

  constructor(options: ServerOptions, cancel: CancelSignal | undefined) {
    this.#options = options;
    this.#cancel = cancel;
    if (cancel?.aborted === true) this.#abort.abort();
    cancel?.addEventListener("abort", this.#onCancel, { once: true });
    const limit = options.firstByteMs ?? FIRST_BYTE_MS;
    this.#expect(limit, `gave no answer within ${limit / 1000} s`);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const limit = this.#options.stallMs ?? STALL_MS;
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      this.#expect(limit, `sent nothing for ${limit / 1000} s in the middle of an answer`);
      yield chunk;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#cancel?.removeEventListener("abort", this.#onCancel);
    this.#abort.abort();
  }

  explain(error: unknown): unknown {
    const { baseUrl } = this.#options;
    if (this.#cancel?.aborted === true) return new CancelledError();
    if (this.#late !== undefined) return new ServerError("server-timeout", `${baseUrl} ${this.#late}. Check the server, or try a shorter prompt.`, { cause: error });
    if (error instanceof TunesmithError) return error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    // undici says "terminated" where the connection ended while the answer came.
    if (messageOf(error) === "terminated") return new ServerError("server-dropped", `${baseUrl} closed the connection in the middle of an answer.`, { cause });
    return new ServerError("server-unreachable", `${baseUrl} cannot be reached: ${messageOf(cause)}. Is the server running?`, { cause });
  }

  #expect(limit: number, late: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#late = late;
      this.#abort.abort();
    }, limit);
  }
}
