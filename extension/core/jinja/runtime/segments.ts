import { type Piece, type Str, Traced } from "../value/text";

/** A stretch of the output with its origin; offsets are UTF-16 units. Segments cover the whole output. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** The template characters that emitted it: the text itself where the template holds it, else the expression. */
  readonly template: readonly [number, number];
  /** JSON Pointer of the input string that it comes from. */
  readonly pointer?: string;
  /** The characters of that string, where they stand in the output as they are. Left out where the text was computed. */
  readonly source?: readonly [number, number];
  /** Where the text was computed from several strings, all of them. */
  readonly pointers?: readonly string[];
}

/** The segments of an output; neighbours that go on where the other ended are one. */
export function segmentsOf(output: Str): Segment[] {
  if (!(output instanceof Traced)) return [];
  const segments: Segment[] = [];
  let start = 0;
  for (const piece of output.pieces) {
    if (piece.length === 0) continue;
    const segment = segmentOf(piece, start);
    const last = segments.at(-1);
    const joined = last === undefined ? undefined : join(last, segment);
    if (joined === undefined) segments.push(segment);
    else segments[segments.length - 1] = joined;
    start += piece.length;
  }
  return segments;
}

function segmentOf(piece: Piece, start: number): Segment {
  const { length, origin, from } = piece;
  const place = { start, end: start + length, template: templateRange(piece) };
  if (origin?.kind === "data") return { ...place, pointer: origin.pointer, source: [from, from + length] };
  if (origin?.kind !== "derived" || origin.pointers[0] === undefined) return place;
  const [pointer] = origin.pointers;
  return origin.pointers.length === 1 ? { ...place, pointer } : { ...place, pointer, pointers: origin.pointers };
}

function templateRange({ length, origin, from, emitted }: Piece): readonly [number, number] {
  if (origin?.kind !== "template") return [emitted?.start ?? 0, emitted?.end ?? 0];
  return origin.verbatim ? [origin.start + from, origin.start + from + length] : [origin.start, origin.end];
}

/** One segment for two, where the second is the continuation of the first in its source. */
function join(a: Segment, b: Segment): Segment | undefined {
  if (a.pointer !== b.pointer || a.pointers !== undefined || b.pointers !== undefined) return undefined;
  const sameExpression = a.template[0] === b.template[0] && a.template[1] === b.template[1];
  if (a.source !== undefined && b.source !== undefined) {
    return sameExpression && a.source[1] === b.source[0] ? { ...a, end: b.end, source: [a.source[0], b.source[1]] } : undefined;
  }
  return a.source === undefined && b.source === undefined && sameExpression ? { ...a, end: b.end } : undefined;
}
