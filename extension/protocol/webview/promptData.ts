import type { Span } from "../../base/text";

/**
 * How a stretch of the prompt came about: `data` stands in the conversation as it is, `derived` was computed from it,
 * `template` is the template's own text, `value` is what an expression of the template printed that is in no conversation.
 */
export type StretchKind = "data" | "derived" | "template" | "value";

/** A stretch of the prompt; it begins where the one before ends. */
export interface Stretch {
  readonly end: number;
  readonly kind: StretchKind;
  /** The index of the turn that the text comes from; null for the template's own, and for tools and the like. */
  readonly turn: number | null;
}

/** The tokens of a prompt: arrays of the same length. Buffers cross to other threads and into pages at next to no cost. */
export interface TokenList {
  readonly ids: Uint32Array;
  /** Where they stand, UTF-16 units of the prompt. Parts of one character have the whole of it. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** What is special about each: sums of `MARK` (core/xray/marks.ts). */
  readonly marks: Uint8Array;
  /** False where the places only show about where a token stands. */
  readonly exact: boolean;
  /** Whether it is known which tokens are trained on. */
  readonly masked: boolean;
}

/** What is counted over the whole prompt, also where not all of it is shown. */
export interface PromptCounts {
  readonly characters: number;
  readonly tokens: number | null;
  readonly trained: number | null;
  readonly special: number | null;
  /** Tokens whose embedding rows were not trained, by the model's weights; null where these are not known. */
  readonly untrained: number | null;
}

/** A sentence about the prompt that its reader should know. */
export interface PromptNote {
  readonly severity: "info" | "warning" | "error";
  readonly text: string;
  /** What can be done about it, as a button. */
  readonly action: "selectModel" | "compareEngine" | "showTemplatePlace" | null;
}

/** What a prompt is made from. */
export interface PromptSource {
  readonly template: string | null;
  readonly model: string | null;
}

/** A prompt as it is shown. */
export interface ShownPrompt {
  readonly kind: "prompt";
  readonly source: PromptSource;
  /** The text, or its beginning where it is too long to be shown. */
  readonly text: string;
  readonly stretches: readonly Stretch[];
  /** The role of each turn, for people. */
  readonly roles: readonly string[];
  readonly tokens: TokenList | null;
  readonly counts: PromptCounts;
  readonly notes: readonly PromptNote[];
}

/** Why there is no prompt. */
export interface NoPrompt {
  readonly kind: "none";
  readonly source: PromptSource;
  readonly notes: readonly PromptNote[];
  /** Where the template refused; null where it was not the template, or nobody knows. */
  readonly place: Span | null;
}

export type PromptResult = ShownPrompt | NoPrompt;

/** A part of two prompts that are compared: what both have, or what either has instead. */
export interface DiffPart {
  readonly same: boolean;
  readonly left: Span;
  readonly right: Span;
}

/** How two prompts differ. */
export interface PromptDiff {
  /** Cover both texts. */
  readonly parts: readonly DiffPart[];
  /** The tokens of either side that the other one does not have there: cut otherwise, or of another id where both have the same vocabulary. */
  readonly leftTokens: readonly number[];
  readonly rightTokens: readonly number[];
  /** Whether the texts are too different to be compared in the time that there is. */
  readonly gaveUp: boolean;
}

/** Places of both prompts. */
export interface PromptPlaces {
  readonly left: readonly Span[];
  readonly right: readonly Span[];
}

/** One place that a stretch of the prompt comes from. */
export interface TokenOrigin {
  readonly kind: StretchKind;
  /** The characters of the prompt. */
  readonly prompt: Span;
  /** Where it stands in the template, and what is there; null without a template. */
  readonly template: { readonly span: Span; readonly line: number; readonly excerpt: string } | null;
  /** Where it stands in the conversation: JSON Pointers. */
  readonly pointers: readonly string[];
  /** The same as ranges of the row's text, where they are known. */
  readonly row: readonly Span[];
}

/** All that is to be told of one token, or of a stretch where there are no tokens. */
export interface TokenDetails {
  /** Undefined where there are no tokens. */
  readonly token: {
    readonly index: number;
    readonly id: number;
    /** As the vocabulary writes it. */
    readonly written: string;
    /** Hexadecimal, two digits a byte. */
    readonly bytes: string;
    /** How many tokens make up the character, where it is more than this one. */
    readonly shared: boolean;
    readonly verdict: { readonly severity: "error" | "warning" | "info"; readonly why: string; readonly advice: string } | null;
  } | null;
  readonly span: Span;
  readonly origins: readonly TokenOrigin[];
}
