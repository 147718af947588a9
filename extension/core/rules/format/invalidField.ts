import type { Expected, Fault } from "../../dataset/conversation";
import { describeKind, valueAt } from "../../dataset/values";
import { findNode } from "../../jsonl/pointer";
import { onOneLine, quoted, replaceNode, writtenObject } from "../../jsonl/treeEdits";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { expectedRole, isShareGpt, removeTurn, roleWord, turnAt } from "../fix/turns";
import type { Found, SampleRule } from "../rule";

/** A member that the format needs holds something else than the format says. */
export const invalidField: SampleRule = {
  meta: {
    id: "format/invalid-field",
    severity: "error",
    description: "A member holds the wrong kind of value, such as a string where the list of messages belongs. Trainers stop at the row.",
  },
  check(sample, report) {
    for (const fault of sample.faults) {
      if (fault.kind !== "field") continue;
      const found = describeKind(valueAt(sample.value, fault.pointer));
      report({
        place: { pointer: fault.pointer },
        message: WORDS[fault.expected](fault, found),
        data: { field: fault.field, expected: fault.expected, found },
      });
    }
  },
  fix: conversions,
};

/** Lists that are stored as a text or without their brackets, and values that are stored without quotes. */
function conversions(row: FixableRow, found: Found): readonly Fix[] {
  const node = findNode(row.tree, found.pointer);
  if (node === undefined) return [];
  const { tree, style } = row;
  const kind = tree.kind(node);
  const fixes: Fix[] = [];
  if (kind === "string") {
    const inner = tree.string(node);
    // Whether it is what belongs here is seen by making the edit.
    if (/^\s*[[{]/.test(inner)) fixes.push(safeFix("unquote", "Replace the text with the JSON that it holds", [replaceNode(tree, node, onOneLine(inner))]));
    if (found.data["expected"] === "message") fixes.push(...asMessage(row, found.pointer));
  }
  if (kind === "object") fixes.push(safeFix("wrap", "Put it into a list", [replaceNode(tree, node, `[${tree.source(node)}]`)]));
  if (kind === "number" || kind === "true" || kind === "false") {
    fixes.push(safeFix("as-text", "Write it as a text", [replaceNode(tree, node, quoted(tree.source(node), style))]));
  }
  const place = turnAt(row, found.pointer);
  if (place?.turn.pointer === found.pointer) {
    fixes.push(chosenFix("remove-turn", "Remove this turn", removeTurn(row, place)));
  }
  return fixes;
}

function asMessage(row: FixableRow, pointer: string): readonly Fix[] {
  const { tree, style } = row;
  const place = turnAt(row, pointer);
  if (place === undefined) return [];
  const shareGpt = isShareGpt(place);
  const word = roleWord(place, expectedRole(place));
  const members = [[shareGpt ? "from" : "role", quoted(word, style)], [shareGpt ? "value" : "content", tree.source(place.node)]] as const;
  return [chosenFix("as-message", `Make it a message of the role '${word}'`, [replaceNode(tree, place.node, writtenObject(members, style))])];
}

type Wording = (fault: Fault, found: string) => string;

const mustBe =
  (what: string): Wording =>
  ({ field }, found) =>
    `\`${field}\` must be ${what}, but is ${found}.`;

const WORDS: Readonly<Record<Expected, Wording>> = {
  "message list": ({ field }, found) =>
    `\`${field}\` must be a list of messages, but is ${found}.` +
    (found === "a string" ? " Store the list itself: few trainers decode a list that is stored as JSON text." : ""),
  message: (_, found) => `A message must be an object such as {"role": "user", "content": "…"}, but this one is ${found}.`,
  text: mustBe("a string"),
  "text or message list": mustBe("a string or a list of messages"),
  answer: mustBe("an answer: a string, a list of messages or one message"),
  "input object": mustBe('an object such as {"messages": […]}'),
  "input with messages": ({ field }) => `\`${field}\` has no \`messages\`. Put the conversation up to the compared answers there.`,
  "output list": mustBe("a list of one assistant message"),
  "tool list": mustBe("a list of tools, or the JSON text of one"),
  "tool call list": mustBe("a list of calls"),
  "function call": () =>
    'The value of a `function_call` turn must be the JSON text of a call, such as {"name": "search", "arguments": {}}. ' +
    "LLaMA-Factory stops at anything else.",
  history: mustBe("a list of [question, answer] pairs"),
  "history pair": () => "An entry of the history must be a pair of strings: [question, answer].",
  content: mustBe("a string or a list of content parts"),
  "content part": mustBe("a content part"),
  "part text": mustBe("a string"),
  "token id": (_, found) => `Token ids must be whole numbers from 0 on, but this is ${found === "a number" ? "another number" : found}.`,
  "entry for every id": ({ field }) => `\`${field}\` must have as many entries as \`input_ids\`: one for each token.`,
};
