import type { EmbeddingStatistics } from "../../statistics/embeddingStatistics";
import { hitsAtEnds, idsInTemplate, NO_ROWS, type TokenRows, usedAnywhere } from "./signals";
import { axolotlMessage, type Hit, UNSLOTH_REPAIR, unslothMessage, unslothNotice } from "./messages";
import { CURRENT_UNSLOTH, ignoresModel, unslothOn } from "./history";
import { applyRule, AXOLOTL_RULE, harmfulRows, type RowRule } from "./rule";
import type { SpecialIds, Vocabulary } from "../vocabulary";

/** A training run that is about to start. */
export interface TrainingRun {
  /** `other`: any trainer that has no check for untrained rows (TRL, LLaMA-Factory, torchtune). */
  readonly trainer: "unsloth" | "axolotl" | "other";
  /** The day of the installed version, `2025-01-20`; the latest that is known when left out. Axolotl's check has not changed. */
  readonly date?: string | undefined;
  /** `config._name_or_path`. */
  readonly modelName?: string | undefined;
  /** The chat template's source; of a dictionary of templates their names, which is what the check looks into. */
  readonly template?: string | readonly string[] | undefined;
  /** The tokens of the dataset's rows, as the trainer will have them. */
  readonly rows: TokenRows;
  /** Whether the dataset that is given to the trainer has `input_ids` already. */
  readonly tokenised: boolean;
  /** Whether it is an IterableDataset. */
  readonly streaming?: boolean | undefined;
  /** Whether `embed_tokens` and `lm_head` are trained. */
  readonly trainable: boolean;
  /** Axolotl's `fix_untrained_tokens`. */
  readonly fixUntrainedTokens?: boolean | undefined;
}

/** Why a trainer says nothing of untrained rows that are used. */
export type SilentReason =
  /** It has no check, or it is off. */
  | "no-check"
  /** The model's name is on its list of exceptions. */
  | "ignored-model"
  /** Its rule does not hold the rows that are used for untrained: of special tokens, or beyond those it looks at. */
  | "not-flagged"
  | "streaming"
  /** It looks before the dataset is tokenised, and finds no ids. */
  | "not-tokenised-yet"
  /** Only the template has them, or only rows that it does not look at. */
  | "not-looked-at";

/** What comes of a run, as far as untrained rows go. */
export type Prediction =
  /** No untrained row is used. */
  | { readonly outcome: "clean" }
  /** It stops, with this Python exception. `ids` and `rows` are those it met, in its order. */
  | { readonly outcome: "raises"; readonly errorType: "ValueError" | "KeyError" | "RuntimeError"; readonly message: string; readonly ids: readonly number[]; readonly rows: readonly number[] }
  /** It prints the message, if any, and sets the rows of `ids`: those that the data uses to the trained rows' mean, others to 0. */
  | { readonly outcome: "repairs"; readonly message: string | undefined; readonly ids: readonly number[] }
  /** It runs to its end, and the rows of `ids`, which the data or the template uses, stay untrained. `rows` are the first that use them. */
  | { readonly outcome: "silent"; readonly reason: SilentReason; readonly ids: readonly number[]; readonly rows: readonly number[] };

/** The model of a run. */
export interface RunModel {
  readonly statistics: EmbeddingStatistics;
  readonly vocabulary: Vocabulary;
  readonly special: SpecialIds;
}

/** How many rows at either end of a dataset are looked at, and how many when only the template has an untrained token. */
const LOOKED_AT = 250;
const LOOKED_AT_AGAIN = 2000;
/** How many rows a {@link SilentReason} is shown with. */
const SHOWN_ROWS = 10;

/** Says what a trainer does about untrained rows. Looks at all rows of the dataset where the trainer would say nothing. */
export function predictTrainer(run: TrainingRun, model: RunModel): Prediction {
  const verdict = verdictOf(run, model);
  return "outcome" in verdict ? verdict : silence(verdict.silent, run, model);
}

type Verdict = Exclude<Prediction, { readonly outcome: "clean" | "silent" }> | { readonly silent: SilentReason };

function verdictOf(run: TrainingRun, model: RunModel): Verdict {
  switch (run.trainer) {
    case "unsloth":
      return unslothVerdict(run, model);
    case "axolotl":
      return axolotlVerdict(run, model);
    case "other":
      return { silent: "no-check" };
  }
}

