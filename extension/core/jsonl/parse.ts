import { FLAG, type JsonTree, KIND } from "./tree";
import { Tape } from "./tape";

/**
 * How deep arrays and objects may nest. CPython's `json` raises RecursionError at about 1,000, simdjson stops at 1,024, so
 * no trainer reads a deeper row. The bound also keeps every recursive walk over a row within the stack.
 */
export const MAX_NESTING = 1000;

/** How many syntax problems of one row are kept; more tell a person nothing and a hostile row could have millions. */
export const MAX_PROBLEMS = 200;

export type JsonProblemCode =
  | "empty"
  | "unexpected-character"
  | "unexpected-word"
  | "unterminated-string"
  | "control-character"
  | "bad-escape"
  | "bad-number"
  | "single-quotes"
  | "comment"
  | "missing-comma"
  | "missing-colon"
  | "missing-value"
  | "extra-comma"
  | "bad-key"
  | "mismatched-bracket"
  | "unclosed"
  | "extra-value"
  | "too-deep";

/** A place where a text is not JSON; offsets are UTF-16 units of the text. */
export interface JsonProblem {
  readonly code: JsonProblemCode;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface JsonParse {
  readonly tree: JsonTree;
  /** In the order in which they stand in the text; empty exactly when `JSON.parse` accepts the text and it nests within the limit. */
  readonly problems: readonly JsonProblem[];
}

/** Parses `text` with the range of every value. Never throws; every problem is reported where it stands, and the rest is still read. */
export function parseJson(text: string): JsonParse {
  return new Parser(text).run();
}

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const SLASH = 47;
const MINUS = 45;

/** Characters that a JSON string may hold as they are. */
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What a person may have meant as a number. */
const NUMBER_LIKE = /[-+]?(?:[\w.]|(?<=[eE])[-+])*/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const GARBAGE = /[^\s"'{}[\],:]+/y;
const HEX4 = /[0-9a-fA-F]{4}/y;

const WORD_HINTS: Readonly<Record<string, string>> = {
  True: "JSON writes it as true.",
  False: "JSON writes it as false.",
  None: "JSON writes it as null.",
  NaN: "JSON has no NaN; Python's json accepts it, but most loaders do not.",
  Infinity: "JSON has no Infinity; Python's json accepts it, but most loaders do not.",
  undefined: "JSON writes it as null.",
};

/** What the parser expects next inside the innermost container. */
type State = "first" | "next";

interface Open {
  readonly node: number;
  readonly isObject: boolean;
  state: State;
}

class Parser {
  readonly #text: string;
  readonly #tape = new Tape();
  readonly #problems: JsonProblem[] = [];
  readonly #stack: Open[] = [];
  #at = 0;
  /** Set where nothing after can be judged (too deep, or the text ended inside a string). */
  #stopped = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): JsonParse {
    this.#skipSpace();
    if (this.#at >= this.#text.length) {
      this.#problem("empty", "Expected a JSON value, found nothing.", 0, this.#text.length);
    } else {
      this.#value();
      while (this.#stack.length > 0 && !this.#stopped) this.#step();
      this.#finish();
    }
    return { tree: this.#tape.toTree(this.#text), problems: this.#problems };
  }

  /** Closes what is open, and reports what follows the value. */
  #finish(): void {
    const end = this.#text.length;
    const innermost = this.#stack.at(-1);
    if (innermost !== undefined && !this.#stopped) this.#reportUnclosed(innermost);
    while (this.#stack.length > 0) this.#close(Math.min(this.#at, end), FLAG.unclosed);
    if (this.#stopped) return;
    this.#skipSpace();
    if (this.#at < end) {
      this.#problem("extra-value", "Only one JSON value may stand here, but more text follows it.", this.#at, trimmedEnd(this.#text));
    }
  }

  #reportUnclosed(innermost: Open): void {
    const opened = this.#tape.start(innermost.node);
    const what = innermost.isObject ? "object" : "array";
    const closer = innermost.isObject ? "}" : "]";
    const end = trimmedEnd(this.#text);
    this.#problem("unclosed", `The text ends inside the ${what} opened at column ${opened + 1}: '${closer}' is missing.`, Math.max(0, end - 1), end);
  }

  /** One step inside the innermost container: an element or member, a separator, or its end. */
  #step(): void {
    const open = this.#stack[this.#stack.length - 1] as Open;
    this.#skipSpace();
    if (this.#at >= this.#text.length) {
      this.#reportUnclosed(open);
      this.#stopped = true;
      return;
    }
    const c = this.#text.charCodeAt(this.#at);
    if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) this.#closer(open, c);
    else if (open.state === "next" && c === COMMA) this.#comma(open);
    else if (open.state === "next") this.#missingComma(open, c);
    else if (open.isObject) this.#member(open);
    else this.#element(open);
  }

  #closer(open: Open, c: number): void {
    const matches = (c === CLOSE_OBJECT) === open.isObject;
    if (matches) {
      this.#at++;
      this.#close(this.#at, 0);
      return;
    }
    const expected = open.isObject ? "}" : "]";
    const found = open.isObject ? "]" : "}";
    const parentMatches = this.#stack.length > 1 && this.#stack.some((other) => other.isObject !== open.isObject);
    this.#problem("mismatched-bracket", `Expected '${expected}', found '${found}'.`, this.#at, this.#at + 1);
    // The bracket belongs to a container further out if there is one; otherwise it stands for the right one.
    if (!parentMatches) this.#at++;
    this.#close(this.#at, FLAG.unclosed);
  }

  #comma(open: Open): void {
    const comma = this.#at++;
    this.#skipSpace();
    const c = this.#text.charCodeAt(this.#at);
    if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
      this.#problem("extra-comma", "A comma may not stand before the closing bracket.", comma, comma + 1);
      return;
    }
    open.state = "first";
  }

