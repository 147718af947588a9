import { SPECIAL_NAMES, type SpecialName } from "../vocabulary";

/** What Unsloth's check for untrained tokens did at some time. */
export interface UnslothBehaviour {
  /** The day of the last change. */
  readonly since: string;
  /** Which words it uses; `none` before there was a check, `notice` when it only told and repaired. */
  readonly message: "none" | "notice" | "plain" | "base-model" | "listed" | "rows";
  /** Whether the output row must be untrained too. */
  readonly usesOutput: boolean;
  /** Whether an output row counts that is the same as another, rounded. */
  readonly findsRepeated: boolean;
  /** How many rows are looked at: as many as both matrices have, or by mistake as many as a row has values. */
  readonly cut: "rows" | "columns";
  /** Special tokens that are never counted as untrained. */
  readonly exempt: readonly SpecialName[];
  /** Whether a signal of the template alone is followed up in more rows, and dropped when these have nothing. */
  readonly rechecks: boolean;
  /** Whether it runs before the dataset is tokenised, so that it sees the ids of tokenised datasets only. */
  readonly beforeTokenising: boolean;
  /** How the model's name is compared with {@link IGNORED_MODELS}; exactly, with these written in lower case, for a long time. */
  readonly ignores: "none" | "lower-case" | "any-case";
}

/** The models that the check leaves alone. */
export const IGNORED_MODELS: readonly string[] = ["unsloth/Qwen2.5-Coder-1.5B-Instruct", "unsloth/Qwen2.5-Coder-7B-Instruct"].flatMap((name) => [name, `${name}-bnb-4bit`]);

const BEFORE: UnslothBehaviour = {
  since: "",
  message: "none",
  usesOutput: false,
  findsRepeated: false,
  cut: "rows",
  exempt: [],
  rechecks: false,
  beforeTokenising: false,
  ignores: "none",
};

/** What changed when, by the commits' days in unslothai/unsloth and, from 2024-10-13 on, unslothai/unsloth-zoo. */
const CHANGES: readonly (readonly [since: string, change: Partial<UnslothBehaviour>])[] = [
  ["2024-04-22", { message: "notice" }], // 4a88539991
  ["2024-05-29", { message: "plain" }], // 5cff582ccf
  ["2024-06-19", { message: "base-model" }], // 9a7f3baa15
  ["2024-07-20", { usesOutput: true }], // 71c4aed1be
  ["2024-08-16", { findsRepeated: true }], // bd60ad7d1c
  ["2024-09-22", { message: "listed" }], // 96fd381293
  // The list of names belongs to the function as it was moved to unsloth_zoo; that it is not older is an assumption.
  ["2024-10-13", { ignores: "lower-case" }],
  ["2024-11-12", { exempt: ["pad"], cut: "columns" }], // c93cf6be
  ["2024-11-21", { rechecks: true }], // e5aab212
  ["2024-12-05", { cut: "rows" }], // 456da7ca
  ["2025-01-20", { exempt: SPECIAL_NAMES, message: "rows" }], // 71229d88
  ["2025-02-20", { beforeTokenising: true }], // a45a08f91b
  ["2026-07-15", { ignores: "any-case" }], // 3fb62b49
];

/** Every behaviour that there was, in order; the first is before any check. */
export const UNSLOTH_BEHAVIOURS: readonly UnslothBehaviour[] = CHANGES.reduce<UnslothBehaviour[]>(
  (behaviours, [since, change]) => [...behaviours, { ...(behaviours.at(-1) ?? BEFORE), ...change, since }],
  [BEFORE],
);

/** The behaviour of the latest version that is known. */
export const CURRENT_UNSLOTH: UnslothBehaviour = UNSLOTH_BEHAVIOURS.at(-1) ?? BEFORE;

/** The behaviour of the version of a day, written `2025-01-20`. */
export function unslothOn(day: string): UnslothBehaviour {
  return UNSLOTH_BEHAVIOURS.findLast(({ since }) => since <= day) ?? BEFORE;
}

/** Whether the check leaves a model of this name (`config._name_or_path`) alone. */
export function ignoresModel({ ignores }: UnslothBehaviour, name: string): boolean {
  if (ignores === "none") return false;
  const compared = ignores === "any-case" ? name.toLowerCase() : name;
  return IGNORED_MODELS.some((ignored) => ignored.toLowerCase() === compared);
}
