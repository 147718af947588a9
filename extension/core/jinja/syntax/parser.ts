import type { Span } from "../../../base/text";
import { JinjaError, JinjaLimitError } from "../errors";
import type { BrokenExpression, Statement, TemplateNode } from "./ast";
import { checkTemplate } from "./check";
import type { CompilerKnowledge } from "./compilerKnowledge";
import { Expressions } from "./expressions";
import { Lexer, type LexerOptions } from "./lexer";
import { STATEMENTS } from "./statements";
import { TokenStream } from "./stream";
import type { Token } from "./token";

/** How a template is read. What is not said is as in transformers: both trimming options on, no trailing newline. */
export interface ParseOptions extends Partial<LexerOptions> {
  /** With it, what Jinja's compiler raises for want of a filter or test, or while it computes constants, is found too. */
  readonly compiler?: CompilerKnowledge | undefined;
}

export interface ParsedTemplate {
  readonly tree: TemplateNode;
  /**
   * What Python would raise on compiling the template, each with its place; the first one is the one that it raises. Its
   * span begins on the line that Python reports.
   */
  readonly errors: JinjaError[];
  /** The whole source, as tokens without gap. */
  readonly tokens: readonly Token[];
  /** Whether something is sliced that may be a constant: no variable, nor a part of one or what a call gives. */
  readonly slicesConstants: boolean;
}

/**
 * UTF-16 units of the longest template that is read; the longest real ones have 30 thousand. What is made of a template takes up
 * to four hundred bytes a character, and this holds the strangest ones to half a second and a hundred megabytes.
 */
export const MAX_SOURCE_LENGTH = 200_000;

/** Reads a template. Never throws: the tree is as complete as its errors allow. */
export function parseTemplate(source: string, options: ParseOptions = {}): ParsedTemplate {
  if (source.length > MAX_SOURCE_LENGTH) return tooLong(source);
  const { trimBlocks = true, lstripBlocks = true, keepTrailingNewline = false } = options;
  const errors: JinjaError[] = [];
  const lexer = new Lexer(source, { trimBlocks, lstripBlocks, keepTrailingNewline }, (error) => errors.push(error));
  const parser = new Parser(new TokenStream(lexer), errors);
  const { statements } = parser.body([]);
  const tree: TemplateNode = { kind: "template", span: { start: 0, end: source.length }, body: statements };
  errors.push(...checkTemplate({ tree, source, isWhole: errors.length === 0, hasOddKeys: parser.expressions.hasOddKeys }, options.compiler));
  return { tree, errors, tokens: lexer.tokens, slicesConstants: parser.expressions.slicesConstants };
}

function tooLong(source: string): ParsedTemplate {
  const { length } = source;
  const error = new JinjaLimitError(
    "source-length",
    `The template has ${length} characters, and at most ${MAX_SOURCE_LENGTH} are read. Give long texts to it in messages or variables.`,
  );
  error.span = { start: MAX_SOURCE_LENGTH, end: length };
  const tree: TemplateNode = { kind: "template", span: { start: 0, end: length }, body: [] };
  return { tree, errors: [error], tokens: [{ kind: "error", start: 0, end: length, value: source }], slicesConstants: false };
}

/**
 * How deep blocks may nest: Jinja's parser ends at 246 ("maximum recursion depth exceeded"), and CPython, which compiles what
 * Jinja writes, at 98 `if`s.
 */
export const MAX_BLOCK_DEPTH = 250;

/** After so many errors the rest of a template is not read: it is none. */
const MAX_ERRORS = 1000;

/** Statements up to an end tag. */
export interface ParsedBody {
  readonly statements: readonly Statement[];
  /** The end tag's name, which is the current token; undefined if the template or an outer block ended first. */
  readonly end: string | undefined;
}

/** Parses statements. An error ends the tag that it is in, and is put down. */
export class Parser {
  readonly stream: TokenStream;
  readonly expressions: Expressions;
  readonly #errors: JinjaError[];
  readonly #openTags: { readonly name: string; readonly span: Span }[] = [];
  readonly #openEnds: (readonly string[])[] = [];
  /** The tag of an outer block's end, which the blocks inside it have not taken: they end there too. */
  #pendingStart: number | undefined;
  #brokenSpan: Span = { start: 0, end: 0 };
  /** End tags that follow from an error already put down, and how many. */
  readonly #strays = new Map<string, number>();
  #failed = false;
  #endReported = false;
  #abandoned = false;

  constructor(stream: TokenStream, errors: JinjaError[]) {
    this.stream = stream;
    this.expressions = new Expressions(stream);
    this.#errors = errors;
  }

  /** Statements up to a tag with one of the names `ends`, or to the end of the template if there are none. */
  body(ends: readonly string[]): ParsedBody {
    if (ends.length > 0) this.#openEnds.push(ends);
    const statements: Statement[] = [];
    const end = this.#statements(statements, ends);
    if (ends.length > 0) this.#openEnds.pop();
    return { statements, end };
  }

