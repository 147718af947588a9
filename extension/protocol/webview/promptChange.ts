import type { PromptChoices, PromptView } from "./prompt";
import type { PromptResult, ShownPrompt, Stretch, TokenList } from "./promptData";

// A keystroke changes a few characters of a prompt that may have a hundred thousand tokens. Sending all of it takes longer than
// rendering it: in a remote window it goes through a socket, and a webview gets it as a copy of a copy.

/** `[start, end)` of an earlier text or list became `put`. */
interface Splice<Part> {
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

/** A view on its way to a page. */
export interface SentView extends Omit<PromptView, "choices" | "left" | "right"> {
  /** The version of the view that it builds on; null where it is whole. */
  readonly base: number | null;
  /** Its `edited` is what has changed. */
  readonly choices: Omit<PromptChoices, "edited"> & { readonly edited: Splice<string> };
  readonly left: PromptResult | PromptChange;
  readonly right: PromptResult | PromptChange | null;
}

/** @param before what the page has; undefined where it has nothing yet */
export function sentView(view: PromptView, before: PromptView | undefined): SentView {
  const { choices, left, right } = view;
  return {
    ...view,
    base: before?.version ?? null,
    choices: { ...choices, edited: spliceOfText(before?.choices.edited ?? "", choices.edited) },
    left: changeOf(left, before?.left),
    right: right === null ? null : changeOf(right, before?.right),
  };
}

/** The view that {@link sentView} was given. @param before as there @throws RangeError where it is another one */
export function receivedView(sent: SentView, before: PromptView | undefined): PromptView {
  const { base, choices, left, right, ...rest } = sent;
  if (base !== (before?.version ?? null)) throw new RangeError(`The prompt builds on version ${base ?? "none"}, but version ${before?.version ?? "none"} is shown.`);
  return {
    ...rest,
    choices: { ...choices, edited: spliced(before?.choices.edited ?? "", choices.edited) },
    left: resultOf(left, before?.left),
    right: right === null ? null : resultOf(right, before?.right),
  };
}

function changeOf(result: PromptResult, before: PromptResult | null | undefined): PromptResult | PromptChange {
  if (result.kind === "none" || before?.kind !== "prompt") return result;
  const { tokens } = result;
  if ((tokens === null) !== (before.tokens === null)) return result;
  const shift = result.text.length - before.text.length;
  return {
    ...result,
    kind: "change",
    text: spliceOfText(before.text, result.text),
    shift,
    stretches: spliceOfStretches(before.stretches, result.stretches, shift),
    tokens: tokens === null || before.tokens === null ? null : spliceOfTokens(before.tokens, tokens, shift),
  };
}

function resultOf(sent: PromptResult | PromptChange, before: PromptResult | null | undefined): PromptResult {
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

function spliceOfText(before: string, after: string): Splice<string> {
  const { start, end, putEnd } = differing(before.length, after.length, (a, b) => before.charCodeAt(a) === after.charCodeAt(b));
  return { start, end, put: after.slice(start, putEnd) };
}

function spliced(before: string, { start, end, put }: Splice<string>): string {
  return before.slice(0, start) + put + before.slice(end);
}

function spliceOfStretches(before: readonly Stretch[], after: readonly Stretch[], shift: number): Splice<readonly Stretch[]> {
  const { start, end, putEnd } = differing(before.length, after.length, (a, b, isBehind) => {
    const [one, other] = [before[a] as Stretch, after[b] as Stretch];
    return one.kind === other.kind && one.turn === other.turn && one.end + (isBehind ? shift : 0) === other.end;
  });
  return { start, end, put: after.slice(start, putEnd) };
}

function spliceOfTokens(before: TokenList, after: TokenList, shift: number): Splice<TokenList> {
  const { start, end, putEnd } = differing(before.ids.length, after.ids.length, (a, b, isBehind) => {
    const moved = isBehind ? shift : 0;
    return (
      before.ids[a] === after.ids[b] &&
      before.marks[a] === after.marks[b] &&
      (before.starts[a] as number) + moved === after.starts[b] &&
      (before.ends[a] as number) + moved === after.ends[b]
    );
  });
  // Slices, not views: a view would take the whole of its buffer along.
  const part = { ids: after.ids.slice(start, putEnd), starts: after.starts.slice(start, putEnd), ends: after.ends.slice(start, putEnd), marks: after.marks.slice(start, putEnd) };
  return { start, end, put: { ...after, ...part } };
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

/** Where two sequences differ: all before `start` is the same, and all behind `end` of the one and `putEnd` of the other. */
function differing(length: number, putLength: number, same: (a: number, b: number, isBehind: boolean) => boolean): { readonly start: number; readonly end: number; readonly putEnd: number } {
  const most = Math.min(length, putLength);
  let start = 0;
  while (start < most && same(start, start, false)) start++;
  let [end, putEnd] = [length, putLength];
  while (end > start && putEnd > start && same(end - 1, putEnd - 1, true)) {
    end--;
    putEnd--;
  }
  return { start, end, putEnd };
}
