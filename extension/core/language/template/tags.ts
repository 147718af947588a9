import type { Span } from "../../../base/text";
import type { Token } from "../../jinja/syntax/token";

/** A `{% … %}` tag, a raw tag included. */
export interface Tag {
  readonly keyword: string;
  readonly keywordSpan: Span;
  /** From `{%` to `%}`. */
  readonly span: Span;
  /** What stands between the keyword and `%}`, white space left out. */
  readonly tokens: readonly Token[];
}

/** The tags of a template in order, also those that are wrong. */
export function tagsOf(tokens: readonly Token[]): Tag[] {
  const tags: Tag[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const { kind, start, end, value } = token;
    if (kind === "rawBegin" || kind === "rawEnd") {
      const keyword = kind === "rawBegin" ? "raw" : "endraw";
      const from = start + value.indexOf(keyword);
      tags.push({ keyword, keywordSpan: { start: from, end: from + keyword.length }, span: { start, end }, tokens: [] });
    }
    if (kind !== "blockBegin") continue;
    const inside: Token[] = [];
    let last = end;
    while (++at < tokens.length) {
      const next = tokens[at];
      if (next === undefined || next.kind === "blockBegin" || next.kind === "variableBegin" || next.kind === "text") break;
      last = next.end;
      if (next.kind === "blockEnd") break;
      if (next.kind !== "whitespace") inside.push(next);
    }
    if (tokens[at]?.kind !== "blockEnd") at--;
    const [word, ...rest] = inside;
    if (word?.kind !== "name") continue;
    tags.push({ keyword: word.value, keywordSpan: { start: word.start, end: word.end }, span: { start, end: last }, tokens: rest });
  }
  return tags;
}

/** The tags that a body follows, up to `end` and their name. */
const BLOCK_TAGS: ReadonlySet<string> = new Set(["if", "for", "macro", "call", "filter", "with", "block", "autoescape", "generation", "raw"]);

/** Tags that end one body of a block and begin the next. */
const MIDDLE_TAGS: ReadonlySet<string> = new Set(["elif", "else"]);

/** Whether the tag begins a block. `set` does without `=`. */
export function opensBlock({ keyword, tokens }: Tag): boolean {
  if (BLOCK_TAGS.has(keyword)) return true;
  return keyword === "set" && tokens.length > 0 && !assigns(tokens);
}

function assigns(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { kind, value } of tokens) {
    if (kind !== "operator") continue;
    if (value === "=" && depth === 0) return true;
    if (value === "(" || value === "[" || value === "{") depth++;
    else if (value === ")" || value === "]" || value === "}") depth--;
  }
  return false;
}

/** A block with its tags: the first, those in its middle, and its last; undefined where that is missing. */
export interface TagBlock {
  readonly open: Tag;
  readonly middle: readonly Tag[];
  readonly close: Tag | undefined;
  readonly children: readonly TagBlock[];
}

interface OpenBlock {
  readonly open: Tag;
  readonly middle: Tag[];
  close: Tag | undefined;
  readonly children: OpenBlock[];
}

/** The blocks that the tags make. An end tag closes the innermost block of its name; those inside of it stay without an end. */
export function blocksOf(tags: readonly Tag[]): TagBlock[] {
  const roots: OpenBlock[] = [];
  const stack: OpenBlock[] = [];
  for (const tag of tags) {
    if (opensBlock(tag)) {
      const block: OpenBlock = { open: tag, middle: [], close: undefined, children: [] };
      (stack.at(-1)?.children ?? roots).push(block);
      stack.push(block);
    } else if (MIDDLE_TAGS.has(tag.keyword)) stack.at(-1)?.middle.push(tag);
    else if (tag.keyword.startsWith("end")) {
      const at = stack.findLastIndex(({ open }) => `end${open.keyword}` === tag.keyword);
      const block = stack[at];
      if (block === undefined) continue;
      block.close = tag;
      stack.length = at;
    }
  }
  return roots;
}

/** The blocks that are open at `offset`, the outermost first. */
export function openBlocksAt(tags: readonly Tag[], offset: number): Tag[] {
  const open: TagBlock[] = [];
  let blocks: readonly TagBlock[] = blocksOf(tags);
  for (;;) {
    const inner = blocks.find(({ open: { span }, close }) => span.end <= offset && (close === undefined || offset <= close.span.start));
    if (inner === undefined) return open.map((block) => block.open);
    open.push(inner);
    blocks = inner.children;
  }
}
