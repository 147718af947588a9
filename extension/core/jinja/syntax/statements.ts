import { JinjaError } from "../errors";
import type { Expression, FilterNode, Statement, Target } from "./ast";
import { parseAutoescape, parseBlock, parseCall, parseFilterBlock, parseFor, parseGeneration, parseIf, parseMacro, parseWith } from "./blocks";
import type { Parser } from "./parser";
import { parseName, parseTarget } from "./targets";

/** Parses a statement whose name is the current token, through its last tag. `start` is where its first tag begins. */
export type ParseStatement = (parser: Parser, start: number) => readonly Statement[];

export const STATEMENTS: ReadonlyMap<string, ParseStatement> = new Map<string, ParseStatement>([
  ["if", parseIf],
  ["for", parseFor],
  ["macro", parseMacro],
  ["call", parseCall],
  ["filter", parseFilterBlock],
  ["with", parseWith],
  ["block", parseBlock],
  ["autoescape", parseAutoescape],
  ["generation", parseGeneration],
  ["set", parseSet],
  ["print", parsePrint],
  ["extends", parseExtends],
  ["include", parseInclude],
  ["import", parseImport],
  ["from", parseFrom],
  ["break", parseLoopControl],
  ["continue", parseLoopControl],
]);

function parseSet(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const parts: { target?: Target; value?: Expression; inline?: boolean; filter?: FilterNode | undefined } = {};
  parser.tag(() => {
    stream.advance();
    parts.target = parseTarget(stream, expressions, { namespace: true });
    parts.inline = stream.skipOperator("=");
    if (parts.inline) parts.value = expressions.tuple();
    else {
      parts.filter = expressions.filters(undefined);
      stream.skipOperator(":");
    }
  });
  const { target } = parts;
  if (target !== undefined && parts.inline === true) {
    return [{ kind: "assign", span: parser.spanFrom(start), target, value: parts.value ?? parser.broken() }];
  }
  if (target === undefined || parser.failed) {
    // Whether a body follows cannot be told: take none, and do not complain about its end.
    parser.expectStray("endset");
    return [];
  }
  const body = parser.body(["endset"]);
  const span = parser.closing(start, body);
  return [{ kind: "assignblock", span, target, filter: parts.filter, body: body.statements }];
}

function parsePrint(parser: Parser, start: number): readonly Statement[] {
  const { stream, expressions } = parser;
  const printed: Expression[] = [];
  parser.tag(() => {
    stream.advance();
    while (!stream.is("blockEnd")) {
      if (printed.length > 0) stream.expect("operator", ",");
      printed.push(expressions.expression());
    }
  });
  const span = parser.spanFrom(start);
  return printed.map((expression) => ({ kind: "output", span, expression }));
}

function parseExtends(parser: Parser, start: number): readonly Statement[] {
  const template = parser.tag(() => {
    parser.stream.advance();
    return parser.expressions.expression();
  });
  return template === undefined ? [] : [{ kind: "extends", span: parser.spanFrom(start), template }];
}

/** `with context` or `without context`; undefined if neither is there. */
function parseContext(parser: Parser): boolean | undefined {
  const { stream } = parser;
  if (!stream.isName("with") && !stream.isName("without")) return undefined;
  const next = stream.look();
  if (next.kind !== "name" || next.value !== "context") return undefined;
  const withContext = stream.advance().value === "with";
  stream.advance();
  return withContext;
}

function parseInclude(parser: Parser, start: number): readonly Statement[] {
  const { stream } = parser;
  const parts = parser.tag(() => {
    stream.advance();
    const template = parser.expressions.expression();
    const ignoreMissing = stream.isName("ignore") && stream.look().kind === "name" && stream.look().value === "missing";
    if (ignoreMissing) {
      stream.advance();
      stream.advance();
    }
    return { template, ignoreMissing, withContext: parseContext(parser) ?? true };
  });
  return parts === undefined ? [] : [{ kind: "include", span: parser.spanFrom(start), ...parts }];
}

function parseImport(parser: Parser, start: number): readonly Statement[] {
  const { stream } = parser;
  const parts = parser.tag(() => {
    stream.advance();
    const template = parser.expressions.expression();
    stream.expect("name", "as");
    const { name } = parseName(stream);
    return { template, name, withContext: parseContext(parser) ?? false };
  });
  return parts === undefined ? [] : [{ kind: "import", span: parser.spanFrom(start), ...parts }];
}

function parseFrom(parser: Parser, start: number): readonly Statement[] {
  const { stream } = parser;
  const parts = parser.tag(() => {
    stream.advance();
    const template = parser.expressions.expression();
    stream.expect("name", "import");
    return { template, ...parseImportedNames(parser) };
  });
  return parts === undefined ? [] : [{ kind: "fromimport", span: parser.spanFrom(start), ...parts }];
}

function parseImportedNames(parser: Parser): { names: { name: string; alias: string }[]; withContext: boolean } {
  const { stream } = parser;
  const names: { name: string; alias: string }[] = [];
  for (;;) {
    if (names.length > 0) stream.expect("operator", ",");
    if (!stream.is("name")) stream.expect("name");
    const before = parseContext(parser);
    if (before !== undefined) return { names, withContext: before };
    names.push(parseImportedName(parser));
    const after = parseContext(parser);
    if (after !== undefined || !stream.isOperator(",")) return { names, withContext: after ?? false };
  }
}

function parseImportedName(parser: Parser): { name: string; alias: string } {
  const { stream } = parser;
  const { name, span } = parseName(stream);
  if (name.startsWith("_")) throw new JinjaError("TemplateAssertionError", "names starting with an underline can not be imported", span);
  return { name, alias: stream.skipName("as") ? parseName(stream).name : name };
}

function parseLoopControl(parser: Parser, start: number): readonly Statement[] {
  const kind = parser.stream.isName("break") ? "break" : "continue";
  parser.tag(() => parser.stream.advance());
  return [{ kind, span: parser.spanFrom(start) }];
}
