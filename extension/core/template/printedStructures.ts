import type { Conversation, JsonValue } from "../dataset/conversation";
import { isList } from "../dataset/values";
import { fromJsonTree, jsonDumps } from "../jinja/value/json";
import { repr } from "../jinja/value/repr";
import { textOf } from "../jinja/value/text";
import { PyDict, type Value, isList as isPyList } from "../jinja/value/types";
import type { RowSource } from "../jsonl/rowSource";
import type { RenderedPrompt } from "./environment";

/** A message's content that is no text, and stands in the prompt as Python writes a list or a dict. */
export interface PrintedStructure {
  /** Of the content, in the row. */
  readonly pointer: string;
  /** The beginning of what the prompt has. */
  readonly excerpt: string;
}

/** How much of a printed structure is shown. */
const EXCERPT = 60;

/**
 * The contents of a conversation that a template takes for texts although they are none: it prints them, and Python writes a
 * list of parts out with brackets, quotes and all. JSON that a template writes on purpose is another text, and is not found.
 * @param row what the conversation was read from
 * @param render the prompt, with `segments` where they are asked for; undefined where there is no template
 */
export function findPrintedStructures(conversation: Conversation, row: RowSource, render: (provenance: boolean) => RenderedPrompt | undefined): readonly PrintedStructure[] {
  if (!conversation.messages.some(hasStructure)) return [];
  const text = render(false)?.text;
  if (text === undefined) return [];
  const found = conversation.turns.flatMap(({ contentPointer: pointer }): PrintedStructure[] => {
    const node = pointer === null ? undefined : row.nodeAt(pointer);
    if (pointer === null || node === undefined) return [];
    const printed = writtenAs(fromJsonTree(row.tree, node)).find((written) => text.includes(written));
    return printed === undefined ? [] : [{ pointer, excerpt: printed.length > EXCERPT ? `${printed.slice(0, EXCERPT)}…` : printed }];
  });
  if (found.length === 0) return [];
  // A message may also quote such a text. Only what was computed from the content itself is meant.
  const { segments = [] } = render(true) ?? {};
  return found.filter(({ pointer }) =>
    segments.some((segment) => segment.source === undefined && (segment.pointers ?? [segment.pointer ?? ""]).some((from) => from.startsWith(`${pointer}/`)) && /^[[{(]/.test(text.slice(segment.start))),
  );
}

function hasStructure(message: JsonValue): boolean {
  if (typeof message !== "object" || message === null || isList(message)) return false;
  const { content } = message;
  return typeof content === "object" && content !== null;
}

/** What Python prints of a content, or of a part of it, where that is not JSON as well. */
function writtenAs(content: Value): readonly string[] {
  const values = isPyList(content) ? [content, ...content.filter((part) => part instanceof PyDict)] : content instanceof PyDict ? [content] : [];
  return values.flatMap((value) => {
    const written = repr(value);
    return written === textOf(jsonDumps(value)) ? [] : [written];
  });
}
