import type { Span } from "../../../base/text";
import { isIdentifier } from "../../jinja/syntax/characters";
import type { Definition, Variable } from "./names";
import type { TemplateText } from "./templateText";

/** The definitions of what is named at `offset`; the loop for `loop`. Empty where it comes from the caller. */
export function definitionsAt(template: TemplateText, offset: number): { readonly from: Span; readonly definitions: readonly Definition[] } | undefined {
  const named = template.names.at(offset);
  return named === undefined ? undefined : { from: named.span, definitions: named.variable.definitions };
}

/** Every mention of the variable that is named at `offset`, in order. */
export function referencesAt(template: TemplateText, offset: number, withDefinitions: boolean): readonly Span[] {
  const variable = template.names.at(offset)?.variable;
  if (variable === undefined) return [];
  const starts = new Set(variable.definitions.map(({ span }) => span.start));
  return withDefinitions ? variable.uses : variable.uses.filter(({ start }) => !starts.has(start));
}

/** What can be renamed, or why it cannot, in a sentence for people. */
export type Renaming =
  | { readonly kind: "possible"; readonly span: Span; readonly variable: Variable }
  | { readonly kind: "refused"; readonly reason: string };

/** What a rename at `offset` would be about. */
export function renamingAt(template: TemplateText, offset: number): Renaming {
  const named = template.names.at(offset);
  if (named === undefined) return refused("There is no variable or macro here.");
  const { variable, span } = named;
  if (template.parsed.errors.some(({ type }) => type === "TemplateSyntaxError" || type === "RecursionError")) {
    return refused("The template has syntax errors. Mend them first, so that no use is missed.");
  }
  if (variable.definitions.length === 0) return refused(`'${variable.name}' does not come from this template, so it cannot be renamed here.`);
  if (variable.fromContext) return refused(`'${variable.name}' may also be given by the trainer: under another name it would no longer be found.`);
  return { kind: "possible", span, variable };
}

/** The places to write `name` in, or why that would change what the template means. */
export function renameAt(template: TemplateText, offset: number, name: string): Renaming {
  const renaming = renamingAt(template, offset);
  if (renaming.kind === "refused") return renaming;
  if (!isIdentifier(name) || RESERVED.has(name)) return refused(`'${name}' is no name that a variable can have.`);
  if (name === renaming.variable.name) return renaming;
  const taken = template.names.all().some((variable) => variable.name === name);
  return taken ? refused(`There already is a '${name}' in this template.`) : renaming;
}

function refused(reason: string): Renaming {
  return { kind: "refused", reason };
}

/** Words that mean something else to Jinja, or that the template is given. */
const RESERVED: ReadonlySet<string> = new Set([
  "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else", "loop", "self", "super", "caller", "varargs",
  "kwargs", "messages", "tools", "documents", "add_generation_prompt", "raise_exception", "strftime_now", "namespace", "range", "dict", "lipsum",
  "cycler", "joiner",
]);
