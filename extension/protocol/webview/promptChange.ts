import type { PromptChoices, PromptView } from "./prompt";
import type { PromptResult, ShownPrompt, Stretch, TokenList } from "./promptData";

// A keystroke changes a few characters of a prompt that may have a hundred thousand tokens. Sending all of it takes longer than
// rendering it: in a remote window it goes through a socket, and a webview gets it as a copy of a copy.

/** `[start, end)` of an earlier text or list became `put`. */
export interface Splice<Part> {
  readonly start: number;
  readonly end: number;
  readonly put: Part;
}

/** What has changed since an earlier prompt: what is short is whole. Behind a splice, places are `shift` further on than before. */
export interface PromptChange extends Omit<ShownPrompt, "kind" | "text" | "stretches" | "tokens"> {
  readonly kind: "change";
  readonly text: Splice<string>;
  readonly shift: number;
  readonly stretches: Splice<readonly Stretch[]>;
  readonly tokens: Splice<TokenList> | null;
}

/** A prompt on its way from the thread that made it to the page that shows it. */
export type SentPrompt = PromptResult | PromptChange;

/** A view on its way to a page. */
export interface SentView extends Omit<PromptView, "choices" | "left" | "right"> {
  /** The version of the view that it builds on; null where it is whole. */
  readonly base: number | null;
  readonly choices: SentChoices;
  readonly left: SentPrompt;
  readonly right: SentPrompt | null;
}

/** Its `edited` is what has changed. */
export type SentChoices = Omit<PromptChoices, "edited"> & { readonly edited: Splice<string> };

/** The view that a page was sent. @param before what the page has @throws RangeError where the view builds on another one */
export function receivedView(sent: SentView, before: PromptView | undefined): PromptView {
  const { base, choices, left, right, ...rest } = sent;
  if (base !== null && base !== before?.version) throw new RangeError(`The prompt builds on version ${base}, but version ${before?.version ?? "none"} is shown.`);
  const known = base === null ? undefined : before;
  return {
    ...rest,
    choices: { ...choices, edited: spliced(known?.choices.edited ?? "", choices.edited) },
    left: resultOf(left, known?.left),
    right: right === null ? null : resultOf(right, known?.right),
  };
}

function resultOf(sent: SentPrompt, before: PromptResult | null | undefined): PromptResult {
  if (sent.kind !== "change") return sent;
  if (before?.kind !== "prompt") throw new RangeError("The prompt builds on one that is not shown.");
  const { shift, text, stretches, tokens, ...rest } = sent;
  return {
    ...rest,
    kind: "prompt",
    text: spliced(before.text, text),
    stretches: [...before.stretches.slice(0, stretches.start), ...stretches.put, ...before.stretches.slice(stretches.end).map((stretch) => ({ ...stretch, end: stretch.end + shift }))],
    tokens: tokens === null || before.tokens === null ? null : splicedTokens(before.tokens, tokens, shift),
  };
}

function spliced(before: string, { start, end, put }: Splice<string>): string {
  return before.slice(0, start) + put + before.slice(end);
}

function splicedTokens(before: TokenList, { start, end, put }: Splice<TokenList>, shift: number): TokenList {
  const length = before.ids.length - (end - start) + put.ids.length;
  const join = <List extends Uint32Array | Uint8Array>(made: List, old: List, part: List): List => {
    made.set(old.subarray(0, start));
    made.set(part, start);
    made.set(old.subarray(end), start + part.length);
    return made;
  };
  const places = (old: Uint32Array, part: Uint32Array): Uint32Array => {
    const made = join(new Uint32Array(length), old, part);
    for (let i = start + part.length; i < length; i++) made[i] = (made[i] as number) + shift;
    return made;
  };
  return {
    ...put,
    ids: join(new Uint32Array(length), before.ids, put.ids),
    starts: places(before.starts, put.starts),
    ends: places(before.ends, put.ends),
    marks: join(new Uint8Array(length), before.marks, put.marks),
  };
}
