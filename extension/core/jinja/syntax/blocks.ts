import type { Span } from "../../../base/text";
import type { Body, Expression, FilterNode, If, Parameter, Statement, Target } from "./ast";
import { isBlank } from "./characters";
import type { ParsedBody, Parser } from "./parser";
import { parseName, parseSignature, parseTarget } from "./targets";

const NOWHERE: Span = { start: 0, end: 0 };

export function parseIf(parser: Parser, start: number): readonly Statement[] {
  const branches: { test: Expression; body: Body }[] = [];
  let body: ParsedBody;
  do {
    const test = parser.opening(() => {
      parser.stream.advance();
      return parser.expressions.tuple({ conditional: false });
    });
    const broken = parser.broken();
    body = parser.body(["elif", "else", "endif"]);
    branches.push({ test: test ?? broken, body: body.statements });
  } while (body.end === "elif");
  let otherwise: Body = [];
  if (body.end === "else") {
    body = parseElse(parser, "endif");
    otherwise = body.statements;
  }
  const span = parser.closing(start, body);
  const [first, ...elifs] = branches as [If["elifs"][number], ...If["elifs"]];
  return [{ kind: "if", span, ...first, elifs, otherwise }];
}

function parseElse(parser: Parser, end: string): ParsedBody {
  parser.opening(() => parser.stream.advance());
  return parser.body([end]);
}

export function parseFor(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const parts: { target?: Target; iterable?: Expression; condition?: Expression; recursive?: boolean } = {};
  parser.opening(() => {
    stream.advance();
    parts.target = parseTarget(stream, expressions);
    stream.expect("name", "in");
    parts.iterable = expressions.tuple({ conditional: false });
    if (stream.skipName("if")) parts.condition = expressions.expression();
    parts.recursive = stream.skipName("recursive");
  });
  const broken = parser.broken();
  const body = parser.body(["endfor", "else"]);
  const last = body.end === "else" ? parseElse(parser, "endfor") : body;
  const span = parser.closing(start, last);
  return [{
    kind: "for",
    span,
    target: parts.target ?? { kind: "tuple", span: broken.span, items: [] },
    iterable: parts.iterable ?? broken,
    condition: parts.condition,
    recursive: parts.recursive ?? false,
    body: body.statements,
    otherwise: last === body ? [] : last.statements,
  }];
}

export function parseMacro(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const parts: { name?: string; nameSpan?: Span; parameters?: readonly Parameter[] } = {};
  parser.opening(() => {
    stream.advance();
    const { name, span } = parseName(stream);
    parts.name = name;
    parts.nameSpan = span;
    parts.parameters = parseSignature(stream, expressions);
  });
  const body = parser.body(["endmacro"]);
  const span = parser.closing(start, body);
  const { name = "", nameSpan = NOWHERE, parameters = [] } = parts;
  return [{ kind: "macro", span, name, nameSpan, parameters, body: body.statements }];
}

export function parseCall(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const header = parser.opening(() => {
    const { start: keyword } = stream.advance();
    const parameters = stream.isOperator("(") ? parseSignature(stream, expressions) : [];
    const call = expressions.expression();
    if (call.kind === "call") return { call, parameters };
    return stream.fail("expected call", { start: keyword, end: call.span.end });
  });
  const body = parser.body(["endcall"]);
  const span = parser.closing(start, body);
  return header === undefined ? body.statements : [{ kind: "callblock", span, ...header, body: body.statements }];
}

export function parseFilterBlock(parser: Parser, start: number): readonly Statement[] {
  const filter = parser.opening((): FilterNode => {
    parser.stream.advance();
    const { start: from } = parser.stream.current;
    const first = parser.expressions.filter(undefined, from);
    return parser.expressions.filters(first, from) ?? first;
  });
  const body = parser.body(["endfilter"]);
  const span = parser.closing(start, body);
  return filter === undefined ? body.statements : [{ kind: "filterblock", span, filter, body: body.statements }];
}

export function parseWith(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const assignments: { target: Target; value: Expression }[] = [];
  parser.opening(() => {
    stream.advance();
    while (!stream.is("blockEnd")) {
      if (assignments.length > 0) stream.expect("operator", ",");
      const target = parseTarget(stream, expressions);
      stream.expect("operator", "=");
      assignments.push({ target, value: expressions.expression() });
    }
  });
  const body = parser.body(["endwith"]);
  return [{ kind: "with", span: parser.closing(start, body), assignments, body: body.statements }];
}

export function parseBlock(parser: Parser, start: number): readonly Statement[] {
  const { stream } = parser;
  const parts: { name?: string; nameSpan?: Span; scoped?: boolean; required?: boolean } = {};
  parser.opening(() => {
    stream.advance();
    const { value, start: from, end } = stream.expect("name");
    parts.name = value;
    parts.nameSpan = { start: from, end };
    parts.scoped = stream.skipName("scoped");
    parts.required = stream.skipName("required");
    if (stream.isOperator("-")) {
      stream.fail("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.");
    }
  });
  const { name = "", nameSpan = NOWHERE, scoped = false, required = false } = parts;
  const body = parser.body(["endblock"]);
  const span = parser.closing(start, body, () => {
    if (required && !body.statements.every((statement) => statement.kind === "text" && isBlank(statement.text))) {
      stream.fail("Required blocks can only contain comments or whitespace");
    }
    stream.skipName(name);
  });
  return [{ kind: "block", span, name, nameSpan, scoped, required, body: body.statements }];
}

export function parseAutoescape(parser: Parser, start: number): readonly Statement[] {
  const autoescape = parser.opening(() => {
    parser.stream.advance();
    return parser.expressions.expression();
  }) ?? parser.broken();
  const body = parser.body(["endautoescape"]);
  return [{ kind: "scope", span: parser.closing(start, body), autoescape, body: body.statements }];
}

export function parseGeneration(parser: Parser, start: number): readonly Statement[] {
  parser.opening(() => parser.stream.advance());
  const body = parser.body(["endgeneration"]);
  return [{ kind: "generation", span: parser.closing(start, body), body: body.statements }];
}
