import type { Conversation } from "../../dataset/conversation";
import { findNode } from "../../jsonl/pointer";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { type ListedTurn, type NewTurn, insertTurn, listedTurn, mergeTurns, removeTurn, turnAt } from "../fix/turns";
import type { FindingDraft, Found, SampleRule } from "../rule";
import type { Misplaced } from "./order";
import { misplacedTurns } from "./order";
import { lacksAssistant, rolePlace, sharedTurns } from "./turns";

/** Turns follow each other in an order that templates and trainers do not take. */
export const alternation: SampleRule = {
  meta: {
    id: "conversation/alternation",
    severity: "warning",
    description:
      "User and assistant do not alternate, or a tool result and its call do not stand together. Many templates raise an error, " +
      "LLaMA-Factory drops the row.",
  },
  check(sample, report) {
    for (let i = 0; i < sample.conversations.length; i++) {
      const conversation: Conversation | undefined = sample.conversations[i];
      if (conversation === undefined || lacksAssistant(conversation)) continue;
      const judged = sharedTurns(sample, i);
      for (const misplaced of misplacedTurns(conversation.turns)) {
        if (misplaced.index >= judged) report(describe(misplaced));
      }
    }
  },
  fix: reorderings,
};

function reorderings(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined) return [];
  const insert = (title: string, turn: NewTurn): Fix => chosenFix("insert-turn", title, insertTurn(row, place, place.element, turn));
  const remove = chosenFix("remove-turn", "Remove this turn", removeTurn(row, place));
  switch (found.data["disorder"]) {
    case "first":
      return [insert("Insert a user turn before this one", { role: "user" }), remove];
    case "repeated": {
      const missing = place.turn.role === "user" ? "assistant" : "user";
      const article = missing === "user" ? "a user" : "an assistant";
      return [...merge(row, place), insert(`Insert ${article} turn between the two`, { role: missing }), remove];
    }
    case "no tool result":
      return [insert("Insert a tool turn with the result", { role: "tool", members: callId(row, place) }), remove];
    default:
      return [remove];
  }
}

/** Only with a neighbour: text that was on two sides of a system turn does not belong together. */
function merge(row: FixableRow, second: ListedTurn): readonly Fix[] {
  const first = listedTurn(row, second.conversation, second.index - 1);
  if (first?.turn.role !== second.turn.role || first?.list !== second.list) return [];
  const edits = mergeTurns(row, first, second);
  return edits === undefined ? [] : [safeFix("merge-turns", `Merge the two ${second.turn.role} turns`, edits)];
}

/** The `tool_call_id` that the result of the first call before `place` has to name. */
function callId({ tree }: FixableRow, { conversation, index }: ListedTurn): NonNullable<NewTurn["members"]> {
  const call = conversation.turns[index - 1]?.toolCalls[0];
  const id = call === undefined ? undefined : findNode(tree, `${call.pointer}/id`);
  return id === undefined ? [] : [["tool_call_id", tree.source(id)]];
}

function describe(misplaced: Misplaced): FindingDraft {
  const { turn, previous, disorder } = misplaced;
  const draft = {
    place: rolePlace(turn),
    message: messageFor(misplaced),
    data: { role: turn.role ?? "", disorder, ...(previous?.role === undefined ? {} : { previous: previous.role }) },
  };
  return previous === undefined ? draft : { ...draft, related: [{ place: rolePlace(previous), message: "The turn before." }] };
}

function messageFor({ turn, previous, disorder }: Misplaced): string {
  switch (disorder) {
    case "first":
      return `The conversation begins with ${article(turn.role)} turn, but the user must speak first. Many templates refuse this.`;
    case "repeated":
      return (
        `Two ${turn.role} turns follow each other. Join them, or add the turn that is missing between them: ` +
        "many templates refuse this and LLaMA-Factory drops the row."
      );
    case "no tool result":
      return `The assistant calls a tool, but ${article(turn.role)} turn follows instead of the tool's result. Add the tool turn.`;
    case "no tool call":
      return `A tool turn follows ${article(previous?.role)} turn that calls no tool. Add the call to the assistant turn before it.`;
  }
}

function article(role: string | undefined): string {
  return role === "assistant" ? "an assistant" : `a ${role}`;
}
