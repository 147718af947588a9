import type { Span } from "../../base/text";
import type { RowSource } from "../jsonl/rowSource";
import type { Origin, PromptTrace } from "./promptTrace";

/** A value of a row, and characters of the row's text. */
export interface RowPlace {
  readonly pointer: string;
  readonly span: Span;
}

/**
 * The first characters of the row that a prompt has from `offset` on, to the end of their string; where only the template
 * writes there, the last value before. Undefined where the prompt has nothing of the row.
 */
export function placeFrom(trace: PromptTrace, source: RowSource, offset: number): RowPlace | undefined {
  const behind = trace.originsOf(offset, trace.text.length).find(({ kind }) => kind !== "template");
  const origin = behind ?? trace.originsOf(0, offset).findLast(({ kind }) => kind !== "template");
  return origin === undefined ? undefined : placeOf(origin, source, origin === behind);
}

function placeOf(origin: Origin, source: RowSource, fromHere: boolean): RowPlace | undefined {
  if (origin.kind === "template") return undefined;
  const pointer = origin.kind === "data" ? origin.pointer : (origin.pointers[0] ?? "");
  const span = source.rangeOf(pointer, ...(origin.kind === "data" && fromHere ? [origin.start] : []));
  return span === undefined ? undefined : { pointer, span };
}
