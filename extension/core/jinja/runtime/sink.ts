import type { Span } from "../../../base/text";
import type { JinjaError } from "../errors";
import { countWork } from "../value/budget";
import { MAX_PIECES, type Piece, type Str, Traced, checkTextLength, cutShort, textOf } from "../value/text";

/** So many writes, or characters, are put together as one string, which takes less memory than its parts. */
const WRITES_PER_CHUNK = 1024;
const LENGTH_OF_CHUNK = 64 * 1024;

/** Collects the text that statements write: the output of the template, or of a part that is captured. */
export class Sink {
  /** What Python raises when it joins what was written: not everything was a text. */
  failure: JinjaError | undefined;
  /** How often something was written. */
  writes = 0;
  /** UTF-16 units that were written. */
  length = 0;
  readonly #chunks: string[] = [];
  /** What was written since the last chunk. */
  #open: string[] = [];
  #openLength = 0;
  /** What the text is made of, when provenance is asked for. */
  readonly #pieces: Piece[] | undefined;

  constructor(provenance: boolean) {
    this.#pieces = provenance ? [] : undefined;
  }

  /** Everything that was written. */
  get text(): string {
    const text = this.#chunks.join("") + this.#open.join("");
    this.#chunks.length = 0;
    this.#open = [text];
    return text;
  }

  /** Writes text of the template itself, which is one piece. */
  literal(text: string, piece: Piece): void {
    this.#add(text);
    if (this.#pieces !== undefined && this.#pieces.length < MAX_PIECES) this.#pieces.push(piece);
  }

  /** Writes the value of the expression at `span`. */
  write(value: Str, span: Span): void {
    this.#add(textOf(value));
    if (this.#pieces === undefined || value === "" || this.#pieces.length >= MAX_PIECES) return;
    if (typeof value === "string") this.#pieces.push({ length: value.length, origin: undefined, from: 0, emitted: span });
    else {
      countWork(value.pieces.length);
      for (const piece of value.pieces) this.#pieces.push(emittedBy(piece, span));
    }
  }

  #add(text: string): void {
    this.writes++;
    this.length += text.length;
    checkTextLength(this.length);
    this.#openLength += text.length;
    if (this.#open.push(text) < WRITES_PER_CHUNK && this.#openLength < LENGTH_OF_CHUNK) return;
    this.#chunks.push(this.#open.join(""));
    this.#open = [];
    this.#openLength = 0;
  }

  /** Everything that was written, as one value. @throws JinjaError where something was no text */
  toStr(): Str {
    if (this.failure !== undefined) throw this.failure;
    const { text, pieces } = this;
    return this.#pieces === undefined || text === "" ? text : Traced.ofPieces(text, pieces);
  }

  /** What the text is made of so far; empty without provenance. */
  get pieces(): readonly Piece[] {
    const pieces = this.#pieces ?? [];
    return pieces.length < MAX_PIECES ? pieces : cutShort(pieces, this.length);
  }
}

/** The innermost expression that emitted the characters stays the one that is named. */
function emittedBy(piece: Piece, span: Span): Piece {
  if (piece.emitted !== undefined || piece.origin?.kind === "template") return piece;
  return { length: piece.length, origin: piece.origin, from: piece.from, emitted: span };
}
