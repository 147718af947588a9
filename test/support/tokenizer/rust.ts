import { Tokenizer as RustTokenizer } from "tokenizers";

/** The reference: the Rust library `tokenizers`. */
export interface Rust {
  readonly tokenizer: RustTokenizer;
  encode(text: string, specialTokens: boolean): Promise<RustEncoding>;
}

export interface RustEncoding {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** Start and end of each token in turn, in UTF-16 units. */
  readonly offsets: readonly number[];
}

export function rustFromFile(file: string): Rust {
  return rust(RustTokenizer.fromFile(file));
}

export function rustFromJson(json: unknown): Rust {
  return rust(RustTokenizer.fromString(JSON.stringify(json)));
}

function rust(tokenizer: RustTokenizer): Rust {
  return {
    tokenizer,
    encode: async (text, specialTokens) => {
      const encoding = await tokenizer.encode(text, null, { addSpecialTokens: specialTokens });
      const units = unitsOfCodePoints(text);
      return {
        ids: encoding.getIds(),
        tokens: encoding.getTokens(),
        offsets: encoding.getOffsets().flatMap(([start = 0, end = 0]) => [units(start), units(end)]),
      };
    },
  };
}

/** The library counts code points. */
export function unitsOfCodePoints(text: string): (index: number) => number {
  if (!/[\ud800-\udfff]/.test(text)) return (index) => index;
  const starts: number[] = [];
  for (let unit = 0; unit < text.length; unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1) starts.push(unit);
  starts.push(text.length);
  return (index) => starts[index] ?? text.length;
}
