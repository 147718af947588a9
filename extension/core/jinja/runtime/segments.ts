import type { Span } from "../../../base/text";
import type { Origin, Piece } from "../value/text";

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

type Building = { -readonly [K in keyof Segment]: Segment[K] };

/** The segments of an output; neighbours that go on where the other ended are one. */
export function segmentsOf(pieces: readonly Piece[]): Segment[] {
  const segments: Building[] = [];
  let last: Building | undefined;
  let lastPiece: Piece | undefined;
  let start = 0;
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    const end = start + piece.length;
    if (last !== undefined && lastPiece !== undefined && continues(last, lastPiece, piece)) {
      last.end = end;
      if (last.source !== undefined) last.source = [last.source[0], piece.from + piece.length];
      else if (isVerbatim(piece)) last.template = [last.template[0], piece.origin.start + piece.from + piece.length];
    } else {
      last = segmentOf(piece, start, end);
      segments.push(last);
    }
    lastPiece = piece;
    start = end;
  }
  return segments;
}

type TemplatePiece = Piece & { readonly origin: Extract<Origin, { kind: "template" }> };

/** Whether the template has the very characters of the piece. */
function isVerbatim(piece: Piece): piece is TemplatePiece {
  return piece.origin?.kind === "template" && piece.origin.verbatim;
}

/** Whether a piece goes on where the segment ends in its source, so that they are one. */
function continues(segment: Building, last: Piece, piece: Piece): boolean {
  if (isVerbatim(piece)) return isVerbatim(last) && segment.template[1] === piece.origin.start + piece.from;
  if (isVerbatim(last) || !sameExpression(last, piece)) return false;
  const { origin } = piece;
  if (origin?.kind === "data") return segment.source !== undefined && segment.pointer === origin.pointer && segment.source[1] === piece.from;
  if (segment.source !== undefined || segment.pointers !== undefined) return false;
  if (origin?.kind === "derived") return origin.pointers.length === 1 && segment.pointer === origin.pointers[0];
  return segment.pointer === undefined;
}

function sameExpression(a: Piece, b: Piece): boolean {
  const [from, to] = [expressionOf(a), expressionOf(b)];
  return from === to || (from?.start === to?.start && from?.end === to?.end);
}

/** The template range that printed a piece that does not stand in the template as it is. */
function expressionOf({ origin, emitted }: Piece): Span | undefined {
  return origin?.kind === "template" ? origin : emitted;
}

function segmentOf(piece: Piece, start: number, end: number): Building {
  const { length, origin, from } = piece;
  if (isVerbatim(piece)) return { start, end, template: [piece.origin.start + from, piece.origin.start + from + length] };
  const expression = expressionOf(piece);
  const template = [expression?.start ?? 0, expression?.end ?? 0] as const;
  if (origin?.kind === "data") return { start, end, template, pointer: origin.pointer, source: [from, from + length] };
  if (origin?.kind !== "derived" || origin.pointers[0] === undefined) return { start, end, template };
  const [pointer] = origin.pointers;
  return origin.pointers.length === 1 ? { start, end, template, pointer } : { start, end, template, pointer, pointers: origin.pointers };
}
