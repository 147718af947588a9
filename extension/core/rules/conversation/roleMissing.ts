import type { Turn } from "../../dataset/conversation";
import { isObject, valueAt } from "../../dataset/values";
import { findKey } from "../../jsonl/pointer";
import { insertEntry, quoted, replaceNode } from "../../jsonl/treeEdits";
import { type Fix, type FixableRow, chosenFix } from "../fix/fix";
import { expectedRole, isShareGpt, roleWord, turnAt } from "../fix/turns";
import type { Found, SampleRule } from "../rule";
import { forEachTurn, rolePlace } from "./turns";

/** A message does not say who speaks. */
export const roleMissing: SampleRule = {
  meta: {
    id: "role/missing",
    severity: "error",
    description: "A message has no role, so that no template knows who speaks. Trainers stop at the row.",
  },
  check(sample, report) {
    forEachTurn(sample, (turn) => {
      if (!lacksRole(turn)) return;
      const message = valueAt(sample.value, turn.pointer);
      const isShareGpt = isObject(message) && !Object.hasOwn(message, "content") && Object.hasOwn(message, "value");
      const [name, roles] = isShareGpt ? ["from", "system, human or gpt"] : ["role", "system, user, assistant or tool"];
      const found = turn.rawRole === null ? `The \`${name}\` of this message is null.` : `This message has no \`${name}\`.`;
      report({ place: rolePlace(turn), message: `${found} Say who speaks: ${roles}.` });
    });
  },
  fix: roles,
};

/** Says who speaks: first whoever should, going by the turns around. */
function roles(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined || row.tree.kind(place.node) !== "object") return [];
  const { tree, style } = row;
  const name = isShareGpt(place) ? "from" : "role";
  const key = findKey(tree, `${place.turn.pointer}/${name}`);
  const words = new Set(([expectedRole(place), "user", "assistant", "system"] as const).map((role) => roleWord(place, role)));
  return [...words].map((word) => {
    const value = quoted(word, style);
    const edit =
      key === undefined ? insertEntry(tree, place.node, 0, `"${name}"${style.colon}${value}`, style) : replaceNode(tree, tree.valueOf(key), value);
    return chosenFix(`set-${word}`, `Set the role to '${word}'`, [edit]);
  });
}

/** Implied roles have no place of their own, so a null that has one is the row's. */
function lacksRole(turn: Turn): boolean {
  return turn.role === undefined && turn.rolePointer !== null && (turn.rawRole === undefined || turn.rawRole === null);
}
