import type { PromptNote, PromptSource, ShownPrompt, Stretch, StretchKind, TokenList } from "../../protocol/webview/promptData";
import type { PromptTrace } from "../analysis/promptTrace";
import type { TokenVerdicts } from "../analysis/tokenVerdicts";
import type { Conversation, Turn } from "../dataset/conversation";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { MARK } from "./marks";
import type { XrayModel } from "./renderSide";

export interface ShowOptions {
  readonly source: PromptSource;
  /** Undefined where the prompt is a text by itself. */
  readonly conversation: Conversation | undefined;
  readonly model: XrayModel | undefined;
  readonly tokenizer: Tokenizer | undefined;
}

/** Prompts are shown up to this length, UTF-16 units: about a hundred thousand tokens, which a page still shows at once. */
export const SHOWN_LENGTH = 400_000;

/** A traced prompt in the form that the page shows. */
export function showPrompt(trace: PromptTrace, options: ShowOptions): ShownPrompt {
  const { conversation, model, tokenizer, source } = options;
  const shown = shownLength(trace.text);
  const turns = conversation?.turns ?? [];
  const stretches = stretchesOf(trace, turns, shown);
  const tokens = tokenizer === undefined || model === undefined ? undefined : allTokens(trace, turns, model, tokenizer);
  const counts = {
    characters: trace.text.length,
    tokens: tokens?.ids.length ?? null,
    trained: tokens?.masked === true ? countOf(tokens, MARK.trained) : null,
    special: tokens === undefined ? null : countOf(tokens, MARK.special),
    untrained: tokens === undefined || model?.verdicts === undefined ? null : countOf(tokens, MARK.error | MARK.warning),
  };
  return {
    kind: "prompt",
    source,
    text: shown === trace.text.length ? trace.text : trace.text.slice(0, shown),
    stretches,
    roles: turns.map(roleOf),
    tokens: tokens === undefined ? null : tokensUpTo(tokens, shown),
    counts,
    notes: notesOn(trace, shown, tokens, options),
  };
}

/** No surrogate pair is cut. */
function shownLength(text: string): number {
  if (text.length <= SHOWN_LENGTH) return text.length;
  const unit = text.charCodeAt(SHOWN_LENGTH - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? SHOWN_LENGTH - 1 : SHOWN_LENGTH;
}

function roleOf({ role, rawRole }: Turn): string {
  return role ?? (typeof rawRole === "string" && rawRole !== "" ? rawRole : "?");
}

/** Neighbours of the same kind and turn are one. */
function stretchesOf(trace: PromptTrace, turns: readonly Turn[], shown: number): readonly Stretch[] {
  const turnAt = turnFinder(turns);
  const stretches: Stretch[] = [];
  for (const { start, end, pointer } of trace.segments) {
    if (start >= shown) break;
    const kind = kindAt(trace, start, end);
    const turn = pointer === undefined ? null : turnAt(pointer);
    const last = stretches.at(-1);
    const stretch = { end: Math.min(end, shown), kind, turn };
    if (last?.kind === kind && last.turn === turn) stretches[stretches.length - 1] = stretch;
    else stretches.push(stretch);
  }
  return stretches;
}

function kindAt(trace: PromptTrace, start: number, end: number): StretchKind {
  const [origin] = trace.originsOf(start, end);
  if (origin === undefined) return "value";
  return origin.kind === "template" ? (origin.verbatim ? "template" : "value") : origin.kind;
}

/** Finds the turn that a pointer leads into: the innermost value above it that is one. */
function turnFinder(turns: readonly Turn[]): (pointer: string) => number | null {
  const found = new Map<string, number | null>(turns.map(({ pointer }, index) => [pointer, index]));
  const find = (pointer: string): number | null => {
    let turn = found.get(pointer);
    if (turn === undefined) {
      turn = pointer === "" ? null : find(pointer.slice(0, pointer.lastIndexOf("/")));
      found.set(pointer, turn);
    }
    return turn;
  };
  return find;
}

function allTokens(trace: PromptTrace, turns: readonly Turn[], model: XrayModel, tokenizer: Tokenizer): TokenList {
  const { ids, offsets, exact } = trace.encoding;
  const mask = trace.mask?.mask;
  const marksOf = idMarks(model, tokenizer);
  const starts = new Uint32Array(ids.length);
  const ends = new Uint32Array(ids.length);
  const marks = new Uint8Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    starts[i] = offsets[2 * i] as number;
    ends[i] = offsets[2 * i + 1] as number;
    marks[i] = marksOf(ids[i] as number) | (mask?.[i] === 1 ? MARK.trained : 0);
  }
  for (const token of turnEnds(trace, turns)) if (((marks[token] as number) & MARK.special) !== 0) marks[token] = (marks[token] as number) | MARK.endOfTurn;
  return { ids: ids.slice(), starts, ends, marks, exact, masked: mask !== undefined };
}

