import { JinjaError } from "../errors";
import { SPACES, isIdentifier, isNewline, isSpace, normaliseNewlines, reprCharacter } from "./characters";
import { decodeString, integerProblem } from "./literals";
import type { Token, TokenKind } from "./token";

/** The white-space options of Jinja's environment. */
export interface LexerOptions {
  /** Drop the newline after a block or comment. */
  readonly trimBlocks: boolean;
  /** Drop the white space before a block or comment that is the first thing on its line. */
  readonly lstripBlocks: boolean;
  /** Keep the newline at the end of the template. */
  readonly keepTrailingNewline: boolean;
}

type Tag = "block" | "variable";

const OPENER = /\{[{%#]/g;
const RAW_BEGIN = new RegExp(`\\{%[-+]?${SPACES}raw${SPACES}-?%\\}`, "y");
const RAW_END = new RegExp(`\\{%[-+]?${SPACES}endraw${SPACES}[-+]?%\\}`, "g");
const CLOSER = { block: /[-+]?%\}/y, variable: /-?\}\}/y } as const;
/** Where reading goes on after an error in a tag: at the tag's own end, or where the next tag begins. */
const RESUME = { block: /%\}|\{[{%#]/g, variable: /\}\}|\{[{%#]/g } as const;
const CLOSING = { block: "%}", variable: "}}" } as const;

const SPACE_RUN = new RegExp(SPACES, "y");
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9]\d*(?:_\d+)*|0(?:_?0)*/iy;
const ASCII_NAME = /[A-Za-z0-9_]+/y;
const NAME = /[\p{XIDC}\p{L}\p{N}_]+/uy;
const QUOTED = { "'": /['\\]/g, '"': /["\\]/g } as const;
const OPERATOR = /\/\/|\*\*|[=!<>]=|[-+/*%~[\](){}<>=.:|,;]/y;
const BRACKETS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Reads a template token by token, only as far as it is asked to: like this the first error of lexer and parser together is
 * Jinja's. Everything read stands in `tokens`, without gap.
 */
export class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  /** The source without the dropped last newline. */
  readonly #body: string;
  readonly #options: LexerOptions;
  readonly #report: (error: JinjaError) => void;
  #position = 0;
  #tag: Tag | undefined;
  /** The tag that was opened last, also when it has been closed. */
  #lastTag: Tag = "block";
  /** What closes the brackets that are open in this tag. */
  readonly #brackets: string[] = [];
  /** Whether what was read last ended in a newline, so that the next text begins a line. */
  #lineStarting = true;
  /** The text before the next tag has been read. */
  #atOpener = false;
  #ended = false;
  /** Python's index of a place, kept so that errors one behind the other do not count from the start each time. */
  #counted = { offset: 0, index: 0 };

  constructor(source: string, options: LexerOptions, report: (error: JinjaError) => void) {
    this.#source = source;
    this.#body = options.keepTrailingNewline ? source : source.replace(/(?:\r\n|\r|\n)$/, "");
    this.#options = options;
    this.#report = report;
  }

  get position(): number {
    return this.#position;
  }

  slice(start: number, end: number): string {
    return this.#source.slice(start, end);
  }

  /** The next token that means something to the parser. @throws JinjaError when the characters of a tag are none. */
  next(): Token {
    for (;;) {
      if (this.#position >= this.#body.length && !this.#atOpener) return this.#end();
      const token = this.#tag === undefined ? this.#root() : this.#inTag(this.#tag);
      if (token !== undefined) return token;
    }
  }

  /**
   * Goes on after an error in the tag that was opened last: what was read from `from` on becomes one error token, up to the
   * tag's end or the next tag. Returns where that is.
   */
  recover(from: number): number {
    const tag = this.#lastTag;
    let start = from;
    this.#drop(start);
    if (this.#body.startsWith(CLOSING[tag], start - 1) && this.#dropOperator(start)) start--;
    const resume = RESUME[tag];
    resume.lastIndex = start;
    const match = resume.exec(this.#body);
    let end = match?.index ?? this.#body.length;
    const closes = match?.[0] === CLOSING[tag];
    if (closes && isSign(this.#body[end - 1], tag)) {
      if (end > start) end--;
      else if (this.#dropOperator(end)) start = --end;
    }
    if (end > start) this.#push("error", start, end);
    this.#position = end;
    this.#brackets.length = 0;
    this.#tag = closes ? tag : undefined;
    this.#atOpener = false;
    this.#lineStarting = false;
    return end;
  }

  /** Gives up: the rest of the template, from `from` on, becomes one error token. */
  abandon(from: number): void {
    this.#drop(from);
    if (from < this.#body.length) this.#push("error", from, this.#body.length);
    this.#position = this.#body.length;
    this.#tag = undefined;
    this.#atOpener = false;
  }

  /** Takes back what was read from `from` on. */
  #drop(from: number): void {
    while ((this.tokens.at(-1)?.start ?? -1) >= from) this.tokens.pop();
    this.#ended = false;
  }

  #dropOperator(end: number): boolean {
    const last = this.tokens.at(-1);
    if (last?.kind !== "operator" || last.end !== end || last.start !== end - 1) return false;
    this.tokens.pop();
    return true;
  }

  #push(kind: TokenKind, start: number, end: number, value = this.#body.slice(start, end)): Token {
    const token: Token = { kind, start, end, value };
    this.tokens.push(token);
    return token;
  }

  #end(): Token {
    const { length } = this.#source;
    if (!this.#ended && this.#body.length < length) {
      this.tokens.push({ kind: "trimmed", start: this.#body.length, end: length, value: this.#source.slice(this.#body.length) });
    }
    this.#ended = true;
    return { kind: "end", start: this.#body.length, end: this.#body.length, value: "" };
  }

  #root(): Token | undefined {
    const start = this.#position;
    if (this.#atOpener) {
      this.#atOpener = false;
      return this.#opener(start);
    }
    OPENER.lastIndex = start;
    const at = OPENER.exec(this.#body)?.index ?? this.#body.length;
    this.#position = at;
    this.#atOpener = at < this.#body.length;
    return this.#text(start, at);
  }

  /** The text `[start, end)` before a tag, or before the end of the template. */
  #text(start: number, end: number): Token | undefined {
    const kept = end < this.#body.length ? this.#keptEnd(start, end) : end;
    const token = kept > start ? this.#push("text", start, kept, normaliseNewlines(this.#body.slice(start, kept))) : undefined;
    if (end > kept) this.#push("trimmed", kept, end);
    return token;
  }

  /** The end of what white-space control leaves of the text `[start, end)` before the tag at `end`. */
  #keptEnd(start: number, end: number): number {
    const sign = this.#body[end + 2];
    let at = end;
    if (sign === "-") {
      while (at > start && isSpace(this.#body.charCodeAt(at - 1))) at--;
      return at;
    }
    if (sign === "+" || !this.#options.lstripBlocks || this.#body[end + 1] === "{") return end;
    while (at > start) {
      const unit = this.#body.charCodeAt(at - 1);
      if (isNewline(unit)) return at;
      if (!isSpace(unit)) return end;
      at--;
    }
    return this.#lineStarting ? start : end;
  }

  #opener(at: number): Token | undefined {
    const kind = this.#body[at + 1];
    if (kind === "%") {
      RAW_BEGIN.lastIndex = at;
      const raw = RAW_BEGIN.exec(this.#body);
      if (raw !== null) return this.#raw(at, at + raw[0].length);
    }
    const sign = this.#body[at + 2];
    const end = sign === "-" || sign === "+" ? at + 3 : at + 2;
    this.#position = end;
    if (kind === "#") {
      this.#push("commentBegin", at, end);
      this.#comment(at, end);
      return undefined;
    }
    this.#tag = this.#lastTag = kind === "%" ? "block" : "variable";
    this.#brackets.length = 0;
    return this.#push(kind === "%" ? "blockBegin" : "variableBegin", at, end);
  }

  #comment(begin: number, start: number): void {
    const close = this.#body.indexOf("#}", start);
    if (close < 0) {
      const rest = this.#body.length;
      if (start < rest) {
        this.#report(new JinjaError("TemplateSyntaxError", "Missing end of comment tag", { start: begin, end: start }));
        this.#push("comment", start, rest);
      }
      this.#position = rest;
      return;
    }
    const end = close > start && isSign(this.#body[close - 1], "block") ? close - 1 : close;
    if (end > start) this.#push("comment", start, end);
    this.#push("commentEnd", end, close + 2);
    this.#position = close + 2;
    this.#trimAfter(this.#body[end], true);
  }

  #raw(begin: number, start: number): Token | undefined {
    this.#push("rawBegin", begin, start);
    this.#position = start;
    this.#trimAfter(this.#body[start - 3], false);
    const from = this.#position;
    RAW_END.lastIndex = from;
    const close = RAW_END.exec(this.#body);
    if (close === null) {
      this.#position = this.#body.length;
      if (from >= this.#body.length) return undefined;
      // Jinja reports the line that the text begins on, which a newline in the tag or after it moves.
      const oneLine = !/[\r\n]/.test(this.#body.slice(begin, from));
      const span = oneLine ? { start: begin, end: start } : { start: from, end: from + 1 };
      this.#report(new JinjaError("TemplateSyntaxError", "Missing end of raw directive", span));
      return this.#text(from, this.#body.length);
    }
    const text = this.#text(from, close.index);
    const end = close.index + close[0].length;
    this.#push("rawEnd", close.index, end);
    this.#position = end;
    this.#trimAfter(this.#body[end - 3], true);
    return text;
  }

  /** The white space behind a tag's end, which begins with `sign`, if it has one. */
  #trimAfter(sign: string | undefined, newline: boolean): void {
    const start = this.#position;
    let end = start;
    if (sign === "-") {
      SPACE_RUN.lastIndex = start;
      end += SPACE_RUN.exec(this.#body)?.[0].length ?? 0;
    } else if (sign !== "+" && newline && this.#options.trimBlocks) {
      if (this.#body.startsWith("\r\n", start)) end += 2;
      else if (isNewline(this.#body.charCodeAt(start))) end += 1;
    }
    if (end > start) this.#push("trimmed", start, end);
    this.#position = end;
    this.#lineStarting = end > start && isNewline(this.#body.charCodeAt(end - 1));
  }

  #inTag(tag: Tag): Token | undefined {
    const start = this.#position;
    const unit = this.#body.charCodeAt(start);
    if (isAsciiLetter(unit)) return this.#name(start);
    if (this.#brackets.length === 0 && !isSpace(unit)) {
      const closer = match(CLOSER[tag], this.#body, start);
      if (closer !== undefined) return this.#closeTag(tag, start, start + closer.length);
    }
    if (isSpace(unit)) {
      this.#take("whitespace", match(SPACE_RUN, this.#body, start) ?? "");
      return undefined;
    }
    if (unit >= 0x30 && unit <= 0x39) return this.#number(start);
    if (unit === 0x22 || unit === 0x27) return this.#string(start, unit === 0x22 ? '"' : "'");
    const operator = match(OPERATOR, this.#body, start);
    return operator === undefined ? this.#name(start) : this.#operator(start, operator);
  }

  #closeTag(tag: Tag, start: number, end: number): Token {
    const token = this.#push(tag === "block" ? "blockEnd" : "variableEnd", start, end);
    this.#position = end;
    this.#tag = undefined;
    this.#trimAfter(this.#body[start], tag === "block");
    return token;
  }

  #take(kind: TokenKind, text: string): Token {
    const start = this.#position;
    this.#position += text.length;
    return this.#push(kind, start, this.#position, text);
  }

  #number(start: number): Token {
    const float = match(FLOAT, this.#body, start);
    if (float !== undefined) return this.#take("float", float);
    const integer = match(INTEGER, this.#body, start) ?? "";
    const problem = integerProblem(integer);
    if (problem !== undefined) throw new JinjaError("ValueError", problem, { start, end: start + integer.length });
    return this.#take("integer", integer);
  }

  #string(start: number, quote: "'" | '"'): Token {
    const quoted = QUOTED[quote];
    quoted.lastIndex = start + 1;
    let found = quoted.exec(this.#body);
    while (found?.[0] === "\\") {
      quoted.lastIndex = found.index + 2;
      found = quoted.exec(this.#body);
    }
    if (found === null) return this.#fail(start);
    const end = found.index + 1;
    const { value, error } = decodeString(this.#body.slice(start + 1, end - 1));
    if (error !== undefined) throw new JinjaError("TemplateSyntaxError", error, { start, end });
    this.#position = end;
    return this.#push("string", start, end, value);
  }

  #name(start: number): Token {
    let name = match(ASCII_NAME, this.#body, start) ?? "";
    if (this.#body.charCodeAt(start + name.length) >= 0x80) {
      name = match(NAME, this.#body, start) ?? "";
      if (name !== "" && !isIdentifier(name)) this.#fail(start, "Invalid character in identifier", start + name.length);
    }
    return name === "" ? this.#fail(start) : this.#take("name", name);
  }

  #operator(start: number, operator: string): Token {
    const closing = BRACKETS[operator];
    if (closing !== undefined) this.#brackets.push(closing);
    else if (operator === ")" || operator === "]" || operator === "}") {
      const expected = this.#brackets.pop();
      if (expected === undefined) this.#fail(start, `unexpected '${operator}'`);
      if (expected !== operator) this.#fail(start, `unexpected '${operator}', expected '${expected}'`);
    }
    return this.#take("operator", operator);
  }

  /** @throws JinjaError always; without a message, that the character at `start` means nothing. */
  #fail(start: number, message?: string, end?: number): never {
    const character = String.fromCodePoint(this.#body.codePointAt(start) ?? 0);
    const text = message ?? `unexpected char ${reprCharacter(character)} at ${this.#pythonIndex(start)}`;
    throw new JinjaError("TemplateSyntaxError", text, { start, end: end ?? start + character.length });
  }

  /** The index of `offset` in what Jinja reads: code points, with one newline for CRLF. */
  #pythonIndex(offset: number): number {
    let { offset: at, index } = this.#counted.offset <= offset ? this.#counted : { offset: 0, index: 0 };
    while (at < offset) {
      const code = this.#body.codePointAt(at) ?? 0;
      at += code > 0xffff || (code === 0x0d && this.#body.charCodeAt(at + 1) === 0x0a) ? 2 : 1;
      index++;
    }
    this.#counted = { offset: at, index };
    return index;
  }
}

function match(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  // No exec(): its result is an object, and this runs for every token.
  return sticky.test(text) ? text.slice(at, sticky.lastIndex) : undefined;
}

function isAsciiLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
}

function isSign(character: string | undefined, tag: Tag): boolean {
  return character === "-" || (character === "+" && tag === "block");
}
