import type { JinjaError } from "../../../jinja/errors";
import { FILTERS } from "../../../jinja/filter/filters";
import { TESTS } from "../../../jinja/filter/tests";
import { childNodes } from "../../../jinja/runtime/analyze";
import type { Expression, Slice, Statement, TemplateNode } from "../../../jinja/syntax/ast";
import { TEMPLATE } from "../../../rules/template/templateRules";
import type { TemplateFinding } from "./finding";
import { nearest } from "./nearest";

/** What keeps the template from being compiled. The first error has Python's own words, and so have the others as if it came to them. */
export function errorFindings(errors: readonly JinjaError[], source: string): TemplateFinding[] {
  return errors
    // Filters and tests are reported with those that only fail at run time.
    .filter((error) => !/^No (?:filter|test) named /.test(error.message))
    .map((error) => ({ rule: TEMPLATE.syntax, span: placeOf(error, source), message: `${error.type}: ${error.message}` }));
}

/** An error without a place is shown at the beginning; one without width at the character before it. */
function placeOf({ span }: JinjaError, source: string): TemplateFinding["span"] {
  if (span === undefined) return { start: 0, end: Math.min(1, source.length) };
  const { start, end } = span;
  return end > start ? { start, end } : { start: Math.max(0, Math.min(start, source.length) - 1), end: Math.max(1, end) };
}

/** Filters and tests that there are not. Outside of branches they keep the template from being compiled, inside they fail when reached. */
export function unknownFilters(tree: TemplateNode): TemplateFinding[] {
  const findings: TemplateFinding[] = [];
  const stack: (Statement | Expression | Slice)[] = [...tree.body];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === "filter" && !FILTERS.has(node.name)) {
      findings.push({ rule: TEMPLATE.unknownFilter, span: { ...node.nameSpan }, message: `No filter named '${node.name}'.${nearest(node.name, FILTERS.keys())}` });
    } else if (node.kind === "test" && !TESTS.has(node.name)) {
      findings.push({ rule: TEMPLATE.unknownTest, span: { ...node.nameSpan }, message: `No test named '${node.name}'.${nearest(node.name, TESTS.keys())}` });
    }
    stack.push(...childNodes(node));
    if (node.kind === "assignblock" && node.filter !== undefined) stack.push(node.filter);
  }
  return findings;
}
