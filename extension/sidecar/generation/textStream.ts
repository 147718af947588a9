/** How many ids are decoded together with new ones, because what a token stands for can depend on those before it. */
const CONTEXT = 8;

/**
 * The text of tokens as they come. It gives out only what cannot change any more: not the beginning of a character whose
 * rest is to come, nor of a stop text.
 */
export class TextStream {
  readonly #decode: (ids: readonly number[]) => string;
  readonly #stopTexts: readonly string[];
  readonly #ids: number[] = [];
  /** `#ids` from here on are decoded each time; the text of those before `#given` was taken. */
  #from = 0;
  #given = 0;
  /** Decoded, and not given out yet because it may begin a stop text. */
  #held = "";
  #text = "";
  #stopped = false;

  constructor(decode: (ids: readonly number[]) => string, stopTexts: readonly string[]) {
    // Not every tokenizer knows what to make of nothing.
    this.#decode = (ids) => (ids.length === 0 ? "" : decode(ids));
    this.#stopTexts = stopTexts.filter((text) => text !== "");
  }

  /** What was given out so far. */
  get text(): string {
    return this.#text;
  }

  /** Whether a stop text came; nothing is given out behind it. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Adds tokens and gives the new text. */
  push(ids: readonly number[]): string {
    if (this.#stopped) return "";
    this.#ids.push(...ids);
    return this.#give(this.#newText(false), false);
  }

  /** The rest, when no token comes any more. */
  end(): string {
    return this.#stopped ? "" : this.#give(this.#newText(true), true);
  }

  #newText(last: boolean): string {
    const before = this.#decode(this.#ids.slice(this.#from, this.#given));
    const now = this.#decode(this.#ids.slice(this.#from));
    // U+FFFD at the end: the bytes so far are the beginning of a character.
    if (now.length <= before.length || (!last && now.endsWith("\ufffd"))) return "";
    this.#given = this.#ids.length;
    this.#from = Math.max(this.#from, this.#given - CONTEXT);
    return now.slice(before.length);
  }

  #give(text: string, last: boolean): string {
    const waiting = this.#held + text;
    const stop = Math.min(...this.#stopTexts.map((stopText) => positionOf(waiting, stopText)));
    if (Number.isFinite(stop)) {
      this.#stopped = true;
      return this.#out(waiting.slice(0, stop), "");
    }
    const keep = last ? 0 : Math.max(0, ...this.#stopTexts.map((stopText) => commonEnd(waiting, stopText)));
    return this.#out(waiting.slice(0, waiting.length - keep), waiting.slice(waiting.length - keep));
  }

  #out(text: string, held: string): string {
    this.#held = held;
    this.#text += text;
    return text;
  }
}

function positionOf(text: string, part: string): number {
  const at = text.indexOf(part);
  return at === -1 ? Infinity : at;
}

/** The length of the longest end of `text` that is a beginning of `stopText`. */
function commonEnd(text: string, stopText: string): number {
  for (let length = Math.min(text.length, stopText.length - 1); length > 0; length--) if (text.endsWith(stopText.slice(0, length))) return length;
  return 0;
}
