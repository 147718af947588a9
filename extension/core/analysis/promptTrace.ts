import type { Span } from "../../base/text";
import type { TextPiece } from "../dataset/conversation";
import type { Segment } from "../jinja/runtime/segments";
import type { RenderedPrompt } from "../template/environment";
import { type AssistantMask, assistantMask } from "../template/masks";
import { TemplateRefusal } from "../template/renderer";
import type { Encoding } from "../tokenizer/encoding";

/** A stretch of the prompt with its origin. All offsets are UTF-16 units, half-open. */
export type Origin = {
  /** Where it stands in the prompt. */
  readonly prompt: Span;
  /** The characters of the template that printed it: the text itself, or the expression. Empty at 0 without a template. */
  readonly template: Span;
} & (
  | /** Characters `[start, end)` of the decoded string at `pointer` of the row, as they stand there. */
  { readonly kind: "data"; readonly pointer: string; readonly start: number; readonly end: number }
  | /** Computed from the strings at `pointers` (upper case, an escape of `tojson`, a role that the format translates). */
  { readonly kind: "derived"; readonly pointers: readonly string[] }
  | /** The template's own text. `verbatim`: the template has it character for character; else a value that no string of the row holds. */
  { readonly kind: "template"; readonly verbatim: boolean }
);

/** A stretch of the prompt that comes from given characters of the row. */
export interface PromptSpan extends Span {
  /** Whether the characters stand there as they are; else the stretch was computed from the string as a whole. */
  readonly verbatim: boolean;
}

export interface PromptTraceOptions {
  /** The template's source; undefined where the prompt was made without one. */
  readonly template: string | undefined;
  /** Encodes the prompt; called once, when tokens are first asked for. */
  readonly encode: () => Encoding;
}

/**
 * A prompt and where everything in it comes from, and goes to. Pointers are JSON Pointers into the row, whatever its format.
 * Look-ups are bisections; tokens and mask are made when they are first asked for, and kept.
 */
export class PromptTrace {
  readonly text: string;
  /** Spans of `{% generation %}` blocks, as the reference counts them. */
  readonly generation: RenderedPrompt["generation"];
  /** Whether the template has generation blocks, so that there is a mask. */
  readonly hasGeneration: boolean;
  /** Cover the text without gap; pointers are those of the row. */
  readonly segments: readonly Segment[];
  /** The source of the template that made the prompt. */
  readonly template: string | undefined;
  readonly #encode: () => Encoding;
  #encoding: Encoding | undefined;
  #mask: AssistantMask | TemplateRefusal | undefined;
  #places: ReadonlyMap<string, StringSegments> | undefined;

  /** @param prompt rendered with provenance, from values whose pointers are those of the row */
  constructor(prompt: RenderedPrompt, options: PromptTraceOptions) {
    this.text = prompt.text;
    this.generation = prompt.generation;
    this.hasGeneration = prompt.hasGeneration;
    this.segments = prompt.segments ?? [];
    this.template = options.template;
    this.#encode = options.encode;
  }

  /** The tokens of the prompt. */
  get encoding(): Encoding {
    this.#encoding ??= this.#encode();
    return this.#encoding;
  }

  /**
   * Which tokens are trained on, as `transformers` says, its faults included. Undefined where the template has no generation
   * blocks, where it is not known exactly where the tokens stand, and where the reference fails ({@link maskRefusal}).
   */
  get mask(): AssistantMask | undefined {
    const mask = this.#maskOrRefusal();
    return mask instanceof TemplateRefusal ? undefined : mask;
  }

  /** What the reference raises instead of a mask. */
  get maskRefusal(): TemplateRefusal | undefined {
    const mask = this.#maskOrRefusal();
    return mask instanceof TemplateRefusal ? mask : undefined;
  }

