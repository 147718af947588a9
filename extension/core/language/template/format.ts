import { parseTemplate } from "../../jinja/syntax/parser";
import type { Token } from "../../jinja/syntax/token";
import { type TextEdit, applyEdits } from "../../jsonl/edits";
import { type TagBlock, blocksOf, tagsOf } from "./tags";

/**
 * The edits that lay a chat template out: one space inside of each tag's ends and behind commas, tags that begin a line
 * indented by the blocks around them, and no white space at the ends of lines. Only what `trim_blocks`, `lstrip_blocks` and
 * `-` take out of the prompt anyway is touched, so that every prompt stays as it is, to the character. None for a template
 * that does not compile.
 * @param indent what a block is indented with
 */
export function formatEdits(source: string, indent: string): readonly TextEdit[] {
  const { tokens, errors } = parseTemplate(source);
  if (errors.length > 0) return [];
  const edits = [...spacing(tokens), ...indentation(source, tokens, indent), ...lineEnds(tokens)].filter(({ start, end, text }) => source.slice(start, end) !== text);
  const formatted = parseTemplate(applyEdits(source, edits));
  return meaningOf(formatted.tokens) === meaningOf(tokens) ? edits : [];
}

/** Everything but white space that means nothing. */
function meaningOf(tokens: readonly Token[]): string {
  return JSON.stringify(tokens.filter(({ kind }) => kind !== "whitespace" && kind !== "trimmed").map(({ kind, value }) => [kind, value]));
}

/** White space within tags. Where a tag has line breaks, somebody has laid it out. */
function* spacing(tokens: readonly Token[]): Generator<TextEdit> {
  for (const [at, { kind, end, value }] of tokens.entries()) {
    const next = tokens[at + 1];
    if (next === undefined) return;
    const closes = next.kind === "variableEnd" || next.kind === "blockEnd";
    if (kind === "whitespace") {
      const { start } = tokens[at] as Token;
      if (!/[\r\n]/.test(value)) yield { start, end, text: " " };
    } else if (next.kind !== "whitespace" && (closes || kind === "variableBegin" || kind === "blockBegin" || (isOperator(tokens[at], ",") && !isOperator(next, ")", "]", "}")))) {
      yield { start: end, end, text: " " };
    }
  }
}

function isOperator(token: Token | undefined, ...values: readonly string[]): boolean {
  return token?.kind === "operator" && values.includes(token.value);
}

/** The white space before tags that are the first thing on their line. */
function* indentation(source: string, tokens: readonly Token[], indent: string): Generator<TextEdit> {
  const steps = levelSteps(source, blocksOf(tagsOf(tokens)));
  let level = 0;
  let step = 0;
  for (const { kind, start, value } of tokens) {
    if (!/Begin$|^rawEnd$/.test(kind)) continue;
    for (; (steps[step]?.at ?? start + 1) <= start; step++) level += steps[step]?.by ?? 0;
    const lineStart = Math.max(source.lastIndexOf("\n", start - 1), source.lastIndexOf("\r", start - 1)) + 1;
    // Blank lines before it may end in white space, which is no indentation.
    if (isTakenOutBefore(kind, value) && /^[ \t]*$/.test(source.slice(lineStart, start))) yield { start: lineStart, end: start, text: indent.repeat(level) };
  }
}

/** Whether white space between the beginning of the line and the tag never gets into the prompt. */
function isTakenOutBefore(kind: Token["kind"], opener: string): boolean {
  const sign = opener[2];
  return sign === "-" || (kind !== "variableBegin" && sign !== "+");
}

/** Where the level of indentation changes, in order: behind tags that begin a body, and at those that end it. */
function levelSteps(source: string, blocks: readonly TagBlock[]): readonly { readonly at: number; readonly by: number }[] {
  const steps: { readonly at: number; readonly by: number }[] = [];
  const lineOf = (offset: number): number => source.lastIndexOf("\n", offset - 1);
  const spansLines = ({ open, close }: TagBlock): boolean => lineOf(open.span.start) !== lineOf(close?.span.start ?? source.length);
  const add = ({ open, middle, close, children }: TagBlock): void => {
    const line = lineOf(open.span.start);
    // Several blocks that begin on one line are one step, that of the innermost.
    const by = children.some((child) => lineOf(child.open.span.start) === line && spansLines(child)) ? 0 : 1;
    steps.push({ at: open.span.end, by });
    for (const tag of middle) steps.push({ at: tag.span.start, by: -by }, { at: tag.span.end, by });
    if (close !== undefined) steps.push({ at: close.span.start, by: -by });
    for (const child of children) add(child);
  };
  for (const block of blocks) add(block);
  return steps.sort((a, b) => a.at - b.at);
}

/** White space at the ends of lines that no prompt has. */
function* lineEnds(tokens: readonly Token[]): Generator<TextEdit> {
  for (const { kind, start, value } of tokens) {
    if (kind !== "trimmed") continue;
    for (const { index, 0: spaces } of value.matchAll(/[ \t]+(?=[\r\n])/g)) yield { start: start + index, end: start + index + spaces.length, text: "" };
  }
}
