import { type Change, diffLines, diffWordsWithSpace } from "diff";
import type { DiffPart, PromptDiff, TokenList } from "../../protocol/webview/promptData";

/** A prompt that is compared. */
export interface ComparedPrompt {
  readonly text: string;
  readonly tokens: TokenList | null;
}

/** What comparing two prompts may take before it is given up; what is shown then is that they differ. */
const MAX_MS = 400;

/**
 * How two prompts differ, in text and in tokens.
 * @param sameVocabulary whether both have the same tokenizer, so that ids mean the same
 */
export function comparePrompts(left: ComparedPrompt, right: ComparedPrompt, sameVocabulary: boolean): PromptDiff {
  const parts = left.text === right.text ? wholly(left.text) : differingParts(left.text, right.text);
  const found = parts ?? [{ same: false, left: { start: 0, end: left.text.length }, right: { start: 0, end: right.text.length } }];
  return {
    parts: found,
    leftTokens: tokensWithoutTwin(left.tokens, right.tokens, found, "left", sameVocabulary),
    rightTokens: tokensWithoutTwin(right.tokens, left.tokens, found, "right", sameVocabulary),
    gaveUp: parts === undefined,
  };
}

function wholly(text: string): readonly DiffPart[] {
  const whole = { start: 0, end: text.length };
  return text === "" ? [] : [{ same: true, left: whole, right: whole }];
}

/** Lines first, then the words of lines that differ; undefined where it would take too long. */
function differingParts(left: string, right: string): readonly DiffPart[] | undefined {
  const lines = diffLines(left, right, { timeout: MAX_MS });
  if (lines === undefined) return undefined;
  const parts = new PartList();
  for (let i = 0; i < lines.length; i++) {
    const change = lines[i] as Change;
    if (!change.added && !change.removed) {
      parts.add("same", change.value.length);
      continue;
    }
    const next = lines[i + 1];
    const replaced = change.removed && next?.added === true ? next : undefined;
    if (replaced === undefined) parts.add(change.removed ? "left" : "right", change.value.length);
    else {
      i++;
      for (const word of wordsOf(change.value, replaced.value)) parts.add(word.added ? "right" : word.removed ? "left" : "same", word.value.length);
    }
  }
  return parts.all;
}

function wordsOf(left: string, right: string): readonly Pick<Change, "added" | "removed" | "value">[] {
  const words = diffWordsWithSpace(left, right, { timeout: MAX_MS });
  return words ?? [{ added: false, removed: true, value: left }, { added: true, removed: false, value: right }];
}

/** Parts in order; what was taken away and what came instead are one part. */
class PartList {
  readonly #parts: DiffPart[] = [];
  #left = 0;
  #right = 0;

  get all(): readonly DiffPart[] {
    return this.#parts;
  }

  add(where: "same" | "left" | "right", length: number): void {
    const left = { start: this.#left, end: where === "right" ? this.#left : this.#left + length };
    const right = { start: this.#right, end: where === "left" ? this.#right : this.#right + length };
    this.#left = left.end;
    this.#right = right.end;
    const same = where === "same";
    const last = this.#parts.at(-1);
    if (last?.same !== same) this.#parts.push({ same, left, right });
    else this.#parts[this.#parts.length - 1] = { same, left: { ...last.left, end: left.end }, right: { ...last.right, end: right.end } };
  }
}

/** The tokens of one side that the other side does not have at the same place of the same text. */
function tokensWithoutTwin(own: TokenList | null, other: TokenList | null, parts: readonly DiffPart[], side: "left" | "right", sameVocabulary: boolean): readonly number[] {
  if (own === null || other === null) return [];
  const elsewhere = side === "left" ? "right" : "left";
  const firsts = new Map<number, number>();
  for (let i = other.ids.length - 1; i >= 0; i--) firsts.set(other.starts[i] as number, i);
  const alone: number[] = [];
  let at = 0;
  let nth = 0;
  for (let i = 0; i < own.ids.length; i++) {
    const start = own.starts[i] as number;
    const end = own.ends[i] as number;
    while (at < parts.length - 1 && (parts[at] as DiffPart)[side].end <= start) at++;
    const part = parts[at];
    const shift = part === undefined ? 0 : part[elsewhere].start - part[side].start;
    // Several tokens can begin at one character, as the bytes of an emoji do.
    nth = i > 0 && own.starts[i - 1] === start ? nth + 1 : 0;
    const first = part?.same === true && end <= part[side].end ? firsts.get(start + shift) : undefined;
    const twin = first === undefined ? -1 : first + nth;
    const equal = other.starts[twin] === start + shift && other.ends[twin] === end + shift && (!sameVocabulary || other.ids[twin] === own.ids[i]);
    if (!equal) alone.push(i);
  }
  return alone;
}
