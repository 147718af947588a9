import type { CancelSignal } from "../../../base/cancellation";
import { TunesmithError } from "../../../base/errors";
import type { JsonValue } from "../../../core/dataset/conversation";
import type { Sampling } from "../../../protocol/sidecar";
import { type Heard, type ServerAnswer, parsed, readAnswer } from "./answer";
import { ServerError, errorOfStatus } from "./serverError";
import { type Patience, Watch } from "./watch";

export interface ServerOptions extends Patience {
  /** Ends in `/v1`, as servers tell it. */
  readonly baseUrl: string;
  /** Goes into the Authorization header and nowhere else: not into settings, logs or messages. */
  readonly key?: string | undefined;
}

/** What an answer is asked with. */
export interface ServerRequest {
  readonly model: string;
  /** Messages, which the server renders with its own template, or the ids of a prompt that was rendered here. */
  readonly prompt: { readonly messages: readonly JsonValue[]; readonly tools?: readonly JsonValue[] } | { readonly ids: readonly number[] } | { readonly text: string };
  readonly maxNewTokens: number;
  readonly sampling?: Sampling;
  readonly stopTexts?: readonly string[];
  /** Ask for the probability of each token, and of how many candidates. Servers may ignore it. */
  readonly probabilities?: { readonly top: number } | undefined;
}

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
    const watch = new Watch(this.#options.baseUrl, this.#options, signal);
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
  async answer(request: ServerRequest, options: { readonly signal?: CancelSignal; readonly onPiece?: (piece: Heard) => void } = {}): Promise<ServerAnswer> {
    const watch = new Watch(this.#options.baseUrl, this.#options, options.signal);
    try {
      const path = "messages" in request.prompt ? "/chat/completions" : "/completions";
      const url = this.#options.baseUrl + path;
      const response = await this.#fetch(url, { method: "POST", body: JSON.stringify(bodyOf(request)) }, watch);
      if (response.body === null) throw new ServerError("server-garbage", `${url} gave an answer without a body.`);
      return await readAnswer(url, watch.pieces(response.body), options.onPiece ?? (() => undefined), watch.started);
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

function bodyOf({ model, prompt, maxNewTokens, sampling = {}, stopTexts = [], probabilities }: ServerRequest): Record<string, unknown> {
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
    // The two ways of asking have two forms of this.
    ...(probabilities === undefined ? {} : "messages" in prompt ? { logprobs: true, top_logprobs: probabilities.top } : { logprobs: probabilities.top }),
    // Not OpenAI's own; vLLM, SGLang and llama.cpp know them, and they are sent only where they are wanted.
    ...(topK === undefined || topK === 0 ? {} : { top_k: topK }),
    ...(minP === undefined || minP === 0 ? {} : { min_p: minP }),
    ...(repetitionPenalty === undefined || repetitionPenalty === 1 ? {} : { repetition_penalty: repetitionPenalty }),
  };
}

