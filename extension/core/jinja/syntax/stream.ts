import type { Span } from "../../../base/text";
import { JinjaError } from "../errors";
import type { Lexer } from "./lexer";
import { describe, describeToken, type Token, type TokenKind } from "./token";

/** The tokens that mean something, one at a time, with one token of look-ahead: no more is read than Jinja would have read. */
export class TokenStream {
  readonly #lexer: Lexer;
  #current: Token;
  #previous: Token;
  #ahead: Token | undefined;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    this.#current = lexer.next();
    this.#previous = this.#current;
  }

  get current(): Token {
    return this.#current;
  }

  /** Where the token before the current one ends. */
  get lastEnd(): number {
    return this.#previous.end;
  }

  /** The current token's place; at the end of the template that of the last token, whose line Jinja reports. */
  get place(): Span {
    const { start, end } = this.#current.kind === "end" ? this.#previous : this.#current;
    return { start, end };
  }

  /** Goes one token ahead and returns the one before. @throws JinjaError when the next characters are no token. */
  advance(): Token {
    const token = this.#current;
    this.#previous = token;
    if (this.#ahead !== undefined) {
      this.#current = this.#ahead;
      this.#ahead = undefined;
      return token;
    }
    try {
      this.#current = this.#lexer.next();
    } catch (error) {
      const at = this.#lexer.position;
      this.#current = { kind: "error", start: at, end: at, value: "" };
      throw error;
    }
    return token;
  }

  /** The token after the current one. @throws JinjaError as {@link advance} does. */
  look(): Token {
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  /** The source characters `[start, end)`. */
  slice(start: number, end: number): string {
    return this.#lexer.slice(start, end);
  }

  is(kind: TokenKind, value?: string): boolean {
    return this.#current.kind === kind && (value === undefined || this.#current.value === value);
  }

  isName(word: string): boolean {
    return this.is("name", word);
  }

  isOperator(sign: string): boolean {
    return this.is("operator", sign);
  }

  skipName(word: string): boolean {
    if (!this.isName(word)) return false;
    this.advance();
    return true;
  }

  skipOperator(sign: string): boolean {
    if (!this.isOperator(sign)) return false;
    this.advance();
    return true;
  }

  /** Takes the current token. @throws JinjaError when it is another one. */
  expect(kind: TokenKind, value?: string): Token {
    if (this.is(kind, value)) return this.advance();
    const wanted = describe(kind, value);
    if (this.#current.kind === "end") return this.fail(`unexpected end of template, expected '${wanted}'.`);
    return this.fail(`expected token '${wanted}', got '${describeToken(this.#current)}'`);
  }

  /** @throws JinjaError always. */
  fail(message: string, span: Span = this.place): never {
    throw new JinjaError("TemplateSyntaxError", message, span);
  }

  /** Goes on after an error in a tag: behind it, or at the next tag. Returns where what was left out ends. */
  recover(): number {
    const { start } = this.#current;
    const end = this.#lexer.recover(start);
    this.#ahead = undefined;
    this.#current = this.#lexer.next();
    if (this.is("blockEnd") || this.is("variableEnd")) this.advance();
    else this.#previous = { kind: "error", start, end, value: "" };
    return end;
  }

  /** Leaves out the rest of the template. */
  abandon(): void {
    const { start } = this.#current;
    this.#lexer.abandon(start);
    this.#ahead = undefined;
    this.#previous = { kind: "error", start, end: this.#lexer.position, value: "" };
    this.#current = this.#lexer.next();
  }
}
