import type { Span } from "../../../base/text";
import type { JinjaError } from "../errors";
import { type Piece, type Str, Traced, checkTextLength, textOf } from "../value/text";

/** Collects the text that statements write: the output of the template, or of a part that is captured. */
export class Sink {
  text = "";
  /** What Python raises when it joins what was written: not everything was a text. */
  failure: JinjaError | undefined;
  /** How often something was written. */
  writes = 0;
  /** What the text is made of, when provenance is asked for. */
  readonly #pieces: Piece[] | undefined;

  constructor(provenance: boolean) {
    this.#pieces = provenance ? [] : undefined;
  }

  /** Writes text of the template itself, which is one piece. */
  literal(text: string, piece: Piece): void {
    this.text += text;
    this.writes++;
    this.#pieces?.push(piece);
  }

  /** Writes the value of the expression at `span`. */
  write(value: Str, span: Span): void {
    this.text += textOf(value);
    this.writes++;
    checkTextLength(this.text.length);
    if (this.#pieces === undefined || value === "") return;
    if (typeof value === "string") this.#pieces.push({ length: value.length, origin: undefined, from: 0, emitted: span });
    else for (const piece of value.pieces) this.#pieces.push(emittedBy(piece, span));
  }

  /** Everything that was written, as one value. @throws JinjaError where something was no text */
  toStr(): Str {
    if (this.failure !== undefined) throw this.failure;
    return this.#pieces === undefined || this.text === "" ? this.text : Traced.ofPieces(this.text, this.#pieces);
  }

  /** What the text is made of so far; empty without provenance. */
  get pieces(): readonly Piece[] {
    return this.#pieces ?? [];
  }
}

/** The innermost expression that emitted the characters stays the one that is named. */
function emittedBy(piece: Piece, span: Span): Piece {
  if (piece.emitted !== undefined || piece.origin?.kind === "template") return piece;
  return { length: piece.length, origin: piece.origin, from: piece.from, emitted: span };
}