/** What is special about ids, wherever they stand; a prompt has most of its ids many times. */
function idMarks(model: XrayModel, tokenizer: Tokenizer): (id: number) => number {
  const special = new Set(tokenizer.addedTokens.filter((token) => token.special).map(({ id }) => id));
  const bos = specialId(model, tokenizer, "bos_token");
  const eos = specialId(model, tokenizer, "eos_token");
  const known = new Map<number, number>();
  return (id) => {
    let marks = known.get(id);
    if (marks === undefined) {
      marks = verdictMark(model.verdicts, id) | (special.has(id) ? MARK.special : 0) | (id === bos ? MARK.bos : 0) | (id === eos ? MARK.eos : 0);
      known.set(id, marks);
    }
    return marks;
  };
}

function specialId({ prompts }: XrayModel, tokenizer: Tokenizer, name: string): number | undefined {
  const text = prompts.variables[name];
  return typeof text === "string" ? tokenizer.tokenId(text) : undefined;
}

function verdictMark(verdicts: TokenVerdicts | undefined, id: number): number {
  const severity = verdicts?.severityOf(id);
  return severity === "error" ? MARK.error : severity === "warning" ? MARK.warning : 0;
}

/** The tokens that stand right behind an assistant's text: where they are special, the model learns to stop at them. */
function* turnEnds(trace: PromptTrace, turns: readonly Turn[]): Generator<number> {
  for (const [index, end] of lastEnds(trace, turns)) {
    if (turns[index]?.role !== "assistant") continue;
    const behind = end + (/^\s*/.exec(trace.text.slice(end, end + MAX_SPACE))?.[0].length ?? 0);
    const token = trace.encoding.tokenAt(behind);
    if (token !== undefined) yield token;
  }
}

/** By the index of a turn, where the last text of it ends. */
function lastEnds({ segments }: PromptTrace, turns: readonly Turn[]): ReadonlyMap<number, number> {
  const turnAt = turnFinder(turns);
  const ends = new Map<number, number>();
  for (const { end, pointer, pointers } of segments) {
    for (const each of pointers ?? (pointer === undefined ? [] : [pointer])) {
      const turn = turnAt(each);
      if (turn !== null) ends.set(turn, end);
    }
  }
  return ends;
}

/** White space that templates put between an answer and the token that ends it. */
const MAX_SPACE = 8;

function countOf({ marks }: TokenList, mark: number): number {
  let count = 0;
  for (const each of marks) if ((each & mark) !== 0) count++;
  return count;
}

function tokensUpTo(tokens: TokenList, shown: number): TokenList {
  const { ids, starts, ends, marks } = tokens;
  let count = ids.length;
  while (count > 0 && (ends[count - 1] as number) > shown) count--;
  if (count === ids.length) return tokens;
  return { ...tokens, ids: ids.slice(0, count), starts: starts.slice(0, count), ends: ends.slice(0, count), marks: marks.slice(0, count) };
}

function notesOn(trace: PromptTrace, shown: number, tokens: TokenList | undefined, { conversation, tokenizer, model }: ShowOptions): readonly PromptNote[] {
  const notes: PromptNote[] = [];
  const say = (severity: PromptNote["severity"], text: string, action: PromptNote["action"] = null): void => {
    notes.push({ severity, text, action });
  };
  if (shown < trace.text.length) {
    say("warning", `Only the first ${shown} of ${trace.text.length} characters are shown. The counts are those of the whole prompt.`);
  }
  if (tokens === undefined) {
    if (model === undefined) say("info", "Without a model there are no tokens.", "selectModel");
    return notes;
  }
  if (!tokens.exact) say("info", `Tokens are shown about where they stand: ${tokenizer?.engine.reason ?? "this tokenizer does not say exactly."}`);
  if (conversation === undefined) return notes;
  if (!trace.hasGeneration) say("info", "The template has no {% generation %} block, so it does not say which tokens are trained on.");
  if (trace.maskRefusal !== undefined) say("error", `transformers cannot make the assistant mask: ${trace.maskRefusal.message}`);
  const fault = trace.mask?.faults[0];
  if (fault !== undefined) say("warning", FAULTS[fault.kind]);
  return notes;
}

const FAULTS = {
  "runs-to-end": "A generation block ends at a character that no token begins with, so transformers trains on everything behind its beginning.",
  dropped: "A generation block begins at a character without a token, so transformers leaves it and all later ones out of the mask.",
  "beyond-end": "A generation block inside a set block is counted from the wrong place, so the mask is not what the template means.",
} as const;
