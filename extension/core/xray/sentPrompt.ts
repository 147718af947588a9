import type { PromptChoices } from "../../protocol/webview/prompt";
import type { SentChoices, SentPrompt, Splice } from "../../protocol/webview/promptChange";
import type { PromptResult, Stretch, TokenList } from "../../protocol/webview/promptData";

/** @param before what the page has on that side; undefined or null where that is no prompt */
export function sentPrompt(result: PromptResult, before: PromptResult | null | undefined): SentPrompt {
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

/** @param edited what the page has; "" for one that gets a whole view */
export function sentChoices(choices: PromptChoices, edited: string): SentChoices {
  return { ...choices, edited: spliceOfText(edited, choices.edited) };
}

function spliceOfText(before: string, after: string): Splice<string> {
  if (before === after) return { start: 0, end: 0, put: "" };
  const { start, end, putEnd } = differing(before.length, after.length, (a, b) => before.charCodeAt(a) === after.charCodeAt(b));
  return { start, end, put: after.slice(start, putEnd) };
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
