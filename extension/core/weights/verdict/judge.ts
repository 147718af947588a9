import type { Severity } from "../../rules/rule";
import { flaggedRows } from "../statistics/embeddingStatistics";
import { findSuspects, type Suspects } from "./indicators";
import type { RunModel } from "./trainer/predict";
import { CURRENT_UNSLOTH } from "./trainer/history";
import { applyRule } from "./trainer/rule";

/** What is wrong with a token's rows, the worst first. */
export type RowKind =
  /** The token has no row: using it reads outside of the matrix. */
  | "no-row"
  /** A row holds infinity or NaN. */
  | "non-finite"
  /** The input row's largest value is at most 1e-16. */
  | "zero"
  /** Only the output row's is. */
  | "zero-output"
  /** The input row's norm is far below the 2nd percentile. */
  | "near-zero"
  /** Among the 2 % that look least trained. */
  | "tail"
  /** The row belongs to no token, so nothing can use it. */
  | "no-token"
  /** Only the rows of some ids were read, and not this one. */
  | "not-measured"
  | "trained";

/** Whether training the rows takes away what is against a token. */
export function isAboutTraining(kind: RowKind): boolean {
  return kind === "zero" || kind === "zero-output" || kind === "near-zero";
}

/** The verdicts on a model's rows; all lists of ids ascend. */
export interface UntrainedReport extends Suspects {
  readonly rows: number;
  readonly columns: number;
  readonly tied: boolean;
  /** Rows whose largest value is at most 1e-16, of either matrix. */
  readonly zeroInput: readonly number[];
  readonly zeroOutput: readonly number[];
  /** What the current Unsloth holds for untrained, and what only its exceptions for special tokens take out. */
  readonly unsloth: readonly number[];
  readonly exempt: readonly number[];
  readonly nonFinite: readonly number[];
  /** Tokens with rows {@link Suspects.nearZeroNorm | near zero}, those that are zero left out. */
  readonly nearZero: readonly number[];
  readonly noToken: readonly number[];
  readonly noRow: readonly number[];
  /** The ids whose rows were looked at; left out where all were. */
  readonly measured?: ReadonlySet<number>;
}

/** Judges all rows of a model. */
export function judgeRows(model: RunModel): UntrainedReport {
  const { statistics, vocabulary, special } = model;
  const { input, output, columns, tied, measured } = statistics;
  const rule = applyRule(statistics, CURRENT_UNSLOTH, special);
  const suspects = findSuspects(statistics, vocabulary, special);
  const rows = input.max.length;
  const outputRows = output.max.length;
  const ids = (wanted: (id: number) => boolean, from: number, to: number): number[] => {
    const found: number[] = [];
    for (let id = from; id < to; id++) if (wanted(id)) found.push(id);
    return found;
  };
  const hasToken = (id: number): boolean => vocabulary.has(id);
  const isNearZero = (id: number): boolean => input.atMostEps[id] !== 1 && (input.l2[id] ?? 0) < suspects.nearZeroNorm && hasToken(id);
  const isNonFinite = (id: number): boolean => (input.nonFinite[id] ?? 0) + (output.nonFinite[id] ?? 0) > 0;
  return {
    ...suspects,
    rows,
    columns,
    tied,
    zeroInput: flaggedRows(input),
    zeroOutput: flaggedRows(output),
    unsloth: rule.untrained,
    exempt: rule.exempt,
    nonFinite: measured === undefined ? ids(isNonFinite, 0, Math.max(rows, outputRows)) : [...measured].filter(isNonFinite).sort((a, b) => a - b),
    nearZero: suspects.nearZeroNorm > 0 ? ids(isNearZero, 0, rows) : [],
    noToken: ids((id) => !hasToken(id), 0, rows),
    noRow: ids(hasToken, Math.min(rows, outputRows), vocabulary.size),
    ...(measured === undefined ? {} : { measured }),
  };
}

/** The verdicts on single tokens. */
export class TokenKinds {
  readonly #kinds = new Map<number, RowKind>();
  readonly #pad: number | undefined;
  readonly #report: UntrainedReport;

  constructor(report: UntrainedReport, pad: number | undefined) {
    this.#report = report;
    this.#pad = pad;
    const lists: readonly (readonly [RowKind, Iterable<number>])[] = [
      ["tail", report.suspects.map(({ id }) => id)],
      ["near-zero", report.nearZero],
      ["zero-output", report.zeroOutput],
      ["zero", report.zeroInput],
      ["no-token", report.noToken],
      ["non-finite", report.nonFinite],
      ["no-row", report.noRow],
    ];
    for (const [kind, ids] of lists) for (const id of ids) this.#kinds.set(id, kind);
  }

  /** What is worst about a token's rows. */
  of(id: number): RowKind {
    const known = this.#kinds.get(id);
    if (known !== undefined) return known;
    const { rows, measured } = this.#report;
    if (!(Number.isInteger(id) && id >= 0 && id < rows)) return "no-row";
    return measured === undefined || measured.has(id) ? "trained" : "not-measured";
  }

  /** How a kind is reported; undefined where it is none of a user's business. */
  severityOf(id: number): Severity | undefined {
    switch (this.of(id)) {
      case "no-row":
      case "non-finite":
        return "error";
      case "zero":
        // Padding is left out of attention and of the loss.
        return id === this.#pad ? "info" : "error";
      case "zero-output":
      case "near-zero":
        return "warning";
      case "tail":
        return "hint";
      case "no-token":
      case "not-measured":
      case "trained":
        return undefined;
    }
  }

  /** The ids of one severity, ascending. */
  *idsOf(severity: Severity): Generator<number> {
    for (const id of [...this.#kinds.keys()].sort((a, b) => a - b)) if (this.severityOf(id) === severity) yield id;
  }
}
