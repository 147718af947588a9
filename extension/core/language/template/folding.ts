import { LineMap } from "../../../base/text";
import { type TagBlock, blocksOf } from "./tags";
import type { TemplateText } from "./templateText";

/** Lines `[startLine, endLine]` that can be folded, 0-based; the first one stays in view. */
export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: "block" | "comment";
}

/** What can be folded: the bodies of blocks, each branch of its own, and comments. In the order of the source. */
export function foldsOf(template: TemplateText): Fold[] {
  const lines = new LineMap(template.source);
  const lineOf = (offset: number): number => lines.positionAt(offset).line - 1;
  const folds: Fold[] = [];
  const add = (start: number, end: number, kind: Fold["kind"]): void => {
    if (end > start) folds.push({ startLine: start, endLine: end, kind });
  };
  const addBlock = ({ open, middle, close, children }: TagBlock): void => {
    const tags = [open, ...middle];
    for (const [at, tag] of tags.entries()) {
      const next = tags[at + 1] ?? close;
      // The line of the next tag stays, so that the branches can be seen.
      if (next !== undefined) add(lineOf(tag.span.start), lineOf(next.span.start) - 1, "block");
    }
    for (const child of children) addBlock(child);
  };
  for (const block of blocksOf(template.tags)) addBlock(block);
  let comment: number | undefined;
  for (const { kind, start, end } of template.parsed.tokens) {
    if (kind === "commentBegin") comment = start;
    else if (kind === "commentEnd" && comment !== undefined) add(lineOf(comment), lineOf(end - 1), "comment");
  }
  return folds.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}
