import { parseTemplate } from "../../../../extension/core/jinja/syntax/parser";
import { type TemplateReads, findReads } from "../../../../extension/core/template/reads/reads";

export function readsOf(source: string): TemplateReads {
  return findReads(source, parseTemplate(source));
}

/** `path access` of each part that is read; `?` marks what is not certain. */
export function fieldsOf(source: string): string[] {
  return readsOf(source).fields.map(({ path, access, certain }) => `${path} ${access}${certain ? "" : "?"}`).sort();
}

/** The parts whose value is looked up. */
export function valuesOf(source: string): string[] {
  return readsOf(source).fields.filter(({ access }) => access === "value").map(({ path }) => path).sort();
}

/** `name` or, where the template asks whether it is there, `name?`. */
export function variablesOf(source: string): string[] {
  return readsOf(source).variables.map(({ name, optional }) => name + (optional ? "?" : ""));
}
