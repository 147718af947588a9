import assert from "node:assert/strict";
import { TemplateText } from "../../../../extension/core/language/template/templateText";

/** A template with the place of its `$0`, which is taken out. */
export function marked(text: string): { readonly template: TemplateText; readonly offset: number } {
  const offset = text.indexOf("$0");
  assert.notEqual(offset, -1, "no $0");
  return { template: new TemplateText(text.slice(0, offset) + text.slice(offset + 2)), offset };
}

/** The template with brackets ⟦⟧ around spans. */
export function bracketed({ source }: TemplateText, spans: readonly { readonly start: number; readonly end: number }[]): string {
  let text = source;
  for (const { start, end } of [...spans].sort((a, b) => b.start - a.start)) text = `${text.slice(0, start)}⟦${text.slice(start, end)}⟧${text.slice(end)}`;
  return text;
}
