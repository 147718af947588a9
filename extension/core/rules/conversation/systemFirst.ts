import type { Turn } from "../../dataset/conversation";
import { moveElement } from "../../jsonl/treeEdits";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { listedTurn, mergeTurns, removeTurn, turnAt } from "../fix/turns";
import type { FindingDraft, Found, SampleRule } from "../rule";
import { isSystem, rolePlace, sharedTurns } from "./turns";

/** A system turn stands inside the conversation, or there are two. */
export const systemFirst: SampleRule = {
  meta: {
    id: "conversation/system-first",
    severity: "warning",
    description: "A system or developer turn is not at the beginning, or there is a second one. Templates refuse it, ignore it or move it.",
  },
  check(sample, report) {
    for (let i = 0; i < sample.conversations.length; i++) {
      const turns = sample.conversations[i]?.turns ?? [];
      const judged = sharedTurns(sample, i);
      let leading = true;
      let system: Turn | undefined;
      let developer: Turn | undefined;
      for (let t = 0; t < turns.length; t++) {
        const turn = turns[t];
        if (turn === undefined) continue;
        if (isSystem(turn)) {
          const twin = turn.role === "system" ? system : developer;
          if (t >= judged && (!leading || twin !== undefined)) report(describe(turn, leading, twin));
          if (turn.role === "system") system ??= turn;
          else developer ??= turn;
        } else if (turn.role !== undefined) {
          // A turn whose role is not known may be a misspelt system turn.
          leading = false;
        }
      }
    }
  },
  fix: movings,
};

function movings(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined) return [];
  const { conversation, turn, list, element } = place;
  const first = listedTurn(row, conversation, conversation.turns.findIndex((other) => other.role === turn.role));
  const fixes: Fix[] = [];
  if (first !== undefined && first.turn !== turn) {
    const edits = first.list === list ? mergeTurns(row, first, place) : undefined;
    if (edits !== undefined) fixes.push(safeFix("join-system", `Join it with the first ${turn.role} turn`, edits));
  } else fixes.push(safeFix("move-to-beginning", "Move it to the beginning", moveElement(row.tree, list, element, 0, row.style)));
  return [...fixes, chosenFix("remove-turn", `Remove this ${turn.role} turn`, removeTurn(row, place))];
}

function describe(turn: Turn, leading: boolean, twin: Turn | undefined): FindingDraft {
  const draft = {
    place: rolePlace(turn),
    message: leading
      ? `This is a second ${turn.role} turn. Join it with the first: most templates take one only.`
      : `This ${turn.role} turn is not at the beginning. Move it there: most templates refuse or ignore it here.`,
    data: { role: turn.role ?? "" },
  };
  return twin === undefined ? draft : { ...draft, related: [{ place: rolePlace(twin), message: `The first ${turn.role} turn.` }] };
}
