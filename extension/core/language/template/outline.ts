import type { Span } from "../../../base/text";
import { type Tag, type TagBlock, blocksOf, opensBlock } from "./tags";
import type { TemplateText } from "./templateText";

/** What an entry of the outline stands for. */
export type OutlineKind = "macro" | "block" | "loop" | "branch" | "variable" | "generation" | "section";

/** An entry of the outline. */
export interface OutlineEntry {
  readonly name: string;
  /** The tag's keyword where the name does not say it. */
  readonly detail: string;
  readonly kind: OutlineKind;
  readonly span: Span;
  /** What is selected when the entry is chosen; lies in `span`. */
  readonly selection: Span;
  readonly children: readonly OutlineEntry[];
}

/** The longest name of an entry. */
const MAX_NAME = 80;

/** The blocks of a template and the variables it sets, as a tree in the order of the source. */
export function outlineOf(template: TemplateText): OutlineEntry[] {
  const sets = template.tags.filter((tag) => tag.keyword === "set" && !opensBlock(tag));
  return entriesFor(blocksOf(template.tags), { start: 0, end: template.source.length }, sets, template);
}

/** The entries for blocks and for the `set` tags that stand in `span` but in none of them. */
function entriesFor(blocks: readonly TagBlock[], span: Span, sets: readonly Tag[], template: TemplateText): OutlineEntry[] {
  const inside = sets.filter((set) => set.span.start >= span.start && set.span.end <= span.end);
  const entries = blocks.flatMap((block) => blockEntries(block, span.end, inside, template));
  const free = inside.filter((set) => !entries.some((entry) => entry.span.start <= set.span.start && set.span.end <= entry.span.end));
  const variables = free.map((set) => entryFor(set, set.span, [], template));
  return [...entries, ...variables].sort((a, b) => a.span.start - b.span.start);
}

function blockEntries({ open, middle, close, children }: TagBlock, outerEnd: number, sets: readonly Tag[], template: TemplateText): OutlineEntry[] {
  const end = close?.span.end ?? outerEnd;
  if (open.keyword !== "if") {
    const span = { start: open.span.start, end };
    return [entryFor(open, span, entriesFor(children, { start: open.span.end, end }, sets, template), template)];
  }
  // Each branch is an entry of its own.
  const tags = [open, ...middle];
  return tags.map((tag, at) => {
    const span = { start: tag.span.start, end: tags[at + 1]?.span.start ?? end };
    const inside = children.filter((child) => child.open.span.start >= span.start && child.open.span.start < span.end);
    return entryFor(tag, span, entriesFor(inside, { start: tag.span.end, end: span.end }, sets, template), template);
  });
}

function entryFor(tag: Tag, span: Span, children: readonly OutlineEntry[], template: TemplateText): OutlineEntry {
  const kind = KINDS[tag.keyword] ?? "section";
  const said = saidIn(tag, template);
  const name = kind === "variable" ? targetIn(tag, template) : kind === "macro" || kind === "block" ? said : `${tag.keyword} ${said}`.trimEnd();
  return { name: clip(name === "" ? tag.keyword : name), detail: kind === "variable" || kind === "macro" || kind === "block" ? tag.keyword : "", kind, span, selection: tag.span, children };
}

const KINDS: Readonly<Record<string, OutlineKind>> = {
  macro: "macro",
  block: "block",
  for: "loop",
  if: "branch",
  elif: "branch",
  else: "branch",
  set: "variable",
  generation: "generation",
};

/** What a tag says behind its keyword, on one line. */
function saidIn({ tokens }: Tag, template: TemplateText): string {
  const [first] = tokens;
  const last = tokens.at(-1);
  return first === undefined || last === undefined ? "" : template.text({ start: first.start, end: last.end }).replaceAll(/\s+/g, " ");
}

/** What a `set` tag assigns to. */
function targetIn({ tokens }: Tag, template: TemplateText): string {
  const [first] = tokens;
  const end = tokens.find(({ kind, value }) => kind === "operator" && (value === "=" || value === "|"))?.start ?? tokens.at(-1)?.end;
  return first === undefined || end === undefined ? "" : template.text({ start: first.start, end }).trim();
}

function clip(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;
}
