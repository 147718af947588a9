import type { Span } from "../../../base/text";
import type { Sample, Turn } from "../../dataset/conversation";
import type { FieldMapping } from "../../dataset/fields";
import { readSample } from "../../dataset/formats";
import { turnText } from "../../dataset/turn/turn";
import { isObject, parseJsonText } from "../../dataset/values";
import { RowSource } from "../../jsonl/rowSource";

/** A turn of a row, for an outline. */
export interface TurnSymbol {
  readonly name: string;
  readonly detail: string;
  readonly span: Span;
}

/** A row, for an outline. */
export interface RowSymbol {
  /** How the row begins: what the user says first, or the text. */
  readonly detail: string;
  readonly turns: readonly TurnSymbol[];
}

/** How much of a text an outline shows. */
const DETAIL_LENGTH = 60;

/** The outline of one row; of one that cannot be read only that it is there. @param withTurns false leaves them out, which is faster */
export function rowSymbol(text: string, fields: FieldMapping, withTurns: boolean): RowSymbol {
  const value = parseJsonText(text);
  const sample = isObject(value) ? readSample(value, fields) : undefined;
  if (sample === undefined) return { detail: shortened(text), turns: [] };
  return { detail: beginningOf(sample), turns: withTurns ? turnsOf(sample, new RowSource(text)) : [] };
}

function beginningOf(sample: Sample): string {
  if (sample.text !== undefined) return shortened(sample.text.text);
  const turns = sample.conversations[0]?.turns ?? [];
  const first = turns.find(({ role }) => role === "user") ?? turns[0];
  return first === undefined ? "" : shortened(turnText(first));
}

/** Each turn once: two answers mostly share their prompt. */
function turnsOf(sample: Sample, source: RowSource): TurnSymbol[] {
  const seen = new Set<string>();
  const symbols: TurnSymbol[] = [];
  for (const { turns, variant } of sample.conversations) {
    for (const turn of turns) {
      const key = `${turn.pointer} ${turn.role ?? ""}`;
      const node = seen.has(key) ? undefined : source.nodeAt(turn.pointer);
      if (node === undefined) continue;
      seen.add(key);
      const isAnswer = variant !== undefined && turn === turns.at(-1);
      symbols.push({ name: nameOf(turn) + (isAnswer ? ` (${variant})` : ""), detail: detailOf(turn), span: source.tree.span(node) });
    }
  }
  return symbols.sort((a, b) => a.span.start - b.span.start);
}

function nameOf({ role, rawRole }: Turn): string {
  return role ?? (typeof rawRole === "string" && rawRole !== "" ? rawRole : "?");
}

function detailOf(turn: Turn): string {
  const text = turnText(turn);
  if (text.trim() !== "" || turn.toolCalls.length === 0) return shortened(text);
  return turn.toolCalls.map(({ name }) => `${name?.text ?? "?"}()`).join(", ");
}

function shortened(text: string): string {
  const line = text.slice(0, 2 * DETAIL_LENGTH).replaceAll(/\s+/g, " ").trim();
  return line.length > DETAIL_LENGTH ? `${line.slice(0, DETAIL_LENGTH).trimEnd()}…` : line;
}
