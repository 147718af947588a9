import { MARK } from "../../extension/core/xray/marks";
import type { DiffPart, ShownPrompt, StretchKind } from "../../extension/protocol/webview/promptData";

/** A part of a block that looks the same and belongs to one token, or to one stretch where there are no tokens. */
export interface Run {
  /** Offsets in the prompt. */
  readonly start: number;
  readonly end: number;
  /** -1 without tokens, and for text that no token covers. */
  readonly token: number;
  /** Whether its token begins with it. */
  readonly first: boolean;
  readonly kind: StretchKind;
  readonly turn: number | null;
  /** Whether the other one of two prompts has something else here. */
  readonly changed: boolean;
}

/** A line of the prompt, or a part of one that is very long or holds several turns. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** The turn whose text begins in it. */
  readonly turn: number | null;
  /** Two blocks with the same signature look the same. */
  readonly signature: string;
}

/** A prompt with what comparing it with another one has shown. */
export interface ShownSide {
  readonly prompt: ShownPrompt;
  /** Ascending; empty without comparison. */
  readonly changes: readonly { readonly start: number; readonly end: number }[];
  /** Tokens that the other side does not have. */
  readonly alone: ReadonlySet<number>;
}

/** Lines are cut into blocks of at most this length, so that no block costs much; UTF-16 units. */
const MAX_BLOCK = 2000;

/** Which parts of a side the other one does not have. */
export function changesOf(parts: readonly DiffPart[], side: "left" | "right"): ShownSide["changes"] {
  return parts.filter(({ same }) => !same).map((part) => part[side]).filter(({ start, end }) => start < end);
}

/** Cuts a prompt into blocks that cover it. */
export function splitBlocks(side: ShownSide): readonly Block[] {
  const { prompt } = side;
  const { text, stretches, roles } = prompt;
  const blocks: Block[] = [];
  const cursor = new Cursor(side);
  let turn: number | null = null;
  for (let start = 0; start < text.length; ) {
    const line = cursor.runs(start, blockEnd(text, start));
    for (const runs of turnsOf(line, prompt.tokens)) {
      const begun = runs.find((run) => run.turn !== null && run.turn !== turn)?.turn ?? null;
      if (begun !== null) turn = begun;
      const end = runs.at(-1)?.end ?? start;
      blocks.push({ start, end, turn: begun, signature: signatureOf(side, runs, begun === null ? "" : `${begun} ${roles[begun] ?? ""}`) });
      start = end;
    }
  }
  // A prompt of no stretches is one of no text.
  return stretches.length === 0 ? [] : blocks;
}

function blockEnd(text: string, start: number): number {
  const line = text.indexOf("\n", start);
  const end = line === -1 ? text.length : line + 1;
  if (end - start <= MAX_BLOCK) return end;
  const unit = text.charCodeAt(start + MAX_BLOCK - 1);
  return start + MAX_BLOCK - (unit >= 0xd800 && unit < 0xdc00 ? 1 : 0);
}

/** Cuts a line where a further turn begins: many templates print a whole conversation without a line break. */
function* turnsOf(line: readonly Run[], tokens: ShownPrompt["tokens"]): Generator<readonly Run[]> {
  let from = 0;
  let turn: number | null = null;
  for (const [index, run] of line.entries()) {
    if (run.turn === null || run.turn === turn) continue;
    const cut = turn === null ? from : openingOf(line, index, tokens);
    turn = run.turn;
    if (cut <= from) continue;
    yield line.slice(from, cut);
    from = cut;
  }
  yield line.slice(from);
}

/** The run that a turn begins with: its first text, or what opens it: the token around that, and a special token right before. */
function openingOf(line: readonly Run[], index: number, tokens: ShownPrompt["tokens"]): number {
  let at = index;
  const begin = (token: number | undefined): void => {
    while (token !== undefined && token !== -1 && line[at - 1]?.token === token) at--;
  };
  begin(line[at]?.token);
  const before = line[at - 1]?.token ?? -1;
  const marks = tokens?.marks[before] ?? 0;
  // What ends a turn belongs to the one before.
  if ((marks & MARK.special) !== 0 && (marks & (MARK.eos | MARK.endOfTurn)) === 0) begin(before);
  return at;
}

function signatureOf({ prompt: { text, tokens, roles }, alone }: ShownSide, runs: readonly Run[], label: string): string {
  const parts = [label];
  for (const { start, end, token, first, kind, turn, changed } of runs) {
    const about = token === -1 ? "" : `${tokens?.ids[token] ?? ""} ${tokens?.marks[token] ?? ""} ${first ? "f" : ""}${alone.has(token) ? "a" : ""}`;
    parts.push(`${text.slice(start, end)}\u0001${about}\u0001${kind}${roles[turn ?? -1] ?? ""}${changed ? "c" : ""}`);
  }
  return parts.join("\u0000");
}

/** The runs of one block. */
export function runsOf(side: ShownSide, block: Block): readonly Run[] {
  return new Cursor(side).runs(block.start, block.end);
}

const NO_TOKENS = new Uint32Array();

/** Goes through tokens, stretches and changes together; asked for places that ascend, it goes through each once. */
class Cursor {
  readonly #side: ShownSide;
  #token: number | undefined;
  #stretch: number | undefined;
  #change = 0;

  constructor(side: ShownSide) {
    this.#side = side;
  }

  runs(start: number, end: number): Run[] {
    const { prompt, changes } = this.#side;
    const { tokens, stretches } = prompt;
    const ends = tokens?.ends ?? NO_TOKENS;
    const starts = tokens?.starts ?? NO_TOKENS;
    let token = (this.#token ??= firstAbove(ends, start));
    let stretch = (this.#stretch ??= firstAbove(stretches.map((each) => each.end), start));
    const runs: Run[] = [];
    for (let at = start; at < end; ) {
      while (token < ends.length && (ends[token] as number) <= at) token++;
      while (stretch < stretches.length - 1 && (stretches[stretch]?.end ?? 0) <= at) stretch++;
      while (this.#change < changes.length && (changes[this.#change]?.end ?? 0) <= at) this.#change++;
      const { kind = "value", turn = null, end: stretchEnd = end } = stretches[stretch] ?? {};
      const covered = token < ends.length && (starts[token] as number) <= at;
      const tokenEdge = token >= ends.length ? end : ((covered ? ends[token] : starts[token]) as number);
      const change = changes[this.#change];
      const changed = change !== undefined && change.start <= at;
      const changeEdge = change === undefined ? end : changed ? change.end : change.start;
      const next = Math.max(at + 1, Math.min(end, stretchEnd, tokenEdge, changeEdge));
      runs.push({ start: at, end: next, token: covered ? token : -1, first: covered && starts[token] === at, kind, turn, changed });
      at = next;
    }
    this.#token = token;
    this.#stretch = stretch;
    return runs;
  }
}

/** The first index whose value is above `limit`, of values that ascend. */
export function firstAbove(values: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the marks of a token say, in words that stand on the token itself. */
export function labelOf(marks: number): string {
  const names = [];
  if ((marks & MARK.bos) !== 0) names.push("BOS");
  if ((marks & MARK.endOfTurn) !== 0) names.push("EOT");
  if ((marks & MARK.eos) !== 0) names.push("EOS");
  return names.join("/");
}
