import type { Span } from "../../../../base/text";
import { parseJson } from "../../../jsonl/parse";
import { findNode, pointerTo } from "../../../jsonl/pointer";
import type { JsonTree, NodeId } from "../../../jsonl/tree";
import { quoted, styleOf } from "../../../jsonl/treeEdits";
import type { TextEdit } from "../../../jsonl/edits";

/** A chat template that stands as a string in a JSON file. */
export interface ConfigTemplate {
  /** The template's name; `default` where it has none of its own. */
  readonly name: string;
  /** JSON Pointer of the string. */
  readonly pointer: string;
  /** The string's place in the file, quotes included. */
  readonly span: Span;
}

const MEMBER = "chat_template";

/** The templates in tokenizer_config.json or chat_template.json: a string, or a list of `{name, template}`. Empty where there are none. */
export function configTemplates(text: string): ConfigTemplate[] {
  const { tree } = parseJson(text);
  const pointer = pointerTo("", MEMBER);
  const node = findNode(tree, pointer);
  if (node === undefined) return [];
  if (tree.kind(node) === "string") return [{ name: "default", pointer, span: tree.span(node) }];
  if (tree.kind(node) !== "array") return [];
  return tree.children(node).flatMap((entry, at): ConfigTemplate[] => {
    const template = memberOf(tree, entry, "template");
    const name = memberOf(tree, entry, "name");
    if (template === undefined || tree.kind(template) !== "string") return [];
    const title = name !== undefined && tree.kind(name) === "string" ? tree.string(name) : String(at);
    return [{ name: title, pointer: pointerTo(pointerTo(pointer, at), "template"), span: tree.span(template) }];
  });
}

function memberOf(tree: JsonTree, object: NodeId, name: string): NodeId | undefined {
  const key = tree.member(object, name);
  return key === undefined ? undefined : tree.valueOf(key);
}

/** The string at `pointer`; undefined where there is none any more. */
export function templateAt(text: string, pointer: string): string | undefined {
  const { tree } = parseJson(text);
  const node = findNode(tree, pointer);
  return node === undefined || tree.kind(node) !== "string" ? undefined : tree.string(node);
}

/**
 * The edit that makes `template` the string at `pointer`, and changes nothing else of the file; undefined where there is no
 * such string. Characters beyond ASCII are written as the file writes them. Lines end as they did: an editor that writes CRLF
 * does not bring it into a template that had none.
 */
export function replaceTemplate(text: string, pointer: string, template: string): TextEdit | undefined {
  const { tree } = parseJson(text);
  const node = findNode(tree, pointer);
  if (node === undefined || tree.kind(node) !== "string") return undefined;
  const old = tree.string(node);
  const written = old.includes("\r") ? template : template.replaceAll("\r\n", "\n");
  return { ...tree.span(node), text: written === old ? tree.source(node) : quoted(written, styleOf(tree)) };
}
