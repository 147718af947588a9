import { removeEntries } from "../../jsonl/treeEdits";
import { convertAllArguments } from "./convert/arguments";
import { type Fix, type FixableRow, chosenFix, isIn, safeFix } from "./fix";
import { listedTurn, mergeTurns } from "./turns";
import type { Found } from "../rule";

/** What templates are known to stumble over; whether it helps is seen by rendering the row again. */
export function refusedFixes(row: FixableRow, found: Found): readonly Fix[] {
  return [
    safeFix("arguments-object", "Write the arguments of tool calls as objects", convertAllArguments(row, "object")),
    safeFix("arguments-text", "Write the arguments of tool calls as JSON texts", convertAllArguments(row, "text")),
    ...foldSystem(row, found),
  ];
}

/** Some templates know no system role; their models were trained with its text in the first user turn. */
function foldSystem(row: FixableRow, { pointer }: Found): readonly Fix[] {
  const conversation = row.sample?.conversations.find((each) => isIn(each, pointer));
  const system = conversation === undefined ? undefined : listedTurn(row, conversation, 0);
  const user = conversation === undefined ? undefined : listedTurn(row, conversation, 1);
  if (system?.turn.role !== "system" || user?.turn.role !== "user" || system.list !== user.list) return [];
  const merged = mergeTurns(row, system, user);
  const { rolePointer } = system.turn;
  const word = user.turn.rawRole;
  if (merged === undefined || rolePointer === null || typeof word !== "string") return [];
  const name = rolePointer.slice(rolePointer.lastIndexOf("/") + 1);
  const role = row.tree.member(system.node, name);
  if (role === undefined) return [];
  const edit = { ...row.tree.span(row.tree.valueOf(role)), text: JSON.stringify(word) };
  return [chosenFix("fold-system", "Put the system text into the first user turn", [edit, ...merged])];
}

/** How many exchanges at the end are tried to be left out; a row that is still too long then wants a person's look. */
const MAX_EXCHANGES = 4;

/** Leaves out exchanges at the end, as few as it takes. */
export function overLengthFixes(row: FixableRow, found: Found): readonly Fix[] {
  const conversation = row.sample?.conversations.find((each) => isIn(each, found.pointer));
  if (conversation === undefined) return [];
  const fixes: Fix[] = [];
  let end = conversation.turns.length;
  for (let exchanges = 1; exchanges <= MAX_EXCHANGES; exchanges++) {
    const start = conversation.turns.slice(0, end).findLastIndex(({ role }) => role === "user");
    const first = start === -1 ? undefined : listedTurn(row, conversation, start);
    if (first === undefined || start === 0) break;
    const title = exchanges === 1 ? "Remove the last exchange" : `Remove the last ${exchanges} exchanges`;
    fixes.push(chosenFix("remove-exchanges", title, removeEntries(row.tree, first.list, first.element, conversation.turns.length - start)));
    end = start;
  }
  return fixes;
}

/** Whoever adds the token goes on adding it. */
export function doubleBosFixes(_: FixableRow, { span }: Found): readonly Fix[] {
  return [safeFix("remove-bos", "Remove the BOS token", [{ ...span, text: "" }])];
}
