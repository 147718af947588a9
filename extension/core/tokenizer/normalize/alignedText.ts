/** A text that was made of another, with the way back. */
export interface AlignedText {
  readonly text: string;
  /**
   * For UTF-16 unit `i` of `text` the part of the original it stands for: `[spans[2 * i], spans[2 * i + 1])`, in UTF-16 units. Both
   * units of a surrogate pair have the pair's. Undefined where `text` is the original itself.
   */
  readonly spans: Uint32Array | undefined;
}

/** Makes a text of pieces of another, character by character or in longer runs, with the way back to the other's original. */
export class AlignedTextBuilder {
  readonly #source: AlignedText;
  #text = "";
  #spans: Uint32Array;

  constructor(source: AlignedText) {
    this.#source = source;
    this.#spans = new Uint32Array(2 * source.text.length + 64);
  }

  /** Takes over the source's units `[from, to)`, whole characters, as they are. */
  copy(from: number, to: number): void {
    const { text, spans } = this.#source;
    const at = this.#grow(text.slice(from, to));
    if (spans !== undefined) {
      this.#spans.set(spans.subarray(2 * from, 2 * to), 2 * at);
      return;
    }
    for (let unit = from, i = 2 * at; unit < to; unit++, i += 2) {
      const code = text.charCodeAt(unit);
      this.#spans[i] = isLowSurrogate(code) ? unit - 1 : unit;
      this.#spans[i + 1] = isHighSurrogate(code) ? unit + 2 : unit + 1;
    }
  }

  /** Adds characters that stand for what the source's character at `unit` stands for; for nothing (the start) where `unit` is -1. */
  put(characters: string, unit: number): void {
    const at = this.#grow(characters);
    const start = unit < 0 ? 0 : spanStart(this.#source, unit);
    const end = unit < 0 ? 0 : spanEnd(this.#source, unit);
    for (let i = 2 * at; i < 2 * this.#text.length; i += 2) {
      this.#spans[i] = start;
      this.#spans[i + 1] = end;
    }
  }

  finish(): AlignedText {
    return { text: this.#text, spans: this.#spans.subarray(0, 2 * this.#text.length) };
  }

  /** Adds to the text, makes room for the spans, and returns where they begin. */
  #grow(characters: string): number {
    const at = this.#text.length;
    this.#text += characters;
    if (2 * this.#text.length > this.#spans.length) {
      const spans = new Uint32Array(4 * this.#text.length);
      spans.set(this.#spans);
      this.#spans = spans;
    }
    return at;
  }
}

/** The original unit at which the character that unit `unit` belongs to begins. */
export function spanStart({ text, spans }: AlignedText, unit: number): number {
  if (spans !== undefined) return spans[2 * unit] as number;
  return isLowSurrogate(text.charCodeAt(unit)) ? unit - 1 : unit;
}

/** The original unit behind the character that unit `unit` belongs to. */
export function spanEnd({ text, spans }: AlignedText, unit: number): number {
  if (spans !== undefined) return spans[2 * unit + 1] as number;
  return isHighSurrogate(text.charCodeAt(unit)) ? unit + 2 : unit + 1;
}

/** Where the character before `unit` begins; -1 at the start of the text. */
export function unitBefore(text: string, unit: number): number {
  return unit > 1 && isLowSurrogate(text.charCodeAt(unit - 1)) ? unit - 2 : unit - 1;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