  #statements(into: Statement[], ends: readonly string[]): string | undefined {
    for (;;) {
      if (this.#errors.length >= MAX_ERRORS && !this.#abandoned) {
        this.stream.abandon();
        this.#abandoned = true;
      }
      const { kind, start, end, value } = this.stream.current;
      if (this.#pendingStart !== undefined) {
        if (!ends.includes(value)) return undefined;
        this.#pendingStart = undefined;
        return value;
      }
      if (kind === "end") {
        this.#endOfTemplate(ends);
        return undefined;
      }
      if (kind === "text") {
        into.push({ kind: "text", span: { start, end }, text: value });
        this.stream.advance();
      } else if (kind === "variableBegin") into.push(this.#output());
      else {
        const name = this.#guard(() => {
          this.stream.advance();
          if (!this.stream.is("name")) this.stream.fail("tag name expected");
          return this.stream.current.value;
        });
        if (name !== undefined && ends.includes(name)) return name;
        if (name !== undefined) into.push(...this.#statement(name, start));
      }
    }
  }

  #output(): Statement {
    const { start } = this.stream.current;
    const expression = this.#guard(() => {
      this.stream.advance();
      return this.expressions.tuple();
    }, "variableEnd");
    return { kind: "output", span: this.spanFrom(start), expression: expression ?? this.broken() };
  }

  /** A statement, whose name is the current token. `start` is where its tag begins. */
  #statement(name: string, start: number): readonly Statement[] {
    const parse = STATEMENTS.get(name);
    const { start: nameStart, end: nameEnd } = this.stream.current;
    if (parse === undefined) {
      this.#unknownTag(name, start);
      return [];
    }
    if (this.#openTags.length >= MAX_BLOCK_DEPTH) {
      this.#abandon();
      return [];
    }
    this.#openTags.push({ name, span: { start: nameStart, end: nameEnd } });
    const statements = parse(this, start);
    this.#openTags.pop();
    return statements;
  }

  #abandon(): void {
    this.#errors.push(new JinjaError("RecursionError", "maximum recursion depth exceeded", this.stream.place));
    this.stream.abandon();
    this.#abandoned = true;
  }

  /**
   * Parses what stands in a block's tag up to the tag's end. What goes wrong is put down, and the rest of the tag left out;
   * then the result is undefined, unless only the tag's end was missed.
   */
  tag<T>(parse: () => T): T | undefined {
    return this.#guard(parse, "blockEnd");
  }

  /** As {@link tag}, for a tag that a body follows, where Jinja allows a colon as in Python. */
  opening<T>(parse: () => T): T | undefined {
    return this.#guard(() => {
      const result = parse();
      this.stream.skipOperator(":");
      return result;
    }, "blockEnd");
  }

  /** Takes the end tag that {@link body} stopped at, if it found one. Returns the span of the statement that began at `start`. */
  closing(start: number, { end }: ParsedBody, rest: () => void = () => undefined): Span {
    if (end === undefined) return { start, end: this.#pendingStart ?? this.stream.lastEnd };
    this.tag(() => {
      this.stream.advance();
      rest();
    });
    return this.spanFrom(start);
  }

  spanFrom(start: number): Span {
    return { start, end: this.stream.lastEnd };
  }

  /** Stands for an expression of the tag that went wrong last. */
  broken(): BrokenExpression {
    return { kind: "broken", span: this.#brokenSpan };
  }

  /** Whether the tag that was parsed last went wrong. */
  get failed(): boolean {
    return this.#failed;
  }

  /** One stray `{% name %}` from here on follows from an error already put down. */
  expectStray(name: string): void {
    this.#strays.set(name, (this.#strays.get(name) ?? 0) + 1);
  }

  #takeStray(name: string): boolean {
    const count = this.#strays.get(name) ?? 0;
    if (count > 0) this.#strays.set(name, count - 1);
    return count > 0;
  }

  #guard<T>(parse: () => T, end?: "variableEnd" | "blockEnd"): T | undefined {
    const { kind, start, end: afterBegin } = this.stream.current;
    let result: T | undefined;
    this.#failed = false;
    try {
      result = parse();
      if (end !== undefined) this.stream.expect(end);
    } catch (error) {
      if (!(error instanceof JinjaError)) throw error;
      this.#errors.push(error);
      this.#failed = true;
      this.#brokenSpan = { start: kind === "variableBegin" ? afterBegin : start, end: this.stream.recover() };
    }
    return result;
  }

  #unknownTag(name: string, start: number): void {
    const { place } = this.stream;
    const expected = this.#openEnds.some((ends) => ends.includes(name));
    if (expected || !this.#takeStray(name)) {
      this.#errors.push(new JinjaError("TemplateSyntaxError", this.#lookingFor(`Encountered unknown tag '${name}'.`, name), place));
    }
    this.expectStray(`end${name}`);
    if (expected) this.#pendingStart = start;
    else this.stream.recover();
  }

  #endOfTemplate(ends: readonly string[]): void {
    if (ends.length === 0 || this.#abandoned) return;
    // Jinja names the innermost block, on the last line; the others are reported where they begin.
    const span = this.#endReported ? this.#openTags.at(-1)?.span : this.stream.place;
    this.#endReported = true;
    this.#errors.push(new JinjaError("TemplateSyntaxError", this.#lookingFor("Unexpected end of template."), span));
  }

  #lookingFor(message: string, name?: string): string {
    const parts = [message];
    const ends = this.#openEnds.at(-1);
    if (ends !== undefined) {
      const wanted = ends.map((end) => `'${end}'`).join(" or ");
      const nested = name !== undefined && this.#openEnds.some((names) => names.includes(name));
      parts.push(nested
        ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${wanted}.`
        : `Jinja was looking for the following tags: ${wanted}.`);
    }
    const open = this.#openTags.at(-1);
    if (open !== undefined) parts.push(`The innermost block that needs to be closed is '${open.name}'.`);
    return parts.join(" ");
  }
}
