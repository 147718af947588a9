import { type Span, strictText } from "../../../base/text";
import type { PromptTrace } from "../../analysis/promptTrace";
import type { RowTrace, TracedPrompt } from "../../analysis/rowTrace";
import { tokenTraining } from "../../training/placedTraining";
import { isAboutTraining } from "../../weights/verdict/judge";
import type { TokenVerdict } from "../../weights/verdict/explainToken";
import type { Conversation, Sample, Turn } from "../../dataset/conversation";
import type { RowSource } from "../../jsonl/rowSource";
import type { NodeId } from "../../jsonl/tree";
import type { TemplateRefusal } from "../../template/renderer";
import { countsOf, type PromptCounts } from "./rowCounts";
import type { ModelInForce } from "./rowTraces";

/** How much of the prompt is shown on each side of the place, in characters and lines. */
const CONTEXT_LENGTH = 280;
const CONTEXT_LINES = 5;

/** The prompt around a place. */
export interface PromptExcerpt {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  /** Whether the prompt begins, and ends, in the excerpt. */
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** The token at a place. */
export interface HoveredToken {
  readonly id: number;
  /** What it stands for; undefined where that is only a part of a character. */
  readonly text: string | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly special: boolean;
  /** Which token of the prompt it is, from 0. */
  readonly index: number;
  /** Undefined where the template does not say what is trained on. */
  readonly trained: boolean | undefined;
  /** What is against its embedding rows, if anything is. */
  readonly verdict: TokenVerdict | undefined;
  /** What the training's configuration does about it, where that is known. */
  readonly training: string | undefined;
  /** False where it is only known about where the tokens stand. */
  readonly exact: boolean;
}

/** What there is to say about a place in a row. */
export interface RowHover {
  /** What it is about, in the row's text. */
  readonly span: Span;
  /** The turn that the place is in, counted from 0. */
  readonly turn: { readonly role: string | undefined; readonly index: number; readonly count: number; readonly variant: string | undefined } | undefined;
  /** The prompt at the place; `dropped` where the template leaves the place out. */
  readonly prompt: PromptExcerpt | "dropped" | undefined;
  readonly token: HoveredToken | undefined;
  /** Why there is no prompt. */
  readonly missing: { readonly kind: "no model" | "no template" | "too long" } | { readonly kind: "refused"; readonly refusal: TemplateRefusal } | undefined;
  readonly counts: readonly PromptCounts[];
}

/** What there is to say about the character at `offset` of a row, without its prompts. */
export function hoverWithoutPrompt(source: RowSource, sample: Sample | undefined, offset: number, kind: "no model" | "too long"): RowHover | undefined {
  const place = placeAt(source, offset);
  if (place === undefined || sample === undefined) return undefined;
  return { span: place.span, turn: turnOf(sample, place.pointer), counts: [], prompt: undefined, token: undefined, missing: { kind } };
}

/** What there is to say about the character at `offset` of a row. */
export function hoverAt(row: RowTrace, offset: number, model: ModelInForce): RowHover | undefined {
  const place = placeAt(row.source, offset);
  if (place === undefined || row.sample === undefined) return undefined;
  const base = { span: place.span, turn: turnOf(row.sample, place.pointer), counts: countsOf(row) };
  const ids = hoveredId(row.sample, place.pointer, model);
  if (ids !== undefined) return { ...base, ...ids, missing: undefined };
  const found = promptOf(row.prompts, place);
  if (found !== undefined) {
    const { trace, at } = found;
    const token = place.start === undefined ? undefined : tokenAt(trace, at.start, model);
    return { ...base, prompt: excerptOf(trace.text, token?.range ?? at), token: token?.token, missing: undefined };
  }
  const failed = row.prompts.find(({ kind, conversation }) => kind !== "prompt" && (conversation === undefined || holds(conversation, place.pointer)));
  const missing = failed === undefined ? undefined : reasonOf(failed);
  return { ...base, prompt: missing === undefined ? "dropped" : undefined, token: undefined, missing };
}

/** A value of the row, or characters of one that is a string. */
interface HoveredPlace {
  readonly pointer: string;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly span: Span;
}

function placeAt(source: RowSource, offset: number): HoveredPlace | undefined {
  const [text] = source.stringsIn(offset, offset + 1);
  if (text !== undefined) {
    const { pointer, start, end } = text;
    return { pointer, start, end, span: source.rangeOf(pointer, start, end) ?? { start: offset, end: offset + 1 } };
  }
  const node: NodeId | undefined = source.tree.innermostAt(offset);
  return node === undefined ? undefined : { pointer: source.pointerOf(node), start: undefined, end: undefined, span: source.tree.span(node) };
}

/** The first prompt that prints the place, and where. */
function promptOf(prompts: readonly TracedPrompt[], { pointer, start, end }: HoveredPlace): { readonly trace: PromptTrace; readonly at: Span } | undefined {
  for (const prompt of prompts) {
    if (prompt.kind !== "prompt") continue;
    const spans = prompt.trace.spansOf(pointer, start, end);
    // A character that is printed as it is says more than a value that was computed from the whole string.
    const at = spans.find(({ verbatim }) => verbatim) ?? spans[0];
    if (at !== undefined) return { trace: prompt.trace, at };
  }
  return undefined;
}

/** Ids on each side of one that are shown as text. */
const CONTEXT_IDS = 40;

/** Of a row that holds token ids: the token that the number at a place stands for, between the text of its neighbours. */
function hoveredId({ format, tokenized }: Sample, pointer: string, model: ModelInForce): Pick<RowHover, "prompt" | "token"> | undefined {
  if (tokenized === undefined || pointer === "") return undefined;
  const inIds = pointer.startsWith(`${tokenized.pointer}/`);
  const index = inIds ? Number(pointer.slice(tokenized.pointer.length + 1)) : -1;
  const { ids, trained } = tokenized;
  const id = ids[index] ?? -1;
  // The other columns of such a row are in no prompt.
  if (id < 0) return format === "tokenized" || inIds ? { prompt: undefined, token: undefined } : undefined;
  const { tokenizer } = model.prompts;
  const text = (from: number, to: number): string => tokenizer.decode(ids.subarray(from, to).filter((each) => each >= 0));
  const [from, to] = [Math.max(0, index - CONTEXT_IDS), Math.min(ids.length, index + 1 + CONTEXT_IDS)];
  const prompt = { before: text(from, index), marked: text(index, index + 1), after: text(index + 1, to), fromStart: from === 0, toEnd: to === ids.length };
  return { prompt, token: { ...tokenOf(id, model), index, trained: trained?.[index] ?? true, exact: true } };
}

function tokenOf(id: number, { prompts: { tokenizer }, verdicts, training }: ModelInForce): Omit<HoveredToken, "index" | "trained" | "exact"> {
  const verdict = verdicts?.verdictOf(id);
  const bytes = tokenizer.tokenBytes(id);
  return {
    id,
    text: bytes === undefined ? (tokenizer.tokenText(id) ?? "") : strictText(bytes),
    bytes,
    special: tokenizer.addedTokens.some((added) => added.id === id && added.special),
    verdict,
    training: verdict !== undefined && isAboutTraining(verdict.kind) ? tokenTraining(training ?? [], id)?.sentence : undefined,
  };
}

function tokenAt(trace: PromptTrace, unit: number, model: ModelInForce): { readonly token: HoveredToken; readonly range: Span } | undefined {
  const { encoding } = trace;
  const index = encoding.tokenAt(unit);
  if (index === undefined) return undefined;
  const [start, end] = encoding.rangeOf(index);
  const id = encoding.ids[index] ?? 0;
  const mask = trace.mask?.mask;
  const token: HoveredToken = {
    ...tokenOf(id, model),
    index,
    trained: mask === undefined ? undefined : mask[index] === 1,
    exact: encoding.exact,
  };
  return { token, range: { start, end } };
}

function reasonOf(prompt: TracedPrompt): RowHover["missing"] {
  if (prompt.kind === "refused") return { kind: "refused", refusal: prompt.refusal };
  return prompt.kind === "no-template" ? { kind: "no template" } : undefined;
}

function turnOf(sample: Sample, pointer: string): RowHover["turn"] {
  for (const conversation of sample.conversations) {
    const index = conversation.turns.findIndex((turn) => holdsPointer(turn, pointer));
    const turn = conversation.turns[index];
    if (turn === undefined) continue;
    const role = turn.role ?? (typeof turn.rawRole === "string" ? turn.rawRole : undefined);
    return { role, index, count: conversation.turns.length, variant: conversation.variant };
  }
  return undefined;
}

function holds(conversation: Conversation, pointer: string): boolean {
  return pointer === "" || pointer === conversation.pointer || conversation.turns.some((turn) => holdsPointer(turn, pointer));
}

function holdsPointer(turn: Turn, pointer: string): boolean {
  if (turn.pointer !== "" && (pointer === turn.pointer || pointer.startsWith(`${turn.pointer}/`))) return true;
  return turn.content.some((piece) => piece.pointer === pointer);
}

function excerptOf(text: string, { start, end }: Span): PromptExcerpt {
  const stop = Math.min(end, start + CONTEXT_LENGTH);
  const from = startOfContext(text, start);
  const to = endOfContext(text, stop);
  return { before: text.slice(from, start), marked: text.slice(start, stop), after: text.slice(stop, to), fromStart: from === 0, toEnd: to === text.length };
}

function startOfContext(text: string, start: number): number {
  const least = Math.max(0, start - CONTEXT_LENGTH);
  let at = start;
  for (let lines = 0; lines <= CONTEXT_LINES; lines++) {
    const newline = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
    if (newline < least) return whole(text, least);
    at = newline;
  }
  return at + 1;
}

function endOfContext(text: string, end: number): number {
  const most = Math.min(text.length, end + CONTEXT_LENGTH);
  let at = end;
  for (let lines = 0; lines <= CONTEXT_LINES; lines++) {
    const newline = text.indexOf("\n", at);
    if (newline === -1 || newline >= most) return whole(text, most);
    at = newline + 1;
  }
  return at - 1;
}

/** The offset, or the one behind where it would part a surrogate pair. */
function whole(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000 ? Math.min(text.length, at + 1) : at;
}
