/**
 * What a token is. `trimmed` is white space that trim_blocks, lstrip_blocks, `-` or the dropped last newline took out of the
 * output; `error` is what could not be read; `end` is the end of the template and stands in no list.
 */
export type TokenKind =
  | "text" | "trimmed"
  | "commentBegin" | "comment" | "commentEnd"
  | "rawBegin" | "rawEnd"
  | "variableBegin" | "variableEnd" | "blockBegin" | "blockEnd"
  | "whitespace" | "name" | "string" | "integer" | "float" | "operator"
  | "error" | "end";

/** A stretch `[start, end)` of the source, in UTF-16 units. The tokens of a template follow each other without gap. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The source characters; of a string the decoded value, of text the characters with LF for every newline. */
  readonly value: string;
}

const DESCRIPTIONS: Partial<Record<TokenKind, string>> = {
  blockBegin: "begin of statement block",
  blockEnd: "end of statement block",
  variableBegin: "begin of print statement",
  variableEnd: "end of print statement",
  text: "template data / text",
  end: "end of template",
};

/** How Jinja names what it wants: the word or sign itself where one is wanted, else the kind. */
export function describe(kind: TokenKind, value?: string): string {
  return value ?? DESCRIPTIONS[kind] ?? kind;
}

/** How Jinja names what it found. */
export function describeToken(token: Token): string {
  return token.kind === "name" || token.kind === "operator" ? token.value : describe(token.kind);
}
