import type { JsonValue, Role, Turn } from "../../dataset/conversation";
import { FUNCTION_CALL, MESSAGE_ROLES, SHAREGPT_NAMES, SHAREGPT_ROLES, shareGptRole } from "../../dataset/turn/roles";
import { describeKind } from "../../dataset/values";
import type { TextEdit } from "../../jsonl/edits";
import { quoted, replaceNode } from "../../jsonl/treeEdits";
import { findNode } from "../../jsonl/pointer";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { expectedRole, roleWord, turnAt } from "../fix/turns";
import type { Found, SampleRule } from "../rule";
import { forEachTurn } from "./turns";

/** A message names a speaker that the format does not know. */
export const roleUnknown: SampleRule = {
  meta: {
    id: "role/unknown",
    severity: "error",
    description: "A message has a role that the format does not know. Trainers stop at the row or drop it; some templates skip the message.",
  },
  check(sample, report) {
    forEachTurn(sample, (turn) => {
      if (turn.role !== undefined || turn.rolePointer === null || turn.rawRole === undefined || turn.rawRole === null) return;
      const known = isShareGpt(turn) ? SHAREGPT_ROLES : MESSAGE_ROLES;
      const suggestion = nearest(turn.rawRole, known, isShareGpt(turn));
      const advice = suggestion === undefined ? `Known are ${known.join(", ")}.` : `Did you mean \`${suggestion}\`?`;
      report({
        place: { pointer: turn.rolePointer },
        message: `${describeRole(turn.rawRole)} ${advice}`,
        data: { role: nameOf(turn.rawRole), known, ...(suggestion === undefined ? {} : { suggestion }) },
      });
    });
  },
  fix: renamings,
};

/** The role that was meant, if that is plain, then who should speak here, then all others. */
function renamings(row: FixableRow, found: Found): readonly Fix[] {
  const node = findNode(row.tree, found.pointer);
  const place = turnAt(row, found.pointer);
  if (node === undefined) return [];
  const rename = (word: string): TextEdit[] => [replaceNode(row.tree, node, quoted(word, row.style))];
  const { suggestion, known } = found.data;
  const fixes: Fix[] = [];
  if (typeof suggestion === "string") fixes.push(safeFix("rename", `Change the role to '${suggestion}'`, rename(suggestion)));
  const expected = place === undefined ? [] : [roleWord(place, expectedRole(place))];
  const others = new Set([...expected, ...(Array.isArray(known) ? (known as readonly string[]) : [])]);
  for (const word of others) {
    // A call is more than a role.
    if (word === suggestion || word === "developer" || word === FUNCTION_CALL) continue;
    fixes.push(chosenFix(`rename-to-${word}`, `Change the role to '${word}'`, rename(word)));
  }
  return fixes;
}

function isShareGpt(turn: Turn): boolean {
  return turn.rolePointer?.endsWith("/from") ?? false;
}

function describeRole(role: JsonValue): string {
  if (typeof role !== "string") return `A role must be a string, but this one is ${describeKind(role)}.`;
  return role === "" ? "The role is an empty string." : `The role ${JSON.stringify(nameOf(role))} is not known.`;
}

/** Roles longer than this are cut in messages: they are text in the wrong place. */
const LONGEST_NAME = 40;

function nameOf(role: JsonValue): string {
  if (typeof role !== "string") return describeKind(role);
  return role.length > LONGEST_NAME ? `${role.slice(0, LONGEST_NAME)}…` : role;
}

/** How many letters may differ for a role to be taken as misspelt; of short words, at most half. */
const FARTHEST = 2;

/** The role that the writer may have meant: another spelling, another tool's word for it, or one with a typing mistake. */
function nearest(raw: JsonValue, known: readonly string[], shareGpt: boolean): string | undefined {
  if (typeof raw !== "string" || raw.length > LONGEST_NAME) return undefined;
  const word = raw.trim().toLowerCase().replaceAll("-", "_").replaceAll(" ", "_");
  if (known.includes(word)) return word;
  const role = SYNONYMS.get(word) ?? shareGptRole(word);
  if (role !== undefined) return shareGpt ? SHAREGPT_NAMES[role] : role;
  let best: string | undefined;
  let distance = Math.min(FARTHEST, word.length >> 1) + 1;
  for (const name of known) {
    const d = editDistance(word, name);
    if (d < distance) [best, distance] = [name, d];
  }
  return best;
}

const SYNONYMS: ReadonlyMap<string, Role> = new Map([
  ["ai", "assistant"],
  ["bot", "assistant"],
  ["chatbot", "assistant"],
  ["agent", "assistant"],
  ["tool_call", "assistant"],
  ["customer", "user"],
  ["instruction", "system"],
  ["tools", "tool"],
  ["tool_response", "tool"],
  ["tool_result", "tool"],
]);

/** Levenshtein distance: how many letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
