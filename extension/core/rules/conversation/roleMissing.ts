import type { Turn } from "../../dataset/conversation";
import { isObject, valueAt } from "../../dataset/values";
import type { SampleRule } from "../rule";
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
};

/** Implied roles have no place of their own, so a null that has one is the row's. */
function lacksRole(turn: Turn): boolean {
  return turn.role === undefined && turn.rolePointer !== null && (turn.rawRole === undefined || turn.rawRole === null);
}
