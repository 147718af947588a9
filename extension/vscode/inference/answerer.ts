import type { CancelSignal } from "../../base/cancellation";
import type { JsonObject } from "../../core/dataset/conversation";
import type { ChatPrompt } from "../../core/playground/workerMethods";
import type { FinishReason, Sampling } from "../../protocol/sidecar";
import type { ShownToken } from "../../protocol/webview/playground";

/** What an answer is asked with. */
export interface AnswerRequest {
  readonly messages: readonly JsonObject[];
  /** As {@link Answerer.prompt} gave it for the messages. */
  readonly prompt: ChatPrompt | undefined;
  readonly maxNewTokens: number;
  readonly sampling: Sampling;
  /** How many candidates are told with each token; none and no probabilities when left out. */
  readonly candidates?: number | undefined;
}

/** What happens on the way to an answer, in this order; the text comes in pieces. `done` is null where nobody knows. */
export type AnswerEvent = { readonly kind: "loading" } | { readonly kind: "reading"; readonly done: number | null } | { readonly kind: "text"; readonly text: string };

export interface AnswerOptions {
  readonly signal: CancelSignal;
  readonly onEvent: (event: AnswerEvent) => void;
}

/** An answer, and how it came to be as far as that is known. */
export interface Answer {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** The device, or the server. */
  readonly place: string;
  readonly tokens: number | undefined;
  readonly tokensPerSecond: number;
  readonly promptTokens: number | undefined;
  readonly reusedTokens?: number;
  readonly prefillMs: number;
  readonly seed?: number;
  /** Undefined where they were not asked for, or cannot be had. */
  readonly shownTokens: readonly ShownToken[] | undefined;
}

/** A model that answers conversations, wherever it runs. */
export interface Answerer {
  /** Tells it from others. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Where it runs, for people. */
  readonly detail: string;
  /** How many tokens prompt and answer may have together; undefined where that is not known yet. */
  readonly contextLength: number | undefined;
  /** The prompt of a conversation that is to be answered; undefined where the server makes it. @throws TunesmithError `template-refused`, `no-template` */
  prompt(messages: readonly JsonObject[], signal: CancelSignal): Promise<ChatPrompt | undefined>;
  /** @throws TunesmithError with codes of the sidecar or of servers, CancelledError */
  answer(request: AnswerRequest, options: AnswerOptions): Promise<Answer>;
  /** How many tokens a text has; about as many where the tokenizer is not known. */
  countTokens(text: string): Promise<number>;
}
