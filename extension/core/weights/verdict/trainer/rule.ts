import type { EmbeddingStatistics } from "../../statistics/embeddingStatistics";
import type { UnslothBehaviour } from "./history";
import type { SpecialIds } from "../vocabulary";

/** What the rule says of the rows of a model; ids ascend. */
export interface RuleResult {
  /** How many rows were looked at. */
  readonly looked: number;
  /** Rows that it holds for untrained. */
  readonly untrained: readonly number[];
  /** Rows that it would hold for untrained, were they not of special tokens. */
  readonly exempt: readonly number[];
}

/** The parts of a behaviour that decide which rows are untrained. */
export type RowRule = Pick<UnslothBehaviour, "usesOutput" | "findsRepeated" | "cut" | "exempt">;

/** Axolotl's copy of the rule spares no special token but pad. */
export const AXOLOTL_RULE: RowRule = { usesOutput: true, findsRepeated: true, cut: "rows", exempt: ["pad"] };

/**
 * Unsloth's rule: the largest value of the input row, with its sign, is at most 1e-16, and that of the output row too, or the
 * output row is the same as that of another such row once both are rounded to three decimals. (So rows whose values are all
 * negative count as untrained, and rows with a NaN do not.)
 */
export function applyRule(statistics: EmbeddingStatistics, rule: RowRule, special: SpecialIds): RuleResult {
  const { input, output, columns, repeatedOutput } = statistics;
  const shared = Math.min(input.atMostEps.length, output.atMostEps.length);
  const looked = rule.cut === "columns" ? Math.min(columns, shared) : shared;
  const repeated = new Set(rule.findsRepeated ? repeatedOutput.flatMap((group) => repeatedBelow(group, looked)) : []);
  const exemptIds = new Set(rule.exempt.map((name) => special[name]));
  const untrained: number[] = [];
  const exempt: number[] = [];
  for (let id = 0; id < looked; id++) {
    if (input.atMostEps[id] !== 1) continue;
    if (rule.usesOutput && output.atMostEps[id] !== 1 && !repeated.has(id)) continue;
    (exemptIds.has(id) ? exempt : untrained).push(id);
  }
  return { looked, untrained, exempt };
}

/** Rows beyond the cut are not there to be the same as. */
function repeatedBelow(group: readonly number[], looked: number): readonly number[] {
  const below = group.filter((id) => id < looked);
  return below.length > 1 ? below : [];
}

/** The ids whose use spoils a run whether or not a trainer says so: input rows of at most epsilon, and rows with NaN or infinity. */
export function harmfulRows({ input, output }: EmbeddingStatistics): number[] {
  const ids: number[] = [];
  for (let id = 0; id < input.max.length; id++) {
    if (input.atMostEps[id] === 1 || input.nonFinite[id] !== 0 || (output.nonFinite[id] ?? 0) !== 0) ids.push(id);
  }
  return ids;
}
