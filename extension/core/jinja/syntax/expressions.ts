import type { Span } from "../../../base/text";
import { JinjaError } from "../errors";
import type {
  Argument, Arguments, BinaryOperator, Compare, CompareOperator, Const, Expression, FilterNode, Slice, StringLiteral, TestNode,
} from "./ast";
import { floatValue, integerValue } from "./literals";
import type { TokenStream } from "./stream";
import { describeToken, type Token } from "./token";

/**
 * How deep expressions may nest, as brackets or as chains of operators, attributes and filters. CPython ends at about 70
 * brackets ("maximum recursion depth exceeded") and at 197 links ("too many nested parentheses").
 */
export const MAX_EXPRESSION_DEPTH = 200;

export const NO_ARGUMENTS: Arguments = { positional: [], named: [], spread: undefined, spreadNamed: undefined };

export interface TupleOptions {
  /** Whether `a if b` may stand in it. */
  readonly conditional?: boolean;
  /** Whether it stands in brackets, and so may be empty. */
  readonly bracketed?: boolean;
  /** Whether its items are what may be assigned to: `target` allows `ns.attr` too. */
  readonly items?: "expressions" | "primaries" | "targets";
}

/** Left-associative operators by how tightly they bind. `~` binds tighter than `+`. */
const BINDING: Readonly<Record<string, number>> = { "+": 1, "-": 1, "~": 2, "*": 3, "/": 3, "//": 3, "%": 3, "**": 4 };
const CONCAT = 2;

const COMPARES = new Set(["==", "!=", "<", "<=", ">", ">="]);
const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ["true", true], ["True", true], ["false", false], ["False", false], ["none", null], ["None", null],
]);
/** What may begin the one argument that a test takes without brackets. */
const TEST_ARGUMENT = new Set(["name", "string", "integer", "float"]);

/** What is known only when the template runs, whatever it is made of. */
const VARIABLE: ReadonlySet<Expression["kind"]> = new Set(["name", "getattr", "getitem", "call"]);

/** Parses expressions, with Jinja's precedence. Each method ends behind what it returns, and throws the JinjaError of what is wrong. */
export class Expressions {
  readonly #stream: TokenStream;
  /** The height of the tree that was returned last. */
  #height = 0;
  #nesting = 0;
  #lastComma = 0;
  #hasOddKeys = false;
  #slicesConstants = false;

  constructor(stream: TokenStream) {
    this.#stream = stream;
  }

  /** Whether a dict so far has a key that is something else than a text, a number or a variable. */
  get hasOddKeys(): boolean {
    return this.#hasOddKeys;
  }

  /** Whether something so far is sliced that may be a constant. */
  get slicesConstants(): boolean {
    return this.#slicesConstants;
  }

  /** Where the last comma of the tuple that was read last stands: the place that Jinja gives a tuple. */
  get lastComma(): number {
    return this.#lastComma;
  }

  /** One expression, or a tuple of several with commas between them. */
  tuple(options: TupleOptions = {}): Expression {
    const { start } = this.#stream.current;
    const { items, isTuple } = this.#items(options);
    const [first] = items;
    if (!isTuple && first !== undefined) return first;
    return { kind: "tuple", span: this.#from(start), items };
  }

  #items(options: TupleOptions): { items: Expression[]; isTuple: boolean } {
    const stream = this.#stream;
    const items: Expression[] = [];
    let isTuple = false;
    let height = 0;
    let comma = 0;
    while (!this.#tupleEnds()) {
      items.push(this.#item(options));
      height = Math.max(height, this.#height);
      if (!stream.isOperator(",")) break;
      isTuple = true;
      comma = stream.advance().start;
    }
    if (!isTuple && items.length === 0 && options.bracketed !== true) {
      stream.fail(`Expected an expression, got '${describeToken(stream.current)}'`);
    }
    if (isTuple || items.length === 0) this.#grow(height);
    this.#lastComma = comma;
    return { items, isTuple: isTuple || items.length === 0 };
  }

  #item(options: TupleOptions): Expression {
    if (options.items === "targets" || options.items === "primaries") return this.#primary(options.items === "targets");
    return options.conditional === false ? this.#or() : this.expression();
  }

  /** Where nothing more follows a comma. That `in` and `recursive` end a tuple too is meant in Jinja, but does not work. */
  #tupleEnds(): boolean {
    const { kind } = this.#stream.current;
    return kind === "variableEnd" || kind === "blockEnd" || this.#stream.isOperator(")");
  }

