import { DEFAULT_FIELDS } from "../dataset/fields";
import { readSample } from "../dataset/formats";
import { pointerSteps } from "../jsonl/pointer";
import { SAMPLE_RULES } from "../rules/registry";
import { type NewTurn, messagesOf } from "./turns";

/**
 * What the rules for datasets say of the turns: for each turn that something is wrong with, by its index, the messages one
 * after the other. A conversation that waits for an answer is not reproached with its end.
 */
export function turnProblems(turns: readonly NewTurn[]): ReadonlyMap<number, string> {
  // The answer that is awaited: the rules say nothing of roles in a conversation without any.
  const awaited: readonly NewTurn[] = turns.at(-1)?.role === "assistant" ? [] : [{ role: "assistant", content: "…" }];
  const sample = readSample({ messages: messagesOf([...turns, ...awaited]) }, DEFAULT_FIELDS);
  const problems = new Map<number, string>();
  if (sample === undefined) return problems;
  for (const rule of SAMPLE_RULES) {
    rule.check(sample, ({ place, message }) => {
      const index = Number(pointerSteps(place.pointer)[1]);
      if (!Number.isInteger(index) || index >= turns.length) return;
      const before = problems.get(index);
      problems.set(index, before === undefined ? message : `${before} ${message}`);
    });
  }
  return problems;
}
