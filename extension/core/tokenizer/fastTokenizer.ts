import { AddedSplitter } from "./added/addedSplitter";
import { Encoding } from "./encoding";
import { sliceAligned } from "./fallback/splitting";
import { type AlignedText, spanEnd, spanStart } from "./normalize/alignedText";
import type { Normalizer } from "./normalize/normalizer";
import type { PostProcessor } from "./post/postProcessor";
import type { DecodeIds, StretchEncoder, Vocabulary } from "./stretchEncoder";
import type { AddedToken, DecodeOptions, EncodeOptions, Tokenizer, TokenizerEngine } from "./tokenizer";
import { TokenBuffer } from "./words/tokenBuffer";

/** What the parts of a fast tokenizer do. */
export interface FastTokenizerParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: Normalizer;
  readonly encoder: StretchEncoder;
  readonly postProcessor: PostProcessor;
  readonly vocabulary: Vocabulary;
  readonly decode: DecodeIds;
  /** What added tokens become in decoded text. */
  readonly written: ReadonlyMap<number, string>;
}

/** A tokenizer over compiled tables. For one thread: others make their own over the same tables. */
export class FastTokenizer implements Tokenizer {
  readonly engine: TokenizerEngine = { kind: "fast" };
  readonly vocabularySize: number;
  readonly addedTokens: readonly AddedToken[];
  readonly #parts: FastTokenizerParts;
  /** Added tokens that are looked for before the text is normalized, and those looked for behind. */
  readonly #plain: AddedSplitter;
  readonly #normalized: AddedSplitter;
  readonly #byId: ReadonlyMap<number, AddedToken>;
  readonly #byContent: ReadonlyMap<string, AddedToken>;
  readonly #buffer = new TokenBuffer();

  constructor(parts: FastTokenizerParts) {
    const { addedTokens, normalizer, vocabulary } = parts;
    this.#parts = parts;
    this.addedTokens = addedTokens;
    this.#byId = new Map(addedTokens.map((token) => [token.id, token]));
    this.#byContent = new Map(addedTokens.map((token) => [token.content, token]));
    this.vocabularySize = vocabulary.count + addedTokens.filter(({ content }) => vocabulary.id(content) === undefined).length;
    // Of equal contents the library takes the special token.
    const inOrder = [...addedTokens.filter(({ special }) => special), ...addedTokens.filter(({ special }) => !special)];
    const plain = inOrder.filter(({ normalized }) => !normalized);
    const normalized = inOrder.filter((token) => token.normalized);
    this.#plain = new AddedSplitter(
      plain,
      plain.map(({ content }) => content),
    );
    this.#normalized = new AddedSplitter(
      normalized,
      normalized.map(({ content }) => normalizer.normalize(content).text),
    );
  }

  encode(text: string, options: EncodeOptions): Encoding {
    return this.#run(text, options, true, ({ ids, offsets, count }) => new Encoding(ids.slice(0, count), offsets.slice(0, 2 * count)));
  }

  encodeIds(text: string, options: EncodeOptions): Uint32Array {
    return this.#run(text, options, false, ({ ids, count }) => ids.slice(0, count));
  }

  count(text: string, options: EncodeOptions): number {
    return this.#run(text, options, false, ({ count }) => count);
  }

  #run<T>(text: string, { specialTokens }: EncodeOptions, placed: boolean, take: (tokens: TokenBuffer) => T): T {
    const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
    const buffer = this.#buffer;
    // An error may have left something there.
    buffer.clear();
    buffer.placed = placed;
    this.#plain.split(wellFormed, (start, end, token) => {
      if (token !== undefined) buffer.add(token.id, start, end);
      else this.#encodeStretch(start === 0 && end === wellFormed.length ? wellFormed : wellFormed.slice(start, end), start);
    });
    this.#parts.postProcessor.process(buffer, wellFormed, specialTokens);
    const taken = take(buffer);
    buffer.clear();
    return taken;
  }

  #encodeStretch(text: string, base: number): void {
    const { normalizer, encoder } = this.#parts;
    const buffer = this.#buffer;
    const whole = normalizer.normalize(text);
    if (this.#normalized.isEmpty) {
      encoder.encode(whole, base, isFirstOf(whole, 0, base), buffer);
      return;
    }
    this.#normalized.split(whole.text, (start, end, token) => {
      if (token !== undefined) buffer.add(token.id, base + spanStart(whole, start), base + spanEnd(whole, end - 1));
      else encodePart(encoder, whole, start, end, base, buffer);
    });
  }

  decode(ids: ArrayLike<number>, options?: DecodeOptions): string {
    const all = Array.from(ids);
    if (options?.skipSpecialTokens !== true) return this.#parts.decode(all);
    // The library tells special tokens by what is written for them.
    const { decode, written, vocabulary } = this.#parts;
    return decode(all.filter((id) => this.#byContent.get(written.get(id) ?? vocabulary.text(id) ?? "")?.special !== true));
  }

  tokenText(id: number): string | undefined {
    return this.#byId.get(id)?.content ?? this.#parts.vocabulary.text(id);
  }

  tokenBytes(id: number): Uint8Array | undefined {
    const added = this.#byId.get(id);
    return added === undefined ? this.#parts.vocabulary.bytes(id)?.slice() : new TextEncoder().encode(added.content);
  }

  tokenId(text: string): number | undefined {
    return this.#byContent.get(text)?.id ?? this.#parts.vocabulary.id(text);
  }
}

/** Whether what begins at a unit of a normalized stretch begins the whole text. White space that was stripped stands before it. */
function isFirstOf(whole: AlignedText, start: number, base: number): boolean {
  return start < whole.text.length && base + spanStart(whole, start) === 0;
}

function encodePart(encoder: StretchEncoder, whole: AlignedText, start: number, end: number, base: number, buffer: TokenBuffer): void {
  const isFirst = isFirstOf(whole, start, base);
  if (whole.spans === undefined) encoder.encode({ text: whole.text.slice(start, end), spans: undefined }, base + start, isFirst, buffer);
  else encoder.encode(sliceAligned(whole, start, end), base, isFirst, buffer);
}
