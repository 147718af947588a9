import type { Span } from "../../base/text";
import type { SentPrompt } from "../../protocol/webview/promptChange";
import type { PromptDiff, PromptNote, PromptPlaces, TokenDetails } from "../../protocol/webview/promptData";
import type { ModelSpec } from "../analysis/workerContract";
import type { JsonObject } from "../dataset/conversation";

/** What one of the prompts is made with. */
export interface XraySide {
  readonly model: ModelSpec | null;
  /** A template to use instead of the model's own. */
  readonly template: { readonly name: string; readonly source: string } | null;
  readonly engine: "jinja2" | "transformers.js";
}

/** A range of the left side's template or of the row's text; an empty one is a cursor. */
export interface XrayRange {
  readonly in: "template" | "row";
  readonly range: Span;
}

export interface XrayRequest {
  /** Whose prompts they are; what is asked later names it, and the last request with this name is meant. */
  readonly session: string;
  readonly version: number;
  /** The version that the page shows: the answer builds on it where that was the last one. Null for a whole answer. */
  readonly base: number | null;
  readonly row: { readonly text: string; readonly plain: boolean };
  /** As in the setting `tunesmith.fields`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Which of the row's conversations. */
  readonly variant: number;
  readonly left: XraySide;
  readonly right: XraySide | null;
  readonly addGenerationPrompt: boolean;
  /** Whether the template is given the conversation's tools. */
  readonly tools: boolean;
  /** Keyword arguments of the template; `documents` are given as such. */
  readonly variables: JsonObject;
  /** What its answer highlights; null where nothing is to be. */
  readonly cursor: XrayRange | null;
}

export interface XrayAnswer {
  /** The version that the prompts build on; null where they are whole. */
  readonly base: number | null;
  readonly left: SentPrompt;
  readonly right: SentPrompt | null;
  readonly diff: PromptDiff | null;
  /** What the row's conversations are called; one that needs no name is "". */
  readonly variants: readonly string[];
  readonly toolsAvailable: boolean;
  /** The places of the prompts that come from the request's cursor; null without one. */
  readonly highlights: PromptPlaces | null;
}

/** A place in a prompt that was made. */
export interface XrayPlace {
  readonly session: string;
  readonly version: number;
  readonly side: "left" | "right";
  readonly offset: number;
}

/** What worker threads do for the prompt X-ray. Answers are null where the prompt is no longer the one that is meant. */
export interface XrayMethods {
  /** Loads models that are not loaded yet. Progress is the source of one that is being loaded. */
  readonly xrayLoad: { readonly params: { readonly models: readonly ModelSpec[] }; readonly result: null; readonly progress: string };
  /** Renders a conversation and tokenizes it. */
  readonly xray: { readonly params: XrayRequest; readonly result: XrayAnswer; readonly progress: never };
  /** What `@huggingface/jinja` does otherwise with the conversation; null also where it does not. */
  readonly xrayOpinion: { readonly params: { readonly session: string; readonly version: number }; readonly result: PromptNote | null; readonly progress: never };
  readonly xrayDescribe: { readonly params: XrayPlace; readonly result: TokenDetails | null; readonly progress: never };
  /** The places of the prompts that come from a range. */
  readonly xrayFind: { readonly params: { readonly session: string; readonly version: number; readonly cursor: XrayRange }; readonly result: PromptPlaces | null; readonly progress: never };
  /** Reads the weights of a model that was rendered with. True where there is something to say of its tokens that was not known. */
  readonly xrayJudge: { readonly params: { readonly model: string }; readonly result: boolean; readonly progress: never };
  /** Forgets a session. */
  readonly xrayClose: { readonly params: { readonly session: string }; readonly result: null; readonly progress: never };
}