  #missingComma(open: Open, c: number): void {
    const what = open.isObject ? "members" : "elements";
    if (c === COLON || c === SLASH) {
      if (c === SLASH && this.#comment()) return;
      this.#problem("unexpected-character", `Expected ',' or the end of the ${open.isObject ? "object" : "array"}, found '${this.#char()}'.`, this.#at, this.#at + 1);
      this.#at++;
      return;
    }
    if (beginsValue(c)) {
      this.#problem("missing-comma", `A comma is missing between two ${what}.`, this.#at, this.#at + 1);
      open.state = "first";
      return;
    }
    this.#garbage(`Expected ',' or the end of the ${open.isObject ? "object" : "array"}`);
  }

  #element(open: Open): void {
    const c = this.#text.charCodeAt(this.#at);
    if (c === COMMA) {
      this.#problem("extra-comma", "A value is missing before this comma.", this.#at, this.#at + 1);
      this.#at++;
      return;
    }
    open.state = "next";
    this.#value();
  }

  #member(open: Open): void {
    const c = this.#text.charCodeAt(this.#at);
    if (c === COMMA) {
      this.#problem("extra-comma", "A member is missing before this comma.", this.#at, this.#at + 1);
      this.#at++;
      return;
    }
    if (c === SLASH && this.#comment()) return;
    open.state = "next";
    this.#key(c);
    if (this.#stopped) {
      this.#tape.leaf(KIND.missing, 0, this.#at, this.#at);
      return;
    }
    this.#skipSpace();
    const afterKey = this.#text.charCodeAt(this.#at);
    if (afterKey === COLON) this.#at++;
    else if (this.#at >= this.#text.length || afterKey === COMMA || afterKey === CLOSE_OBJECT || afterKey === CLOSE_ARRAY) {
      this.#missing("missing-colon", "Expected ':' and a value after the key.");
      return;
    } else this.#problem("missing-colon", "Expected ':' after the key.", this.#at, this.#at + 1);
    this.#skipSpace();
    this.#value();
  }

  #key(c: number): void {
    if (c === QUOTE) {
      this.#string(FLAG.key);
      return;
    }
    if (c === APOSTROPHE) {
      this.#singleQuoted(FLAG.key);
      return;
    }
    const start = this.#at;
    if (c === COLON || beginsContainer(c)) {
      this.#problem("bad-key", "Expected a key in double quotes.", start, start + 1);
      if (c !== COLON) this.#skipContainer();
    } else {
      this.#at = matchEnd(GARBAGE, this.#text, start) ?? start + 1;
      this.#problem("bad-key", `A key must be in double quotes: "${clip(this.#text.slice(start, this.#at))}".`, start, this.#at);
    }
    // The quotes that are not there are still counted by the tree; an empty key keeps it whole.
    this.#tape.leaf(KIND.string, FLAG.key | FLAG.unclosed, start, start);
  }

  /** A container in the place of a key cannot be a member; its text is passed over. */
  #skipContainer(): void {
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text.charCodeAt(this.#at);
      if (beginsContainer(c)) depth++;
      else if (c === CLOSE_ARRAY || c === CLOSE_OBJECT) {
        depth--;
        if (depth === 0) {
          this.#at++;
          return;
        }
      }
    }
  }

  /** Reads one value; a container is opened and left to {@link #step}. */
  #value(): void {
    const start = this.#at;
    const c = this.#text.charCodeAt(start);
    if (c === QUOTE) this.#string(0);
    else if (c === OPEN_OBJECT || c === OPEN_ARRAY) this.#open(c === OPEN_OBJECT);
    else if (c === MINUS || (c >= 48 && c <= 57)) this.#number();
    else if (c === 116 && this.#text.startsWith("true", start) && this.#wordEnds(start + 4)) this.#literal(KIND.true, 4);
    else if (c === 102 && this.#text.startsWith("false", start) && this.#wordEnds(start + 5)) this.#literal(KIND.false, 5);
    else if (c === 110 && this.#text.startsWith("null", start) && this.#wordEnds(start + 4)) this.#literal(KIND.null, 4);
    else this.#badValue(c);
  }

  #badValue(c: number): void {
    const start = this.#at;
    if (start >= this.#text.length) this.#missing("missing-value", "Expected a value, but the text ends.");
    else if (c === COMMA || c === CLOSE_ARRAY || c === CLOSE_OBJECT) this.#missing("missing-value", `Expected a value, found '${this.#char()}'.`);
    else if (c === APOSTROPHE) this.#singleQuoted(0);
    else if (c === SLASH && this.#comment()) {
      this.#skipSpace();
      this.#value();
    } else if (c === 43 || c === 46) this.#number();
    else if (matchEnd(WORD, this.#text, start) !== undefined) this.#word();
    else {
      this.#garbage("Expected a value");
      this.#tape.leaf(KIND.missing, 0, start, this.#at);
    }
  }

  #word(): void {
    const start = this.#at;
    this.#at = matchEnd(WORD, this.#text, start) ?? start + 1;
    const word = this.#text.slice(start, this.#at);
    const hint = Object.hasOwn(WORD_HINTS, word) ? (WORD_HINTS[word] ?? "") : "A text must be in double quotes.";
    this.#problem("unexpected-word", `'${clip(word)}' is not JSON. ${hint}`, start, this.#at);
    this.#tape.leaf(KIND.missing, 0, start, this.#at);
  }

  #wordEnds(at: number): boolean {
    const c = this.#text.charCodeAt(at);
    return !(c >= 128 || c === 95 || (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122));
  }

  #literal(kind: number, length: number): void {
    this.#tape.leaf(kind, 0, this.#at, this.#at + length);
    this.#at += length;
  }

  #number(): void {
    const start = this.#at;
    const strictEnd = matchEnd(NUMBER, this.#text, start);
    const looseEnd = matchEnd(NUMBER_LIKE, this.#text, start) ?? start + 1;
    if (strictEnd !== undefined && strictEnd >= looseEnd) {
      this.#at = strictEnd;
    } else {
      this.#at = Math.max(looseEnd, start + 1);
      const written = this.#text.slice(start, this.#at);
      this.#problem("bad-number", `'${clip(written)}' is not a JSON number.${/Infinity|NaN/.test(written) ? " Python's json accepts it, but most loaders do not." : ""}`, start, this.#at);
    }
    this.#tape.leaf(KIND.number, 0, start, this.#at);
  }

  #string(flags: number): void {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let escaped = 0;
    for (;;) {
      at = matchEnd(PLAIN, text, at) ?? at;
      if (at >= text.length) {
        this.#problem("unterminated-string", "This string is never closed: '\"' is missing.", start, trimmedEnd(text));
        this.#at = text.length;
        this.#stopped = true;
        this.#tape.leaf(KIND.string, flags | escaped | FLAG.unclosed, start, text.length);
        return;
      }
      const c = text.charCodeAt(at);
      if (c === QUOTE) break;
      if (c === BACKSLASH) {
        escaped = FLAG.escaped;
        at = this.#escape(at);
      } else {
        this.#problem("control-character", `A string may not hold the control character ${controlName(c)} as it is; write ${controlEscape(c)}.`, at, at + 1);
        at++;
      }
    }
    this.#at = at + 1;
    this.#tape.leaf(KIND.string, flags | escaped, start, this.#at);
  }

  /** Checks the escape at the backslash `at` and returns the offset after it. */
  #escape(at: number): number {
    const text = this.#text;
    const letter = text[at + 1] ?? "";
    if (letter === "u") {
      const end = matchEnd(HEX4, text, at + 2);
      if (end !== undefined) return end;
      this.#problem("bad-escape", "'\\u' must be followed by four hexadecimal digits.", at, at + 2);
      return at + 2;
    }
    if (letter !== "" && '"\\/bfnrt'.includes(letter)) return at + 2;
    const shown = letter === "" || letter < " " ? "\\" : `\\${String.fromCodePoint(text.codePointAt(at + 1) ?? 0)}`;
    this.#problem("bad-escape", `'${shown}' is not a JSON escape; write '\\\\' for a backslash.`, at, Math.min(text.length, at + 2));
    return letter < " " ? at + 1 : at + 2;
  }

  #singleQuoted(flags: number): void {
    const start = this.#at;
    let at = start + 1;
    while (at < this.#text.length && this.#text.charCodeAt(at) !== APOSTROPHE) at += this.#text.charCodeAt(at) === BACKSLASH ? 2 : 1;
    this.#at = Math.min(this.#text.length, at + 1);
    this.#problem("single-quotes", "JSON strings are in double quotes, not single quotes.", start, this.#at);
    this.#tape.leaf(KIND.string, flags | FLAG.escaped | (at < this.#text.length ? 0 : FLAG.unclosed), start, this.#at);
  }

  /** Passes over a comment and reports it; false when the slash begins none. */
  #comment(): boolean {
    const start = this.#at;
    if (this.#text.startsWith("//", start)) {
      const newline = this.#text.slice(start).search(/[\r\n]/);
      this.#at = newline === -1 ? this.#text.length : start + newline;
    } else if (this.#text.startsWith("/*", start)) {
      const close = this.#text.indexOf("*/", start + 2);
      this.#at = close === -1 ? this.#text.length : close + 2;
    } else return false;
    this.#problem("comment", "JSON has no comments.", start, this.#at);
    return true;
  }

  #garbage(expected: string): void {
    const start = this.#at;
    this.#at = matchEnd(GARBAGE, this.#text, start) ?? start + 1;
    this.#problem("unexpected-character", `${expected}, found '${clip(this.#text.slice(start, this.#at))}'.`, start, this.#at);
  }

  #missing(code: JsonProblemCode, message: string): void {
    const at = Math.min(this.#at, Math.max(0, this.#text.length - 1));
    this.#problem(code, message, at, at + 1);
    this.#tape.leaf(KIND.missing, 0, this.#at, this.#at);
  }

  #open(isObject: boolean): void {
    if (this.#stack.length >= MAX_NESTING) {
      this.#problem("too-deep", `Arrays and objects nest deeper than ${MAX_NESTING} levels here; Python's json cannot read this row.`, this.#at, this.#at + 1);
      this.#tape.leaf(KIND.missing, 0, this.#at, this.#text.length);
      this.#at = this.#text.length;
      this.#stopped = true;
      return;
    }
    this.#stack.push({ node: this.#tape.open(isObject ? KIND.object : KIND.array, this.#at), isObject, state: "first" });
    this.#at++;
  }

  #close(end: number, flags: number): void {
    const open = this.#stack.pop();
    if (open !== undefined) this.#tape.close(open.node, end, flags);
  }

  #skipSpace(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 32 || c === 9 || c === 10 || c === 13) this.#at++;
      else return;
    }
  }

  #char(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
  }

  #problem(code: JsonProblemCode, message: string, start: number, end: number): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ code, message, start, end });
  }
}

function beginsContainer(c: number): boolean {
  return c === OPEN_OBJECT || c === OPEN_ARRAY;
}

function beginsValue(c: number): boolean {
  return c === QUOTE || c === APOSTROPHE || beginsContainer(c) || c === MINUS || (c >= 48 && c <= 57) || c === 116 || c === 102 || c === 110;
}

/** Where the sticky `pattern` ends when it matches at `at` with at least one character (PLAIN may match none), or undefined. */
function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  if (!pattern.test(text)) return undefined;
  return pattern.lastIndex > at ? pattern.lastIndex : undefined;
}

function trimmedEnd(text: string): number {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text[end - 1] ?? "")) end--;
  return end;
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function controlName(c: number): string {
  return `U+${c.toString(16).toUpperCase().padStart(4, "0")}`;
}

function controlEscape(c: number): string {
  const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
  return short[c] ?? `\\u${c.toString(16).padStart(4, "0")}`;
}
