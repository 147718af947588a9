import type { Expression, Slice } from "../../jinja/syntax/ast";
import type { Variable } from "./names";
import type { TemplateText } from "./templateText";

/** How many assignments are followed from a name to what it stands for. */
const MAX_STEPS = 12;

/** Filters that give items of the same kind, or the value itself where there is one. */
const KEEPING_FILTERS: ReadonlySet<string> = new Set(["default", "d", "list", "reverse", "selectattr", "rejectattr", "select", "reject", "sort", "unique"]);

/** The variables that the places of the format begin at. */
const ROOTS: ReadonlySet<string> = new Set(["messages", "tools", "documents"]);

/**
 * The part of the input that an expression is, as far as a plain reading shows: `messages[].tool_calls[]`. Undefined where it
 * is none, or may be several.
 */
export function placeOf(expression: Expression | Slice, template: TemplateText, steps = MAX_STEPS): string | undefined {
  if (steps === 0) return undefined;
  switch (expression.kind) {
    case "name":
      return placeOfVariable(expression.name, template.names.resolve(expression.name, expression.span.start), template, steps - 1);
    case "getattr": {
      const target = placeOf(expression.target, template, steps);
      return target === undefined ? undefined : `${target}.${expression.attribute}`;
    }
    case "getitem": {
      const target = placeOf(expression.target, template, steps);
      if (target === undefined) return undefined;
      if (expression.index.kind === "slice") return target;
      return expression.index.kind === "string" ? `${target}.${expression.index.value}` : `${target}[]`;
    }
    case "filter": {
      if (expression.target === undefined) return undefined;
      const target = placeOf(expression.target, template, steps);
      if (expression.name === "first" || expression.name === "last") return target === undefined ? undefined : `${target}[]`;
      return KEEPING_FILTERS.has(expression.name) ? target : undefined;
    }
    case "conditional":
      return placeOf(expression.then, template, steps);
    case "binary":
      return expression.operator === "or" ? placeOf(expression.left, template, steps) : undefined;
    default:
      return undefined;
  }
}

/** The part of the input that a variable stands for by its first definition that says so. */
export function placeOfVariable(name: string, variable: Variable | undefined, template: TemplateText, steps = MAX_STEPS): string | undefined {
  for (const { kind, value } of variable?.definitions ?? []) {
    if (value === undefined || kind === "parameter") continue;
    const place = placeOf(value, template, steps);
    if (place !== undefined) return kind === "loop" ? `${place}[]` : place;
  }
  if (ROOTS.has(name)) return name;
  // Macros take messages and tools under names of their own; most give them these.
  return GUESSES.get(name);
}

const GUESSES: ReadonlyMap<string, string> = new Map([
  ["message", "messages[]"],
  ["msg", "messages[]"],
  ["tool", "tools[]"],
  ["tool_call", "messages[].tool_calls[]"],
]);