function unslothVerdict(run: TrainingRun, model: RunModel): Verdict {
  const behaviour = run.date === undefined ? CURRENT_UNSLOTH : unslothOn(run.date);
  if (behaviour.message === "none") return { silent: "no-check" };
  if (run.modelName !== undefined && ignoresModel(behaviour, run.modelName)) return { silent: "ignored-model" };
  if (behaviour.message !== "notice") {
    const message = (hits: readonly Hit[]): string => unslothMessage(behaviour, hits, (ids) => textOf(ids, model.vocabulary));
    return datasetVerdict({ ...behaviour, row: behaviour, repair: UNSLOTH_REPAIR, message }, run, model);
  }
  // It repaired the rows when the model was loaded, and looked at no data.
  const { untrained } = applyRule(model.statistics, behaviour, model.special);
  return untrained.length === 0 ? { silent: "not-flagged" } : { outcome: "repairs", message: unslothNotice(untrained.length), ids: untrained };
}

function axolotlVerdict(run: TrainingRun, model: RunModel): Verdict {
  if (run.fixUntrainedTokens !== true) return { silent: "no-check" };
  const { input, output } = model.statistics;
  const [inputRows, outputRows] = [input.max.length, output.max.length];
  if (inputRows === outputRows) return datasetVerdict({ row: AXOLOTL_RULE, rechecks: true, beforeTokenising: false, repair: undefined, message: axolotlMessage }, run, model);
  // It cuts columns where it means rows, and then joins two lists of different lengths.
  const message = `The size of tensor a (${inputRows}) must match the size of tensor b (${outputRows}) at non-singleton dimension 0`;
  return { outcome: "raises", errorType: "RuntimeError", message, ids: [], rows: [] };
}

/** A check that looks at the dataset. */
interface DatasetCheck {
  readonly row: RowRule;
  readonly rechecks: boolean;
  readonly beforeTokenising: boolean;
  readonly repair: string | undefined;
  readonly message: (hits: readonly Hit[]) => string;
}

function datasetVerdict(check: DatasetCheck, run: TrainingRun, model: RunModel): Verdict {
  const { untrained } = applyRule(model.statistics, check.row, model.special);
  if (untrained.length === 0) return { silent: "not-flagged" };
  if (run.streaming === true) return { silent: "streaming" };
  const blind = check.beforeTokenising && !run.tokenised;
  const rows = blind ? NO_ROWS : run.rows;
  const unseen = { silent: blind ? "not-tokenised-yet" : "not-looked-at" } as const;
  const ids = new Set(untrained);
  let hits = hitsAtEnds(ids, rows, LOOKED_AT);
  if (hits.length === 0 && idsInTemplate(untrained, run.template, model.vocabulary).length === 0) return unseen;
  if (run.trainable) return blind ? MISSING_COLUMN : { outcome: "repairs", message: check.repair, ids: untrained };
  if (check.rechecks && hits.length === 0) {
    hits = hitsAtEnds(ids, rows, LOOKED_AT_AGAIN);
    if (hits.length === 0) return unseen;
  }
  return { outcome: "raises", errorType: "ValueError", message: check.message(hits), ids: hits.map(({ id }) => id), rows: hits.map(({ row }) => row) };
}

/** To repair rows it counts the tokens of a column that a dataset of texts does not have. */
const MISSING_COLUMN: Verdict = { outcome: "raises", errorType: "KeyError", message: "'input_ids'", ids: [], rows: [] };

function silence(reason: SilentReason, { rows, template }: TrainingRun, { statistics, vocabulary }: RunModel): Prediction {
  const harmful = harmfulRows(statistics);
  const inTemplate = idsInTemplate(harmful, template, vocabulary);
  const used = usedAnywhere(new Set(harmful), rows, SHOWN_ROWS);
  const ids = [...new Set([...inTemplate, ...used.ids])].sort((a, b) => a - b);
  return ids.length === 0 ? { outcome: "clean" } : { outcome: "silent", reason, ids, rows: used.rows };
}

function textOf(ids: readonly number[], vocabulary: Vocabulary): string {
  return vocabulary.codec?.decode(ids) ?? ids.map((id) => vocabulary.token(id) ?? "").join("");
}
