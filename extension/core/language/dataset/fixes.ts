import type { Span } from "../../../base/text";
import { type CheckContext, checkRow, type RowFinding, type RowResult } from "../../analysis/checkRow";
import { type Severities, severityOf } from "../../analysis/place";
import type { FieldMapping } from "../../dataset/fields";
import { readSample } from "../../dataset/formats";
import { isObject, parseJsonText } from "../../dataset/values";
import { applyEdits, collide, EditChain, type TextEdit } from "../../jsonl/edits";
import { parseJson } from "../../jsonl/parse";
import { styleOf } from "../../jsonl/treeEdits";
import { BUILTIN } from "../../rules/builtin";
import { DELETE_ROW, type Fix, type FixableRow } from "../../rules/fix/fix";
import { fixRuleOf } from "../../rules/fix/registry";

/** What fixes are judged against: the same as the row's findings. */
export type FixContext = CheckContext & { readonly severities: Severities };

/** A fix that keeps its promises, for a finding of the row. */
export interface RowFix extends Fix {
  readonly rule: string;
  /** The finding's place in the row's text. */
  readonly span: Span;
}

/** Which fixes are made to all rows: one kind of fix of one rule, or whatever is safe. */
export type FixChoice = { readonly rule: string; readonly id: string } | "safe";

/** The row as fixes see it. */
export function fixableRow(text: string, fields: FieldMapping, expectedFormat?: string): FixableRow {
  const { tree, problems } = parseJson(text);
  const value = problems.length > 0 ? undefined : parseJsonText(text);
  const sample = isObject(value) ? readSample(value, fields) : undefined;
  return { tree, style: styleOf(tree), problems, sample, expectedFormat };
}

/**
 * The fixes of the row's findings in `span`. Each was tried: it takes its finding away and brings no new error, except that a
 * row which becomes readable may then be found to have others.
 */
export function fixesIn(text: string, span: Span, context: FixContext): RowFix[] {
  const before = checkRow({ text, invalid: [] }, context);
  const row = fixableRow(text, context.fields, context.expectedFormat);
  const found = before.findings.filter((finding) => touches(finding.span, span) && isShown(finding, context));
  return found.flatMap((finding) => fixesOf(row, finding, before, context));
}

function fixesOf(row: FixableRow, finding: RowFinding, before: RowResult, context: FixContext): RowFix[] {
  const kept = new Map<string, Fix>();
  for (const fix of fixRuleOf(finding.rule.id)?.(row, finding) ?? []) {
    if (!kept.has(fix.id) && keepsPromises(row.tree.text, fix.edits, finding, before, context)) kept.set(fix.id, fix);
  }
  if (canBeDeleted(finding)) kept.set(DELETE_ROW.id, DELETE_ROW);
  return [...kept.values()].map((fix) => ({ ...fix, rule: finding.rule.id, span: finding.span }));
}

/** How often a row is looked at again after fixes were made to it. What is left then has to be fixed by hand. */
const MAX_PASSES = 50;

/**
 * Makes the chosen fixes to all findings of the row, also to those that come up on the way.
 * @returns the edits of the row's text, that the row shall go, or undefined where there is nothing to fix.
 */
export function fixRow(text: string, choice: FixChoice, context: FixContext): readonly TextEdit[] | "delete row" | undefined {
  const chain = new EditChain(text);
  let now = text;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const edits = passOver(now, choice, context);
    if (edits === undefined) break;
    if (edits === "delete row") return edits;
    chain.step(edits);
    const wasLine = !now.includes("\n");
    now = applyEdits(now, edits);
    // What has become several rows is no longer one to look at again.
    if (wasLine && now.includes("\n")) break;
  }
  return now === text ? undefined : chain.edits();
}

/** The first fix of each finding, all at once where that keeps what each of them promises, else only the first. */
function passOver(text: string, choice: FixChoice, context: FixContext): readonly TextEdit[] | "delete row" | undefined {
  const before = checkRow({ text, invalid: [] }, context);
  const row = fixableRow(text, context.fields, context.expectedFormat);
  const together: TextEdit[] = [];
  let first: readonly TextEdit[] | undefined;
  let last: RowFinding | undefined;
  for (const finding of before.findings) {
    if (!isShown(finding, context) || (choice !== "safe" && finding.rule.id !== choice.rule)) continue;
    if (choice !== "safe" && choice.id === DELETE_ROW.id) return canBeDeleted(finding) ? "delete row" : undefined;
    const wanted = (fix: Fix): boolean => (choice === "safe" ? fix.safe : fix.id === choice.id);
    const candidates = fixRuleOf(finding.rule.id)?.(row, finding).filter(wanted) ?? [];
    const fix = candidates.find(({ edits }) => keepsPromises(text, edits, finding, before, context));
    if (fix === undefined || fix.edits === "delete row") continue;
    first ??= fix.edits;
    if (collide(together, fix.edits)) continue;
    together.push(...fix.edits);
    last = finding;
  }
  if (first === undefined || last === undefined) return undefined;
  return first.length === together.length || keepsPromises(text, together, last, before, context) ? together : first;
}

/** Whether the edits take a finding of the rule away and bring no new error. */
function keepsPromises(text: string, edits: Fix["edits"], { rule }: RowFinding, before: RowResult, context: FixContext): boolean {
  if (edits === "delete row") return true;
  if (edits.length === 0) return false;
  const after = checkAfter(applyEdits(text, edits), text, context);
  if (countOf(after, rule.id) >= countOf(before.findings, rule.id)) return false;
  // What the other rules have against a row is only seen once it can be read.
  if (rule.id === BUILTIN.jsonSyntax.id) return true;
  const errors = new Set(after.filter((finding) => severityOf(finding.rule, context.severities) === "error").map((finding) => finding.rule.id));
  return [...errors].every((id) => countOf(after, id) <= countOf(before.findings, id));
}

/** The findings of an edited row, of all its rows where one line became several. */
function checkAfter(edited: string, text: string, context: CheckContext): readonly RowFinding[] {
  const rows = text.includes("\n") ? [edited] : edited.split("\n");
  return rows.flatMap((row) => checkRow({ text: row, invalid: [] }, context).findings);
}

function countOf(findings: readonly RowFinding[], rule: string): number {
  return findings.reduce((count, finding) => (finding.rule.id === rule ? count + 1 : count), 0);
}

function isShown(finding: RowFinding, context: FixContext): boolean {
  return severityOf(finding.rule, context.severities) !== undefined;
}

/** A row is not thrown away because of what another engine makes of it. */
function canBeDeleted(finding: RowFinding): boolean {
  return finding.rule.id !== BUILTIN.templateEngineDiffers.id;
}

function touches(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end;
}