  /** What `[start, end)` of the prompt is made of: pieces in order that cover it, cut to it. */
  originsOf(start: number, end: number): readonly Origin[] {
    const origins: Origin[] = [];
    for (let i = firstEndingBehind(this.segments, start); i < this.segments.length; i++) {
      const segment = this.segments[i] as Segment;
      if (segment.start >= end || start >= end) break;
      origins.push(this.#originOf(segment, Math.max(start, segment.start), Math.min(end, segment.end)));
    }
    return origins;
  }

  /** The origins of a token's characters; none for a token that the tokenizer adds. @throws RangeError where there is no such token */
  originsOfToken(token: number): readonly Origin[] {
    return this.originsOf(...this.encoding.rangeOf(token));
  }

  /**
   * Where the characters `[start, end)` of the string at `pointer` went in the prompt, in prompt order; more than once where
   * the template prints them more than once, and not at all where it drops them. Without `start`: all of the string, and of
   * every string below `pointer`. Touching stretches that are each other's continuation are one.
   */
  spansOf(pointer: string, start?: number, end?: number): readonly PromptSpan[] {
    const places = (this.#places ??= placesOf(this.segments));
    if (start !== undefined) return joined(places.get(pointer)?.spansOf(start, end ?? Number.POSITIVE_INFINITY) ?? []);
    const found: PromptSpan[] = [];
    for (const [place, segments] of places) {
      if (place === pointer || place.startsWith(`${pointer}/`)) found.push(...segments.spansOf(0, Number.POSITIVE_INFINITY));
    }
    return joined(found);
  }

  /** The tokens, as ranges `[from, to)` in order, that hold any of the characters that {@link spansOf} finds. */
  tokensOf(pointer: string, start?: number, end?: number): readonly (readonly [from: number, to: number])[] {
    const ranges: (readonly [number, number])[] = [];
    for (const span of this.spansOf(pointer, start, end)) {
      const [from, to] = this.encoding.tokensIn(span.start, span.end);
      const last = ranges.at(-1);
      if (from === to) continue;
      if (last !== undefined && from <= last[1]) ranges[ranges.length - 1] = [last[0], Math.max(last[1], to)];
      else ranges.push([from, to]);
    }
    return ranges;
  }

  #originOf(segment: Segment, start: number, end: number): Origin {
    const [from, to] = segment.template;
    const prompt = { start, end };
    const whole = { start: from, end: to };
    if (segment.pointer === undefined) {
      const verbatim = to - from === segment.end - segment.start && this.template?.startsWith(this.text.slice(segment.start, segment.end), from) === true;
      const shift = from - segment.start;
      return { prompt, template: verbatim ? { start: start + shift, end: end + shift } : whole, kind: "template", verbatim };
    }
    if (segment.source === undefined) return { prompt, template: whole, kind: "derived", pointers: segment.pointers ?? [segment.pointer] };
    const shift = segment.source[0] - segment.start;
    return { prompt, template: whole, kind: "data", pointer: segment.pointer, start: start + shift, end: end + shift };
  }

  #maskOrRefusal(): AssistantMask | TemplateRefusal | undefined {
    if (!this.hasGeneration || !this.encoding.exact) return undefined;
    this.#mask ??= maskOf(this.generation, this.encoding);
    return this.#mask;
  }
}

/** The trace of a text that is its own prompt. @param encode encodes it as trainers do, special tokens added */
export function traceText({ text, pointer }: TextPiece, encode: () => Encoding): PromptTrace {
  const end = text.length;
  const segments = end === 0 ? [] : [{ start: 0, end, template: [0, 0] as const, ...(pointer === null ? {} : { pointer, source: [0, end] as const }) }];
  return new PromptTrace({ text, generation: [], hasGeneration: false, segments }, { template: undefined, encode });
}

function maskOf(generation: RenderedPrompt["generation"], encoding: Encoding): AssistantMask | TemplateRefusal {
  try {
    return assistantMask(generation, encoding.offsets);
  } catch (error) {
    if (error instanceof TemplateRefusal) return error;
    throw error;
  }
}

/** Characters `[start, end)` of a string, and where in the prompt they begin. */
interface VerbatimPart extends Span {
  readonly at: number;
}

/** The segments that come from one string. */
class StringSegments {
  /** In the order of their beginning in the string. */
  readonly #verbatim: VerbatimPart[] = [];
  /** For each of them the furthest end up to it, so that a bisection finds the first that reaches behind a place. */
  readonly #reach: number[] = [];
  readonly #derived: Span[] = [];

  add({ start, end, source }: Segment): void {
    if (source === undefined) this.#derived.push({ start, end });
    else this.#verbatim.push({ start: source[0], end: source[1], at: start });
  }

  close(): void {
    this.#verbatim.sort((a, b) => a.start - b.start);
    let reach = 0;
    for (const { end } of this.#verbatim) this.#reach.push((reach = Math.max(reach, end)));
  }

  spansOf(start: number, end: number): PromptSpan[] {
    const found: PromptSpan[] = this.#derived.map((span) => ({ ...span, verbatim: false }));
    for (let i = firstAbove(this.#reach, start); i < this.#verbatim.length; i++) {
      const part = this.#verbatim[i] as VerbatimPart;
      if (part.start >= end) break;
      const [from, to] = [Math.max(start, part.start), Math.min(end, part.end)];
      if (from < to) found.push({ start: part.at + from - part.start, end: part.at + to - part.start, verbatim: true });
    }
    return found;
  }
}

function placesOf(segments: readonly Segment[]): ReadonlyMap<string, StringSegments> {
  const places = new Map<string, StringSegments>();
  for (const segment of segments) {
    for (const pointer of segment.pointers ?? (segment.pointer === undefined ? [] : [segment.pointer])) {
      let place = places.get(pointer);
      if (place === undefined) places.set(pointer, (place = new StringSegments()));
      place.add(segment);
    }
  }
  for (const place of places.values()) place.close();
  return places;
}

/** In prompt order, each stretch once. */
function joined(spans: readonly PromptSpan[]): readonly PromptSpan[] {
  const result: PromptSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last?.verbatim === span.verbatim && span.start <= last.end) result[result.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}

function firstEndingBehind(segments: readonly Segment[], unit: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle] as Segment).end <= unit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
