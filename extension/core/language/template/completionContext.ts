import { JinjaError } from "../../jinja/errors";
import { Lexer } from "../../jinja/syntax/lexer";
import type { Token } from "../../jinja/syntax/token";

/** What may be written at a place of a template. `start` is where the word that is being written begins. */
export type CompletionContext =
  | { readonly kind: "tag"; readonly start: number }
  | { readonly kind: "filter" | "test" | "name"; readonly start: number }
  /** Behind `target.`; or between the quotes of `target['`, where `quoted` is the quote. */
  | { readonly kind: "member"; readonly start: number; readonly target: string; readonly quoted: string | undefined }
  /** In a text or string, in a word that may be the beginning of a special token. */
  | { readonly kind: "special-token"; readonly start: number };

const OPTIONS = { trimBlocks: false, lstripBlocks: false, keepTrailingNewline: true } as const;

/** What begins a special token, up to the end of the text. */
const TOKEN_BEGINNING = /[<[][^\s<>[\]'"]{0,64}$/;

/** What may be written at `offset`; undefined where nothing is known to fit, as in comments. Looks only at what stands before. */
export function completionContextAt(source: string, offset: number): CompletionContext | undefined {
  const { tokens, openString } = tokensBefore(source.slice(0, offset), offset);
  const last = tokens.at(-1);
  const opener = tokens.findLastIndex(({ kind }) => kind === "blockBegin" || kind === "variableBegin");
  const closer = tokens.findLastIndex(({ kind }) => kind === "blockEnd" || kind === "variableEnd");
  if (last?.kind === "comment" || last?.kind === "commentBegin") return undefined;
  if (opener === -1 || closer > opener) return openString === undefined ? specialToken(source, last?.kind === "text" ? last.start : offset, offset) : undefined;
  const inside = tokens.slice(opener + 1).filter(({ kind }) => kind !== "whitespace");
  if (openString !== undefined) return inString(source, openString, inside, offset);
  const word = last?.kind === "name" && last.end === offset ? last : undefined;
  const before = word === undefined ? inside : inside.slice(0, -1);
  const start = word?.start ?? offset;
  const previous = before.at(-1);
  // Right behind a number or string nothing can be written but operators.
  if (word === undefined && previous?.end === offset && previous.kind !== "operator") return undefined;
  if (previous === undefined) return tokens[opener]?.kind === "blockBegin" ? { kind: "tag", start } : { kind: "name", start };
  if (isOperator(previous, "|")) return { kind: "filter", start };
  if (isOperator(previous, ".")) return { kind: "member", start, target: targetBefore(source, before.slice(0, -1)), quoted: undefined };
  if (previous.kind === "name" && (previous.value === "is" || (previous.value === "not" && isName(before.at(-2), "is")))) return { kind: "test", start };
  return { kind: "name", start };
}

/** The tokens of a text that ends anywhere, and where a string begins that does not end in it. */
function tokensBefore(text: string, end: number): { readonly tokens: readonly Token[]; readonly openString: number | undefined } {
  const lexer = new Lexer(text, OPTIONS, () => undefined);
  try {
    while (lexer.next().kind !== "end");
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    const at = lexer.position;
    if (at < end && /['"]/.test(text.charAt(at))) return { tokens: lexer.tokens, openString: at };
  }
  return { tokens: lexer.tokens, openString: undefined };
}

function inString(source: string, openString: number, inside: readonly Token[], offset: number): CompletionContext | undefined {
  const previous = inside.at(-1);
  const before = inside.at(-2);
  if (previous !== undefined && isOperator(previous, "[") && before?.end === previous.start && endsOperand(before)) {
    return { kind: "member", start: openString + 1, target: targetBefore(source, inside.slice(0, -1)), quoted: source.charAt(openString) };
  }
  return specialToken(source, openString + 1, offset);
}

function specialToken(source: string, from: number, offset: number): CompletionContext | undefined {
  const found = TOKEN_BEGINNING.exec(source.slice(Math.max(from, offset - 66), offset));
  return found === null ? undefined : { kind: "special-token", start: Math.max(from, offset - 66) + found.index };
}

/** The source of the operand that ends with the last of these tokens: names, items and calls behind each other. */
function targetBefore(source: string, tokens: readonly Token[]): string {
  let at = tokens.length - 1;
  let wantsOperand = true;
  while (at >= 0) {
    const token = tokens[at];
    if (token === undefined) break;
    if (wantsOperand && (isOperator(token, ")") || isOperator(token, "]"))) {
      at = openingBracket(tokens, at);
      const previous = tokens[at - 1];
      if (!endsOperand(previous) || previous?.end !== tokens[at]?.start) break;
      at--;
    } else if (wantsOperand && (token.kind === "name" || token.kind === "string")) {
      wantsOperand = false;
      if (!isOperator(tokens[at - 1], ".")) break;
      at--;
    } else if (!wantsOperand && isOperator(token, ".")) {
      wantsOperand = true;
      at--;
    } else break;
  }
  const first = tokens[Math.max(at, 0)];
  const last = tokens.at(-1);
  return first === undefined || last === undefined ? "" : source.slice(first.start, last.end);
}

/** Where the bracket that ends at `at` begins. */
function openingBracket(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at; i >= 0; i--) {
    const token = tokens[i];
    if (isOperator(token, ")") || isOperator(token, "]") || isOperator(token, "}")) depth++;
    else if (isOperator(token, "(") || isOperator(token, "[") || isOperator(token, "{")) depth--;
    if (depth === 0) return i;
  }
  return 0;
}

function endsOperand(token: Token | undefined): boolean {
  return token?.kind === "name" || token?.kind === "string" || isOperator(token, ")") || isOperator(token, "]");
}

function isOperator(token: Token | undefined, sign: string): boolean {
  return token?.kind === "operator" && token.value === sign;
}

function isName(token: Token | undefined, word: string): boolean {
  return token?.kind === "name" && token.value === word;
}
