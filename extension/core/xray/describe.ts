import { LineMap, type Span } from "../../base/text";
import type { TokenDetails, TokenOrigin } from "../../protocol/webview/promptData";
import type { Origin, PromptTrace } from "../analysis/promptTrace";
import type { RowSource } from "../jsonl/rowSource";
import type { Segment } from "../jinja/runtime/segments";
import type { RenderedSide } from "./renderSide";

/** Characters of the template that are quoted. */
const MAX_EXCERPT = 200;
/** Places that are highlighted at once; a loop prints the same expression for every turn. */
const MAX_FOUND = 500;

/** What there is to know about the token at a place of the prompt, or about the stretch there where there are no tokens. */
export function describePlace({ trace, tokenizer, verdicts }: RenderedSide, row: RowSource, offset: number): TokenDetails | null {
  if (trace === undefined || offset >= trace.text.length) return null;
  const index = tokenizer === undefined ? undefined : trace.encoding.tokenAt(offset);
  const span = index === undefined ? segmentSpan(trace, offset) : spanOf(trace.encoding.rangeOf(index));
  const lines = new LineMap(trace.template ?? "");
  const origins = trace.originsOf(span.start, span.end).map((origin) => describeOrigin(origin, trace, row, lines));
  if (index === undefined || tokenizer === undefined) return { token: null, span, origins };
  const id = trace.encoding.ids[index] ?? 0;
  const [before, behind] = [trace.encoding.offsets[2 * index - 1] ?? 0, trace.encoding.offsets[2 * index + 2] ?? span.end];
  const verdict = verdicts?.verdictOf(id);
  return {
    token: {
      index,
      id,
      written: tokenizer.tokenText(id) ?? "",
      bytes: Array.from(tokenizer.tokenBytes(id) ?? [], (byte) => byte.toString(16).padStart(2, "0")).join(" "),
      shared: before > span.start || behind < span.end,
      verdict: verdict === undefined ? null : { severity: severityOf(verdict.severity), why: verdict.why, advice: verdict.advice ?? "" },
    },
    span,
    origins,
  };
}

function severityOf(severity: string | undefined): "error" | "warning" | "info" {
  return severity === "error" || severity === "warning" ? severity : "info";
}

function describeOrigin(origin: Origin, trace: PromptTrace, row: RowSource, lines: LineMap): TokenOrigin {
  const { template: span, prompt } = origin;
  const excerpt = trace.template?.slice(span.start, Math.min(span.end, span.start + MAX_EXCERPT)) ?? "";
  const template = excerpt === "" ? null : { span, line: lines.positionAt(span.start).line, excerpt };
  if (origin.kind === "template") return { kind: origin.verbatim ? "template" : "value", prompt, template, pointers: [], row: [] };
  if (origin.kind === "data") return { kind: "data", prompt, template, pointers: [origin.pointer], row: known([row.rangeOf(origin.pointer, origin.start, origin.end)]) };
  return { kind: "derived", prompt, template, pointers: origin.pointers, row: known(origin.pointers.map((pointer) => row.rangeOf(pointer))) };
}

/** The places of the prompt that a range of the row's text went to. */
export function findRowRange(trace: PromptTrace, row: RowSource, { start, end }: Span): readonly Span[] {
  const found: Span[] = [];
  for (const place of row.stringsIn(start, end)) {
    // A cursor means the character behind it; at the end of a string the one before.
    const spans = place.start < place.end ? trace.spansOf(place.pointer, place.start, place.end) : cursorSpans(trace, place.pointer, place.start);
    for (const span of spans) found.push({ start: span.start, end: span.end });
    if (found.length >= MAX_FOUND) break;
  }
  return found.slice(0, MAX_FOUND);
}

function cursorSpans(trace: PromptTrace, pointer: string, at: number): readonly Span[] {
  const behind = trace.spansOf(pointer, at, at + 1);
  return behind.length > 0 || at === 0 ? behind : trace.spansOf(pointer, at - 1, at);
}

/** The places of the prompt that a range of the template printed; of a cursor's, those of the innermost expression around it, or else before it. */
export function findTemplateRange(trace: PromptTrace, range: Span): readonly Span[] {
  const found = spansPrinted(trace, range);
  const { start, end } = range;
  // Who writes at the end of a text has the cursor behind it.
  return found.length > 0 || start < end || start === 0 ? found : spansPrinted(trace, { start: start - 1, end: start - 1 });
}

function spansPrinted(trace: PromptTrace, { start, end }: Span): readonly Span[] {
  const inside = trace.segments.filter(({ template: [from, to] }) => (start === end ? from <= start && start < to : from < end && start < to));
  const size = start === end ? Math.min(...inside.map(({ template: [from, to] }) => to - from)) : Number.POSITIVE_INFINITY;
  const found = inside.filter(({ template: [from, to] }) => to - from <= size).map((segment) => partOf(segment, start, end));
  return found.slice(0, MAX_FOUND);
}

/** Of text that the template has as it is printed, the characters themselves. */
function partOf({ start, end, template: [from, to], pointer }: Segment, rangeStart: number, rangeEnd: number): Span {
  if (pointer !== undefined || to - from !== end - start) return { start, end };
  const first = Math.max(0, rangeStart - from);
  const last = Math.min(end - start, Math.max(rangeEnd, rangeStart + 1) - from);
  return { start: start + first, end: start + last };
}

function segmentSpan(trace: PromptTrace, offset: number): Span {
  const segment = trace.segments.find(({ start, end }) => start <= offset && offset < end);
  return segment === undefined ? { start: offset, end: offset + 1 } : { start: segment.start, end: segment.end };
}

function spanOf([start, end]: readonly [number, number]): Span {
  return { start, end };
}

function known(spans: readonly (Span | undefined)[]): readonly Span[] {
  return spans.filter((span) => span !== undefined);
}
