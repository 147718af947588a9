import { UNSLOTH_BEHAVIOURS, type UnslothBehaviour } from "./history";
import { applyRule, AXOLOTL_RULE, type RuleResult } from "./rule";
import type { RunModel } from "./predict";

/** What a trainer does about one token when the dataset uses it and `embed_tokens` and `lm_head` are not trained. */
export type TrainerDeed =
  /** Stops when one of the rows that it looks at uses the token. */
  | "raises"
  /** Stops only where the dataset was tokenised before; of texts it sees no ids. */
  | "raises-if-tokenised"
  /** Sets the row to the others' mean when the model is loaded. */
  | "repairs"
  /** Holds the row for untrained, but never counts this special token. */
  | "exempts"
  /** Says nothing: it has no check, or its rule does not hold the row for untrained. */
  | "ignores";

/** A trainer's behaviour over some of its versions. */
export interface TrainerNote {
  readonly trainer: "unsloth" | "axolotl" | "other";
  /** The day of the first version, and of the first that differs; undefined where there is no such bound. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly does: TrainerDeed;
}

/** What the versions of the trainers do about a model's tokens. */
export class TrainerNotes {
  readonly #unsloth: readonly { readonly behaviour: UnslothBehaviour; readonly rule: Members }[];
  readonly #axolotl: Members;

  constructor({ statistics, special }: RunModel) {
    this.#unsloth = UNSLOTH_BEHAVIOURS.map((behaviour) => ({ behaviour, rule: membersOf(applyRule(statistics, behaviour, special)) }));
    this.#axolotl = membersOf(applyRule(statistics, AXOLOTL_RULE, special));
  }

  /** The trainers in order, Unsloth's versions too; neighbours that do the same are one. */
  of(id: number): readonly TrainerNote[] {
    const notes: TrainerNote[] = [];
    for (const { behaviour, rule } of this.#unsloth) {
      const does = unslothDoes(behaviour, rule, id);
      const last = notes.at(-1);
      if (last?.does === does) continue;
      if (last !== undefined) notes[notes.length - 1] = { ...last, until: behaviour.since };
      notes.push({ trainer: "unsloth", since: behaviour.since === "" ? undefined : behaviour.since, until: undefined, does });
    }
    const axolotl = this.#axolotl.untrained.has(id) ? "raises" : this.#axolotl.exempt.has(id) ? "exempts" : "ignores";
    const always = { since: undefined, until: undefined };
    return [...notes, { trainer: "axolotl", ...always, does: axolotl }, { trainer: "other", ...always, does: "ignores" }];
  }
}

interface Members {
  readonly untrained: ReadonlySet<number>;
  readonly exempt: ReadonlySet<number>;
}

function membersOf({ untrained, exempt }: RuleResult): Members {
  return { untrained: new Set(untrained), exempt: new Set(exempt) };
}

function unslothDoes({ message, beforeTokenising }: UnslothBehaviour, { untrained, exempt }: Members, id: number): TrainerDeed {
  if (message === "none") return "ignores";
  if (exempt.has(id)) return "exempts";
  if (!untrained.has(id)) return "ignores";
  if (message === "notice") return "repairs";
  return beforeTokenising ? "raises-if-tokenised" : "raises";
}

/** A note as a sentence: `Unsloth since 2025-02-20 stops only …`. */
export function noteText({ trainer, since, until, does }: TrainerNote): string {
  const name = { unsloth: "Unsloth", axolotl: "Axolotl with fix_untrained_tokens", other: "TRL, LLaMA-Factory and torchtune" }[trainer];
  const many = trainer === "other";
  const when = `${since === undefined ? "" : ` from ${since}`}${until === undefined ? "" : ` until ${until}`}`;
  return `${name}${when} ${DEEDS[does][many ? 1 : 0]}.`;
}

const DEEDS: Readonly<Record<TrainerDeed, readonly [one: string, many: string]>> = {
  raises: ["stops with a ValueError when one of the first or last rows uses it", "stop with a ValueError when one of the first or last rows uses it"],
  "raises-if-tokenised": ["stops with a ValueError only where the dataset has input_ids already, and is silent on text", "stop only where the dataset has input_ids already"],
  repairs: ["sets the row to the mean of the others at load", "set the row to the mean of the others at load"],
  exempts: ["is silent: it never counts this special token", "are silent: they never count this special token"],
  ignores: ["is silent", "are silent"],
};

