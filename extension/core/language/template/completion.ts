import type { Expression } from "../../jinja/syntax/ast";
import { parseTemplate } from "../../jinja/syntax/parser";
import { findTokenTexts } from "../../template/reads/tokens";
import { type CompletionContext, completionContextAt } from "./completionContext";
import type { DocEntry, DocTable } from "./docs/entry";
import { FIELD_DOCS } from "./docs/fields";
import { FILTER_DOCS } from "./docs/filters";
import { FUNCTION_DOCS, VARIABLE_DOCS } from "./docs/functions";
import { LOOP_DOCS, MAPPING_METHOD_DOCS, SPECIAL_NAME_DOCS, TEXT_METHOD_DOCS } from "./docs/members";
import { TAG_DOCS } from "./docs/tags";
import { TEST_DOCS } from "./docs/tests";
import { namespaceMembers } from "./namespaceMembers";
import { placeOf } from "./places";
import { openBlocksAt } from "./tags";
import type { TemplateText } from "./templateText";

export type CompletionKind = "tag" | "filter" | "test" | "function" | "variable" | "macro" | "field" | "method" | "keyword" | "special-token";

/** Something that can be written at a place. */
export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** What is written in place of `[start, offset)`. */
  readonly insert: string;
  readonly doc: DocEntry | undefined;
  /** Smaller ones stand further up. */
  readonly rank: number;
}

/** What can be written at `offset` of a template, and from where on it replaces what stands there. */
export interface Completions {
  readonly start: number;
  readonly items: readonly Completion[];
}

/** @param specialTokens texts that are special tokens of the model */
export function completionsAt(template: TemplateText, offset: number, specialTokens: readonly string[] = []): Completions | undefined {
  const context = completionContextAt(template.source, offset);
  if (context === undefined) return undefined;
  return { start: context.start, items: itemsFor(context, template, offset, specialTokens) };
}

function itemsFor(context: CompletionContext, template: TemplateText, offset: number, specialTokens: readonly string[]): Completion[] {
  switch (context.kind) {
    case "tag":
      return tags(template, context.start);
    case "filter":
      return fromTable(FILTER_DOCS, "filter");
    case "test":
      return fromTable(TEST_DOCS, "test").filter(({ label }) => /^\w/.test(label));
    case "member":
      return members(context, template, offset);
    case "special-token":
      return specialTokenTexts(template, context.start, specialTokens);
    case "name":
      return names(template, offset);
  }
}

function fromTable(table: DocTable, kind: CompletionKind, rank = 1): Completion[] {
  return [...table].map(([label, doc]) => ({ label, kind, insert: label, doc, rank }));
}

/** The end of the innermost open block comes first. */
function tags(template: TemplateText, start: number): Completion[] {
  const open = openBlocksAt(template.tags, start).at(-1)?.keyword;
  const ends = open === undefined ? [] : [...(open === "if" ? ["else", "elif"] : open === "for" ? ["else"] : []), `end${open}`];
  const closing = ends.toReversed().map((label, at): Completion => ({ label, kind: "tag", insert: label, doc: TAG_DOCS.get(label), rank: at / 10 }));
  const opening = fromTable(TAG_DOCS, "tag").filter(({ label }) => label !== "else" && label !== "elif");
  return [...closing, ...opening];
}

/** Words of expressions that are no names. */
const KEYWORDS = ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none"] as const;

function names(template: TemplateText, offset: number): Completion[] {
  const own = template.names.visibleAt(offset).map(
    ({ name, definitions }): Completion => ({ label: name, kind: definitions[0]?.kind === "macro" ? "macro" : "variable", insert: name, doc: undefined, rank: 0 }),
  );
  const known = new Set(own.map(({ label }) => label));
  const special = template.names.inLoop(offset) ? fromTable(SPECIAL_NAME_DOCS, "variable").filter(({ label }) => label === "loop") : [];
  const rest = [...special, ...fromTable(VARIABLE_DOCS, "variable"), ...fromTable(FUNCTION_DOCS, "function", 2)].filter(({ label }) => !known.has(label));
  const keywords = KEYWORDS.map((label): Completion => ({ label, kind: "keyword", insert: label, doc: undefined, rank: 3 }));
  return [...own, ...rest, ...keywords];
}

function members({ target, quoted }: Extract<CompletionContext, { kind: "member" }>, template: TemplateText, offset: number): Completion[] {
  const expression = parseTarget(target, offset);
  if (expression === undefined) return [];
  if (expression.kind === "name" && expression.name === "loop" && quoted === undefined) return fromTable(LOOP_DOCS, "field", 0);
  const own = expression.kind === "name" ? namespaceMembers(template, template.names.resolve(expression.name, offset)) : undefined;
  if (own !== undefined) return own.map((label): Completion => ({ label, kind: "field", insert: label, doc: undefined, rank: 0 }));
  const fields = fieldsOf(placeOf(expression, template));
  if (quoted !== undefined) return fields;
  return [...fields, ...fromTable(MAPPING_METHOD_DOCS, "method", 1), ...(fields.length > 0 ? [] : fromTable(TEXT_METHOD_DOCS, "method", 1))];
}

/** The fields that the format knows at a place. */
function fieldsOf(place: string | undefined): Completion[] {
  if (place === undefined) return [];
  const prefix = `${place}.`;
  return [...FIELD_DOCS].flatMap(([path, doc]): Completion[] => {
    const label = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    return /^\w+$/.test(label) ? [{ label, kind: "field", insert: label, doc, rank: 0 }] : [];
  });
}

/** The operand before the dot, its names resolved where they stand in the template. */
function parseTarget(target: string, offset: number): Expression | undefined {
  if (target === "") return undefined;
  // Parsed at its own place, so that names mean what they mean there.
  const at = offset - target.length;
  const { tree, errors } = parseTemplate(`${" ".repeat(Math.max(0, at - 3))}{{ ${target} }}`);
  const [node] = tree.body.filter(({ kind }) => kind === "output");
  return errors.length === 0 && node?.kind === "output" ? node.expression : undefined;
}

/** Special tokens of the model and those that the template already writes. */
function specialTokenTexts(template: TemplateText, start: number, specialTokens: readonly string[]): Completion[] {
  const written = findTokenTexts(template.source, template.parsed.tokens)
    .filter(({ form, uses }) => form !== "composed" && uses.some((use) => use.start !== start))
    .map(({ text }) => text);
  return [...new Set([...specialTokens, ...written])].map((label): Completion => ({ label, kind: "special-token", insert: label, doc: undefined, rank: 0 }));
}
