import type { Span } from "../../../base/text";
import { parseChatTemplate } from "../../template/environment";
import { type RenderInput, TemplateRefusal } from "../../template/renderer";
import type { Segment } from "../../jinja/runtime/segments";
import { HOVER_STEPS } from "./liveValues";

/** A part of a prompt around what a place of the template has written. */
export interface PromptExcerpt {
  readonly text: string;
  /** What the place has written, in `text`; empty where it wrote nothing. */
  readonly marked: readonly Span[];
  /** Whether the prompt goes on before or after the excerpt. */
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
  /** The length of the prompt in UTF-16 units. */
  readonly length: number;
}

/** What came of a render for an excerpt. */
export type ExcerptOutcome =
  | { readonly kind: "prompt"; readonly excerpt: PromptExcerpt }
  | { readonly kind: "refusal"; readonly type: string; readonly message: string; readonly line: number | undefined };

/** Characters of the prompt that are shown before and after the first place that is marked. */
const BEFORE = 240;
const AFTER = 480;

/** Marks in one excerpt. */
const MAX_MARKS = 50;

/**
 * Renders a template and cuts out what stands around the first text that the characters `place` of the template have written.
 * Never throws for what the template does.
 * @param now what `strftime_now` takes as now, in milliseconds since the epoch
 */
export function promptExcerpt(source: string, place: Span, input: RenderInput, now: number): ExcerptOutcome {
  try {
    const { text, segments = [] } = parseChatTemplate(source, { name: "hover", now }).renderInput(input, { provenance: true, maxSteps: HOVER_STEPS });
    return { kind: "prompt", excerpt: excerptAround(text, writtenBy(place, segments)) };
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) throw error;
    return { kind: "refusal", type: error.type, message: error.message, line: error.place?.line };
  }
}

/** What was written by `place`, neighbours joined. */
function writtenBy(place: Span, segments: readonly Segment[]): Span[] {
  const marks: { start: number; end: number }[] = [];
  for (const { start, end, template } of segments) {
    const [from, to] = template;
    if (to <= place.start || from >= place.end || end <= start) continue;
    const last = marks.at(-1);
    if (last?.end === start) last.end = end;
    else marks.push({ start, end });
  }
  return marks;
}

function excerptAround(text: string, marks: readonly Span[]): PromptExcerpt {
  const first = marks[0]?.start ?? 0;
  const from = marks.length === 0 ? 0 : beginningBefore(text, first);
  const to = Math.min(text.length, Math.max(first, from) + AFTER);
  const marked = marks
    .filter(({ start }) => start < to)
    .slice(0, MAX_MARKS)
    .map(({ start, end }) => ({ start: start - from, end: Math.min(end, to) - from }));
  return { text: text.slice(from, to), marked, cutBefore: from > 0, cutAfter: to < text.length, length: text.length };
}

/** The beginning of a line, where one is near. */
function beginningBefore(text: string, offset: number): number {
  if (offset <= BEFORE) return 0;
  const line = text.lastIndexOf("\n", offset - BEFORE / 2);
  return line > offset - BEFORE ? line + 1 : offset - BEFORE;
}