  /** One expression; a tuple only in brackets. */
  expression(): Expression {
    const { start } = this.#stream.current;
    let node = this.#or();
    let height = this.#height;
    while (this.#stream.skipName("if")) {
      const test = this.#or();
      height = Math.max(height, this.#height);
      let otherwise: Expression | undefined;
      if (this.#stream.skipName("else")) {
        otherwise = this.#nested(() => this.expression());
        height = Math.max(height, this.#height);
      }
      node = { kind: "conditional", span: this.#from(start), test, then: node, otherwise };
      height = this.#grow(height);
    }
    this.#height = height;
    return node;
  }

  #or(): Expression {
    const { start } = this.#stream.current;
    let node = this.#and();
    while (this.#stream.isName("or")) node = this.#binary("or", start, node, () => this.#and());
    return node;
  }

  #and(): Expression {
    const { start } = this.#stream.current;
    let node = this.#not();
    while (this.#stream.isName("and")) node = this.#binary("and", start, node, () => this.#not());
    return node;
  }

  #not(): Expression {
    const { start } = this.#stream.current;
    if (!this.#stream.skipName("not")) return this.#compare();
    const operand = this.#nested(() => this.#not());
    this.#grow(this.#height);
    return { kind: "unary", span: this.#from(start), operator: "not", operand };
  }

  #compare(): Expression {
    const { start } = this.#stream.current;
    const first = this.#arithmetic(1);
    const rest: Compare["rest"][number][] = [];
    let height = this.#height;
    for (let operator = this.#compareOperator(); operator !== undefined; operator = this.#compareOperator()) {
      rest.push({ operator, value: this.#arithmetic(1) });
      height = Math.max(height, this.#height);
    }
    if (rest.length === 0) return first;
    this.#grow(height);
    return { kind: "compare", span: this.#from(start), first, rest };
  }

  #compareOperator(): CompareOperator | undefined {
    const stream = this.#stream;
    const { kind, value } = stream.current;
    if (kind === "operator" && COMPARES.has(value)) return stream.advance().value as CompareOperator;
    if (stream.skipName("in")) return "in";
    if (!stream.isName("not")) return undefined;
    const next = stream.look();
    if (next.kind !== "name" || next.value !== "in") return undefined;
    stream.advance();
    stream.advance();
    return "not in";
  }

  /** The operators that bind at least as tightly as `binding`. */
  #arithmetic(binding: number): Expression {
    const { start } = this.#stream.current;
    let node = this.#unary();
    for (let own = this.#binding(); own >= binding; own = this.#binding()) {
      const next = own + 1;
      if (own === CONCAT) node = this.#concat(start, node);
      else node = this.#binary(this.#stream.current.value as BinaryOperator, start, node, () => this.#arithmetic(next));
    }
    return node;
  }

  #binding(): number {
    const { kind, value } = this.#stream.current;
    return kind === "operator" ? BINDING[value] ?? 0 : 0;
  }

  #binary(operator: BinaryOperator, start: number, left: Expression, operand: () => Expression): Expression {
    const height = this.#height;
    this.#stream.advance();
    const right = operand();
    this.#grow(Math.max(height, this.#height));
    return { kind: "binary", span: this.#from(start), operator, left, right };
  }

  #concat(start: number, first: Expression): Expression {
    const items = [first];
    let height = this.#height;
    while (this.#stream.skipOperator("~")) {
      items.push(this.#arithmetic(CONCAT + 1));
      height = Math.max(height, this.#height);
    }
    this.#grow(height);
    return { kind: "concat", span: this.#from(start), items };
  }

  /** What `-` and `+` stand before takes its attributes, calls and items with it, but no filters and tests: these get the negated value. */
  #unary(withFilters = true): Expression {
    const { start } = this.#stream.current;
    let node: Expression;
    if (this.#stream.isOperator("-") || this.#stream.isOperator("+")) {
      const operator = this.#stream.advance().value as "-" | "+";
      const operand = this.#nested(() => this.#unary(false));
      this.#grow(this.#height);
      node = { kind: "unary", span: this.#from(start), operator, operand };
    } else node = this.#primary(false);
    node = this.#postfix(start, node);
    return withFilters ? this.#filtersAndTests(start, node) : node;
  }

  #primary(withNamespace: boolean): Expression {
    const token = this.#stream.current;
    switch (token.kind) {
      case "name":
        return this.#name(withNamespace);
      case "string":
        return this.#strings();
      case "integer":
      case "float":
        this.#stream.advance();
        this.#height = 1;
        return numberNode(token);
      case "operator":
        if (token.value === "(") return this.#nested(() => this.#brackets());
        if (token.value === "[") return this.#nested(() => this.#list());
        if (token.value === "{") return this.#nested(() => this.#dict());
        break;
      default:
        break;
    }
    return this.#stream.fail(`unexpected '${describeToken(token)}'`);
  }

  #name(withNamespace: boolean): Expression {
    const token = this.#stream.advance();
    const constant = CONSTANTS.get(token.value);
    this.#height = 1;
    if (constant !== undefined) return { kind: "const", span: spanOf(token), value: constant, isFloat: false };
    if (withNamespace && this.#stream.skipOperator(".")) {
      const attribute = this.#stream.expect("name").value;
      return { kind: "nsref", span: this.#from(token.start), name: token.value, attribute };
    }
    return { kind: "name", span: spanOf(token), name: token.value };
  }

  #strings(): StringLiteral {
    const first = this.#stream.advance();
    let { value } = first;
    let verbatim = value === this.#stream.slice(first.start + 1, first.end - 1);
    while (this.#stream.is("string")) {
      value += this.#stream.advance().value;
      verbatim = false;
    }
    this.#height = 1;
    return { kind: "string", span: this.#from(first.start), value, verbatim };
  }

  #brackets(): Expression {
    const { start } = this.#stream.advance();
    const { items, isTuple } = this.#items({ bracketed: true });
    this.#stream.expect("operator", ")");
    const [first] = items;
    return !isTuple && first !== undefined ? first : { kind: "tuple", span: this.#from(start), items };
  }

  #list(): Expression {
    const { start } = this.#stream.advance();
    const items: Expression[] = [];
    let height = 0;
    this.#separated("]", () => {
      items.push(this.expression());
      height = Math.max(height, this.#height);
    });
    this.#grow(height);
    return { kind: "list", span: this.#from(start), items };
  }

  #dict(): Expression {
    const { start } = this.#stream.advance();
    const items: { key: Expression; value: Expression }[] = [];
    let height = 0;
    this.#separated("}", () => {
      const key = this.expression();
      if (key.kind !== "string" && key.kind !== "const" && key.kind !== "name") this.#hasOddKeys = true;
      height = Math.max(height, this.#height);
      this.#stream.expect("operator", ":");
      items.push({ key, value: this.expression() });
      height = Math.max(height, this.#height);
    });
    this.#grow(height);
    return { kind: "dict", span: this.#from(start), items };
  }

  /** Items with commas between them, and perhaps one at the end. */
  #separated(close: string, item: () => void): void {
    const stream = this.#stream;
    for (let first = true; !stream.isOperator(close); first = false) {
      if (!first) {
        stream.expect("operator", ",");
        if (stream.isOperator(close)) break;
      }
      item();
    }
    stream.expect("operator", close);
  }

  #postfix(start: number, target: Expression): Expression {
    let node = target;
    for (;;) {
      const { kind, value } = this.#stream.current;
      if (kind !== "operator") return node;
      if (value === ".") node = this.#attribute(start, node);
      else if (value === "[") node = this.#nestedPart(() => this.#subscript(start, node));
      else if (value === "(") node = this.#nestedPart(() => this.#call(start, node));
      else return node;
    }
  }

  #filtersAndTests(start: number, target: Expression): Expression {
    let node = target;
    for (;;) {
      const { kind, value } = this.#stream.current;
      if (kind === "operator" && value === "|") node = this.#filterPart(start, node);
      else if (kind === "name" && value === "is") node = this.#test(start, node);
      else if (kind === "operator" && value === "(") node = this.#nestedPart(() => this.#call(start, node));
      else return node;
    }
  }

  #attribute(start: number, target: Expression): Expression {
    const stream = this.#stream;
    const height = this.#height;
    stream.advance();
    const token = stream.current;
    const inTag = token.kind !== "variableEnd" && token.kind !== "blockEnd" && token.kind !== "end";
    const place = stream.place;
    // As in Jinja, what follows is read first, and may be no token at all.
    if (inTag) stream.advance();
    if (token.kind !== "name" && token.kind !== "integer") stream.fail("expected name or number", place);
    this.#grow(height);
    if (token.kind === "integer") return { kind: "getitem", span: this.#from(start), target, index: numberNode(token) };
    return { kind: "getattr", span: this.#from(start), target, attribute: token.value, attributeSpan: spanOf(token) };
  }

  #subscript(start: number, target: Expression): Expression {
    const stream = this.#stream;
    const open = stream.advance().start;
    const items: (Expression | Slice)[] = [];
    let height = 0;
    while (!stream.isOperator("]")) {
      if (items.length > 0) stream.expect("operator", ",");
      items.push(this.#subscribed());
      height = Math.max(height, this.#height);
    }
    stream.expect("operator", "]");
    this.#height = height;
    const [only] = items;
    if (only?.kind === "slice" && !VARIABLE.has(target.kind)) this.#slicesConstants = true;
    if (items.length === 1 && only !== undefined) return { kind: "getitem", span: this.#from(start), target, index: only };
    const span = this.#from(open);
    const plain = items.filter((item): item is Expression => item.kind !== "slice");
    // Jinja parses a slice among several indexes, and then writes Python that does not compile.
    if (plain.length < items.length) throw new JinjaError("SyntaxError", "invalid syntax", span);
    return { kind: "getitem", span: this.#from(start), target, index: { kind: "tuple", span, items: plain } };
  }

  #subscribed(): Expression | Slice {
    const stream = this.#stream;
    const { start: begin } = stream.current;
    let start: Expression | undefined;
    let height = 0;
    if (!stream.isOperator(":")) {
      start = this.expression();
      if (!stream.isOperator(":")) return start;
      height = this.#height;
    }
    stream.advance();
    const part = (): Expression | undefined => {
      if (stream.isOperator("]") || stream.isOperator(",") || stream.isOperator(":")) return undefined;
      const node = this.expression();
      height = Math.max(height, this.#height);
      return node;
    };
    const stop = part();
    const hasStep = stream.skipOperator(":");
    // A third colon is no end of the slice: it fails as an expression.
    const step = hasStep ? (stream.isOperator(":") ? this.expression() : part()) : undefined;
    this.#height = height;
    return { kind: "slice", span: this.#from(begin), start, stop, step };
  }

  #call(start: number, callee: Expression): Expression {
    const args = this.#arguments();
    return { kind: "call", span: this.#from(start), callee, args };
  }

  #arguments(): Arguments {
    const stream = this.#stream;
    const open = stream.expect("operator", "(").start;
    const positional: Expression[] = [];
    const named: Argument[] = [];
    let spread: Expression | undefined;
    let spreadNamed: Expression | undefined;
    let height = 0;
    const ensure = (allowed: boolean): void => {
      if (!allowed) stream.fail("invalid syntax for function call expression", { start: open, end: stream.current.end });
    };
    const value = (): Expression => {
      const node = this.expression();
      height = Math.max(height, this.#height);
      return node;
    };
    this.#separated(")", () => {
      if (stream.isOperator("*")) {
        ensure(spread === undefined && spreadNamed === undefined);
        stream.advance();
        spread = value();
      } else if (stream.isOperator("**")) {
        ensure(spreadNamed === undefined);
        stream.advance();
        spreadNamed = value();
      } else if (this.#atKeyword()) {
        ensure(spreadNamed === undefined);
        const name = stream.advance().value;
        stream.advance();
        named.push({ name, value: value() });
      } else {
        ensure(spread === undefined && spreadNamed === undefined && named.length === 0);
        positional.push(value());
      }
    });
    this.#height = height;
    return { positional, named, spread, spreadNamed };
  }

  #atKeyword(): boolean {
    if (!this.#stream.is("name")) return false;
    const next = this.#stream.look();
    return next.kind === "operator" && next.value === "=";
  }

  /** `a.b` as the name of a filter or test. */
  #dottedName(): { name: string; nameSpan: Span } {
    const first = this.#stream.expect("name");
    let name = first.value;
    while (this.#stream.skipOperator(".")) name += `.${this.#stream.expect("name").value}`;
    return { name, nameSpan: this.#from(first.start) };
  }

  /** A filter after `|`, or the first of a filter block, which has neither bar nor target. */
  filter(target: Expression | undefined, start = this.#stream.current.start): FilterNode {
    const { name, nameSpan } = this.#dottedName();
    const args = this.#stream.isOperator("(") ? this.#arguments() : this.#noArguments();
    return { kind: "filter", span: this.#from(start), target, name, nameSpan, args };
  }

  /** Filters in a row: after a target, or as those of a filter block or set block. */
  filters(first: FilterNode | undefined, start = this.#stream.current.start): FilterNode | undefined {
    let node = first;
    if (node === undefined) this.#height = 0;
    while (this.#stream.isOperator("|")) node = this.#filterPart(start, node);
    return node;
  }

  #filterPart(start: number, target: Expression | undefined): FilterNode {
    return this.#nestedPart(() => {
      this.#stream.advance();
      return this.filter(target, start);
    });
  }

  #noArguments(): Arguments {
    this.#height = 0;
    return NO_ARGUMENTS;
  }

  #test(start: number, target: Expression): Expression {
    const height = this.#height;
    this.#stream.advance();
    const negated = this.#stream.skipName("not");
    const { name, nameSpan } = this.#dottedName();
    const args = this.#testArguments();
    this.#grow(Math.max(height, this.#height));
    const test: TestNode = { kind: "test", span: this.#from(start), target, name, nameSpan, args };
    if (!negated) return test;
    this.#grow(this.#height);
    return { kind: "unary", span: test.span, operator: "not", operand: test };
  }

  #testArguments(): Arguments {
    const stream = this.#stream;
    const { kind, value, start } = stream.current;
    if (stream.isOperator("(")) return this.#nested(() => this.#arguments());
    if (!TEST_ARGUMENT.has(kind) && !stream.isOperator("[") && !stream.isOperator("{")) return this.#noArguments();
    if (kind === "name") {
      if (value === "else" || value === "or" || value === "and") return this.#noArguments();
      if (value === "is") stream.fail("You cannot chain multiple tests with is");
    }
    return { ...NO_ARGUMENTS, positional: [this.#postfix(start, this.#primary(false))] };
  }

  /** Parses a link of a chain that has a target of its own and something in brackets. */
  #nestedPart<T>(parse: () => T): T {
    const height = this.#height;
    const node = this.#nested(parse);
    this.#grow(Math.max(height, this.#height));
    return node;
  }

  /** Bounds how deep the parser calls itself. */
  #nested<T>(parse: () => T): T {
    if (this.#nesting >= MAX_EXPRESSION_DEPTH) {
      throw new JinjaError("RecursionError", "maximum recursion depth exceeded", this.#stream.place);
    }
    this.#nesting++;
    try {
      return parse();
    } finally {
      this.#nesting--;
    }
  }

  /** A node stands on trees of `height`. Bounds how deep whoever walks the tree calls itself. */
  #grow(height: number): number {
    if (height >= MAX_EXPRESSION_DEPTH) throw new JinjaError("SyntaxError", "too many nested parentheses", this.#stream.place);
    this.#height = height + 1;
    return this.#height;
  }

  #from(start: number): Span {
    return { start, end: this.#stream.lastEnd };
  }
}

function spanOf(token: Token): Span {
  return { start: token.start, end: token.end };
}

function numberNode(token: Token): Const {
  const isFloat = token.kind === "float";
  return { kind: "const", span: spanOf(token), value: isFloat ? floatValue(token.value) : integerValue(token.value), isFloat };
}
