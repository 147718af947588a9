/** A replacement of `[start, end)` of a text, in UTF-16 units. An empty range inserts. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits made; their places are those of the text before. @throws RangeError where two of them overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let from = 0;
  for (const edit of inOrder(edits)) {
    if (edit.start < from || edit.end > text.length) throw new RangeError(`The edit at ${edit.start} overlaps another, or the end of the text.`);
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

/** Whether two lists of edits touch the same place, so that they cannot be made together. Two insertions at one place do. */
export function collide(a: readonly TextEdit[], b: readonly TextEdit[]): boolean {
  return a.some((one) => b.some((other) => one.start <= other.end && other.start <= one.end));
}

/** A stretch of a text that is being edited: kept characters of the original, or new ones. */
type Piece = { readonly kept: true; readonly start: number; readonly end: number } | { readonly kept: false; readonly text: string };

/**
 * The edits of one text that have the effect of several steps of edits, one after the other. What no step touched is in
 * none of the resulting edits.
 */
export class EditChain {
  readonly #original: string;
  #pieces: Piece[];

  constructor(original: string) {
    this.#original = original;
    this.#pieces = [{ kept: true, start: 0, end: original.length }];
  }

  /** Makes edits whose places are those of the text after all steps so far. */
  step(edits: readonly TextEdit[]): void {
    const result: Piece[] = [];
    let at = 0;
    for (const edit of inOrder(edits)) {
      result.push(...this.#cut(at, edit.start));
      if (edit.text !== "") result.push({ kept: false, text: edit.text });
      at = edit.end;
    }
    result.push(...this.#cut(at, Number.POSITIVE_INFINITY));
    this.#pieces = result;
  }

  /** The edits of the original text. */
  edits(): TextEdit[] {
    const edits: TextEdit[] = [];
    let at = 0;
    let text = "";
    const flush = (until: number): void => {
      if (until > at || text !== "") edits.push({ start: at, end: until, text });
      text = "";
    };
    for (const piece of this.#pieces) {
      if (!piece.kept) text += piece.text;
      else if (piece.end > piece.start) {
        flush(piece.start);
        at = piece.end;
      }
    }
    flush(this.#original.length);
    return edits;
  }

  /** The pieces of `[from, to)` of the text as it is after all steps so far. */
  #cut(from: number, to: number): Piece[] {
    const found: Piece[] = [];
    let at = 0;
    for (const piece of this.#pieces) {
      const length = piece.kept ? piece.end - piece.start : piece.text.length;
      const start = Math.max(from - at, 0);
      const end = Math.min(to - at, length);
      if (start < end) {
        found.push(piece.kept ? { kept: true, start: piece.start + start, end: piece.start + end } : { kept: false, text: piece.text.slice(start, end) });
      }
      at += length;
    }
    return found;
  }
}

function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}
