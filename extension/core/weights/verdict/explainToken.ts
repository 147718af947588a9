import type { Severity } from "../../rules/rule";
import { isOnlyNegative, measureOf, type RowMeasure } from "../statistics/rowStatistics";
import { judgeRows, type RowKind, TokenKinds, type UntrainedReport } from "./judge";
import type { RunModel } from "./trainer/predict";
import { TrainerNotes, type TrainerNote } from "./trainer/notes";

/** All that is to be said about one token's rows. */
export interface TokenVerdict {
  readonly id: number;
  /** Undefined where no token has the id. */
  readonly token: string | undefined;
  readonly kind: RowKind;
  readonly severity: Severity | undefined;
  /** Undefined where the matrix has no such row. */
  readonly input: RowMeasure | undefined;
  readonly output: RowMeasure | undefined;
  /** Of the kind that the report tells; undefined without a row. */
  readonly indicator: number | undefined;
  /** One or two sentences, with the numbers. */
  readonly why: string;
  /** What to do; undefined where there is nothing to do. */
  readonly advice: string | undefined;
  readonly trainers: readonly TrainerNote[];
}

/** The verdicts on a model: all at once, or one token's, explained. */
export class UntrainedVerdicts {
  readonly report: UntrainedReport;
  readonly kinds: TokenKinds;
  readonly #model: RunModel;
  #notes: TrainerNotes | undefined;

  /** @param report what `judgeRows` says of the model, where that was done before: it encodes every token. */
  constructor(model: RunModel, report: UntrainedReport = judgeRows(model)) {
    this.#model = model;
    this.report = report;
    this.kinds = new TokenKinds(this.report, model.special.pad);
  }

  explainToken(id: number): TokenVerdict {
    const { statistics, vocabulary } = this.#model;
    const input = rowOf(statistics.input, id);
    const output = rowOf(statistics.output, id);
    const kind = this.kinds.of(id);
    this.#notes ??= new TrainerNotes(this.#model);
    return {
      id,
      token: vocabulary.token(id),
      kind,
      severity: this.kinds.severityOf(id),
      input,
      output,
      indicator: this.report.indicator.values[id],
      why: this.#why(id, kind, input, output),
      advice: ADVICE[kind],
      trainers: this.#notes.of(id),
    };
  }

  #why(id: number, kind: RowKind, input: RowMeasure | undefined, output: RowMeasure | undefined): string {
    const { rows, indicator, threshold, nearZeroNorm } = this.report;
    switch (kind) {
      case "no-row":
        return `The embedding matrix has ${rows} rows, so there is none for the id ${id}: using it reads outside of the matrix.`;
      case "no-token":
        return `No token has the id ${id}; the row only fills the matrix up.`;
      case "not-measured":
        return "Its rows were not read.";
      case "non-finite":
        return `${(input?.nonFinite ?? 0) + (output?.nonFinite ?? 0)} values of its rows are infinite or NaN, which makes the loss NaN.`;
      case "zero":
        return zeroWhy(input, output, this.#model.statistics.tied, this.report.exempt.includes(id));
      case "zero-output":
        if (isOnlyNegative(output)) return `All values of its output row are negative, down to -${number(output?.maxAbs)}, which Unsloth's rule takes for untrained; its input row is trained.`;
        return `Its output row's largest value is ${number(output?.max)}, so the model was never trained to produce it, although its input row is trained.`;
      case "near-zero":
        return `Its input row's norm is ${number(input?.l2)}; 98 % of the tokens have more than ${number(nearZeroNorm * 100)}.`;
      case "tail": {
        const what = indicator.kind === "l2" ? "Its input row's norm" : "Its output row's distance to rows that were never trained";
        return `${what} is ${number(indicator.values[id])}, among the lowest 2 % (up to ${number(threshold)}). That makes it possible that it was hardly trained, no more.`;
      }
      case "trained":
        return `Its input row's norm is ${number(input?.l2)}; there is no sign that it was not trained.`;
    }
  }
}

function rowOf(statistics: Parameters<typeof measureOf>[0], id: number): RowMeasure | undefined {
  return Number.isInteger(id) && id >= 0 && id < statistics.max.length ? measureOf(statistics, id) : undefined;
}

function zeroWhy(input: RowMeasure | undefined, output: RowMeasure | undefined, tied: boolean, exempt: boolean): string {
  const size = isOnlyNegative(input) ? `its values are all negative, down to -${number(input?.maxAbs)}, which the rule takes for that` : `its largest value is ${number(input?.max)}`;
  const beside = tied ? "" : output?.atMostEps === true ? ", and so is its output row" : `; its output row's largest value is ${number(output?.max)}`;
  return `Its input row is untrained: ${size}${beside}.${exempt ? " Unsloth does not count it, since it is a special token." : ""}`;
}

/** Three significant digits, as people write them. */
function number(value: number | undefined): string {
  return value === undefined ? "unknown" : String(Number(value.toPrecision(3)));
}

const TRAIN_OR_REPLACE =
  "Use the instruct version of the model, or a template whose tokens are trained, or train embed_tokens and lm_head as well.";

const ADVICE: Readonly<Record<RowKind, string | undefined>> = {
  "no-row": "Resize the embeddings to the tokenizer's size, or use the tokenizer that belongs to the model.",
  "non-finite": "Download the model again, or repair the checkpoint.",
  zero: TRAIN_OR_REPLACE,
  "zero-output": TRAIN_OR_REPLACE,
  "near-zero": TRAIN_OR_REPLACE,
  tail: undefined,
  "no-token": undefined,
  "not-measured": undefined,
  trained: undefined,
};
