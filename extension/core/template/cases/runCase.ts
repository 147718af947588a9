import type { JsonObject } from "../../dataset/conversation";
import { RowSource } from "../../jsonl/rowSource";
import type { TextEdit } from "../../jsonl/edits";
import { insertEntry, quoted, replaceNode, styleOf } from "../../jsonl/treeEdits";
import { parseChatTemplate } from "../environment";
import { type PromptOutcome, refusalOutcome } from "../promptOutcome";
import type { TemplateCase } from "./caseFile";

/** Never throws: an error is what came of it. @param variables special tokens of the model; where the case has one of its own, its wins */
export function runCase({ input, now }: TemplateCase, template: string, variables: JsonObject): PromptOutcome {
  try {
    const parsed = parseChatTemplate(template, { name: "template", now });
    const { text, generation } = parsed.renderInput({ ...input, variables: { ...variables, ...input.variables } });
    return { kind: "prompt", text, generation };
  } catch (error) {
    return refusalOutcome(error);
  }
}

/** Whether that is what the case asks for. */
export function isExpected({ expected }: TemplateCase, outcome: PromptOutcome): boolean {
  if (expected?.kind !== outcome.kind) return false;
  return outcome.kind === "prompt" ? outcome.text === expected.text : outcome.message.includes(expected.text);
}

/** The edits that make an outcome what the case at `pointer` asks for; all else of the file stays as it is written. */
export function acceptEdits(text: string, pointer: string, outcome: PromptOutcome): readonly TextEdit[] {
  const source = new RowSource(text);
  const { tree } = source;
  const node = source.nodeAt(pointer);
  if (node === undefined || tree.kind(node) !== "object") return [];
  const style = styleOf(tree);
  const [key, value] = outcome.kind === "prompt" ? (["expected", outcome.text] as const) : (["error", outcome.message] as const);
  const known = tree.member(node, "expected") ?? tree.member(node, "error");
  const written = quoted(value, style);
  if (known !== undefined) return [replaceNode(tree, known, JSON.stringify(key)), replaceNode(tree, tree.valueOf(known), written)];
  return [insertEntry(tree, node, tree.children(node).length, JSON.stringify(key) + style.colon + written, style)];
}
