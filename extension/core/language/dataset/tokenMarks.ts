import type { PromptTrace } from "../../analysis/promptTrace";
import type { RowTrace } from "../../analysis/rowTrace";
import type { Segment } from "../../jinja/runtime/segments";
import type { RowSource } from "../../jsonl/rowSource";
import type { ModelInForce } from "./rowTraces";

/** What can be marked in a row's text. */
export const TOKEN_MARKS = ["boundaries", "special", "trained", "masked", "untrained"] as const;
export type TokenMark = (typeof TOKEN_MARKS)[number];

/** For each mark the places in the row's text, as start and end in turn (UTF-16 units), in the order of the prompt. */
export type MarkedPlaces = Readonly<Record<TokenMark, readonly number[]>>;

/** The places of the tokens of a row, where they come from characters of the row as they are. */
export function tokenMarksOf(row: RowTrace, model: ModelInForce, wanted: ReadonlySet<TokenMark>): MarkedPlaces {
  const places: Record<TokenMark, number[]> = { boundaries: [], special: [], trained: [], masked: [], untrained: [] };
  const done = new Set<string>();
  for (const prompt of row.prompts) {
    if (prompt.kind !== "prompt") continue;
    const own = new Set<string>();
    const marker = new Marker(prompt.trace, row.source, model, wanted, places);
    for (const segment of prompt.trace.segments) {
      // What the prompts of a row share is marked by the first one.
      if (segment.pointer === undefined || segment.source === undefined || done.has(segment.pointer)) continue;
      own.add(segment.pointer);
      marker.mark(segment, segment.pointer, segment.source);
    }
    for (const pointer of own) done.add(pointer);
  }
  return places;
}

class Marker {
  readonly #trace: PromptTrace;
  readonly #source: RowSource;
  readonly #special: ReadonlySet<number>;
  readonly #model: ModelInForce;
  readonly #wanted: ReadonlySet<TokenMark>;
  readonly #places: Record<TokenMark, number[]>;

  constructor(trace: PromptTrace, source: RowSource, model: ModelInForce, wanted: ReadonlySet<TokenMark>, places: Record<TokenMark, number[]>) {
    this.#trace = trace;
    this.#source = source;
    this.#model = model;
    this.#wanted = wanted;
    this.#places = places;
    this.#special = new Set(wanted.has("special") ? model.prompts.tokenizer.addedTokens.filter(({ special }) => special).map(({ id }) => id) : []);
  }

  /** Marks the tokens that have a part of a stretch of the prompt which stands in the row character for character. */
  mark(segment: Segment, pointer: string, [sourceStart]: readonly [number, number]): void {
    const { encoding } = this.#trace;
    const mask = this.#trace.mask?.mask;
    const [from, to] = encoding.tokensIn(segment.start, segment.end);
    const verdicts = this.#wanted.has("untrained") ? this.#model.verdicts : undefined;
    for (let token = from; token < to; token++) {
      const [start, end] = encoding.rangeOf(token);
      const first = Math.max(start, segment.start) - segment.start + sourceStart;
      const place = this.#source.rangeOf(pointer, first, Math.min(end, segment.end) - segment.start + sourceStart);
      if (place === undefined) continue;
      const id = encoding.ids[token] ?? 0;
      // A token that goes on from the one before, as do the parts of a character, has no boundary of its own.
      if (start >= segment.start && start < end) this.#add("boundaries", place.start, place.end, false);
      // A role between the template's marks is a part of a special token, but is none.
      if (start >= segment.start && end <= segment.end && this.#special.has(id)) this.#add("special", place.start, place.end, false);
      if (verdicts?.severityOf(id) !== undefined) this.#add("untrained", place.start, place.end, false);
      if (mask !== undefined) this.#add(mask[token] === 1 ? "trained" : "masked", place.start, place.end, true);
    }
  }

  #add(mark: TokenMark, start: number, end: number, joins: boolean): void {
    if (!this.#wanted.has(mark)) return;
    const places = this.#places[mark];
    const last = places.length - 1;
    if (joins && places[last] !== undefined && start <= places[last]) places[last] = Math.max(places[last], end);
    else if (places[last - 1] !== start || places[last] !== end) places.push(start, end);
  }
}
