import * as vscode from "vscode";
import type { CancelSignal } from "../../base/cancellation";
import { TunesmithError, hasCode, messageOf } from "../../base/errors";
import type { JsonObject } from "../../core/dataset/conversation";
import type { ChatPrompt } from "../../core/playground/workerMethods";
import { OpenAiServer } from "../../node/inference/openai/server";
import type { ServerToken } from "../../node/inference/openai/answer";
import type { ShownToken } from "../../protocol/webview/playground";
import type { Answer, AnswerOptions, AnswerRequest, Answerer } from "./answerer";
import type { PromptThread } from "./promptThread";

export interface ServerModelOptions {
  readonly url: string;
  /** Its name on the server. */
  readonly model: string;
  /** What makes the prompts; undefined to leave that to the server. */
  readonly prompts: PromptThread | undefined;
  readonly key: () => Promise<string | undefined>;
}

/** Characters that a token stands for, about, in texts of all kinds: for counts where nobody knows the tokenizer. */
const USUAL_TOKEN = 4;

/** A model on an OpenAI-compatible server. */
export class ServerModel implements Answerer {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly contextLength = undefined;
  readonly #options: ServerModelOptions;
  readonly #host: string;

  constructor(options: ServerModelOptions) {
    const { url, model, prompts } = options;
    this.#options = options;
    this.#host = URL.canParse(url) ? new URL(url).host : url;
    this.id = `${model} ${url}`;
    this.name = model;
    this.detail = prompts === undefined ? vscode.l10n.t("on {0}, which makes the prompts", this.#host) : vscode.l10n.t("on {0}", this.#host);
  }

  async prompt(messages: readonly JsonObject[], signal: CancelSignal): Promise<ChatPrompt | undefined> {
    return await this.#options.prompts?.request("chatPrompt", { messages, addGenerationPrompt: true, variables: {} }, signal);
  }

  async answer({ messages, prompt, maxNewTokens, sampling, candidates }: AnswerRequest, { signal, onEvent }: AnswerOptions): Promise<Answer> {
    const { url, model, key } = this.#options;
    const server = new OpenAiServer({ baseUrl: url, key: await key() });
    onEvent({ kind: "reading", done: null });
    const request = {
      model,
      prompt: prompt === undefined ? { messages } : { ids: Array.from(prompt.ids) },
      maxNewTokens,
      sampling,
      ...(candidates === undefined ? {} : { probabilities: { top: candidates } }),
    };
    const answer = await server.answer(request, { signal, onPiece: ({ text }) => onEvent({ kind: "text", text }) }).catch((error: unknown) => {
      if (prompt === undefined || !hasCode(error, "server-rejected")) throw error;
      throw new TunesmithError("server-rejected", vscode.l10n.t("{0} If this server takes no token ids, run 'Connect to Server…' and let it make the prompts.", messageOf(error)), { cause: error });
    });
    const { text, finishReason, answerTokens, decodeTokensPerSecond, promptTokens, prefillMs, tokens } = answer;
    return {
      text,
      finishReason,
      place: this.#host,
      tokens: answerTokens,
      tokensPerSecond: decodeTokensPerSecond,
      promptTokens,
      prefillMs,
      ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
      shownTokens: tokens.length === 0 ? undefined : tokens.map(shownToken),
    };
  }

  async countTokens(text: string): Promise<number> {
    return (await this.#options.prompts?.request("countTokens", { text })) ?? Math.ceil(text.length / USUAL_TOKEN);
  }
}

function shownToken({ text, logProbability, top }: ServerToken): ShownToken {
  return { id: null, text, probability: Math.exp(logProbability), entropy: null, top: top.map((each) => ({ text: each.text, probability: Math.exp(each.logProbability) })) };
}
