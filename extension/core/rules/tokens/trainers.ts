import type { TrainerNote } from "../../weights/verdict/trainer/notes";

/** The names of `--profile` whose trainers have a check for untrained tokens, and whose have none. */
const CHECKING = ["unsloth", "axolotl"] as const;
const SILENT: Readonly<Record<string, string>> = { trl: "TRL", "llama-factory": "LLaMA-Factory", torchtune: "torchtune" };

/**
 * What trainers do when a row has the token, as a sentence, and embed_tokens and lm_head are not trained.
 * @param profiles the trainers to tell of; the usual ones where it is empty
 * @param tokenised whether the trainer is given ids instead of text
 */
export function trainersSentence(notes: readonly TrainerNote[], profiles: readonly string[], tokenised: boolean): string {
  if (notes.length === 0) return "";
  const asked = profiles.length === 0 ? ["unsloth", "trl", "llama-factory"] : profiles;
  const parts: string[] = [];
  if (asked.includes("unsloth")) parts.push(unslothPart(notes, tokenised));
  if (asked.includes("axolotl")) parts.push(axolotlPart(notes));
  const silent = asked.flatMap((profile) => SILENT[profile] ?? []);
  if (silent.length > 0) parts.push(`${silent.join(" and ")} ${silent.length === 1 ? "says" : "say"} nothing`);
  return parts.length === 0 ? "" : `${parts.join("; ")}.`;
}

/** The profiles whose trainer stops with an error of its own in its present version. */
export function raisingProfiles(notes: readonly TrainerNote[], profiles: readonly string[], tokenised: boolean): readonly string[] {
  const asked = profiles.length === 0 ? CHECKING : CHECKING.filter((name) => profiles.includes(name));
  return asked.filter((name) => {
    const does = notes.findLast(({ trainer }) => trainer === name)?.does;
    return does === "raises" || (does === "raises-if-tokenised" && tokenised);
  });
}

function unslothPart(notes: readonly TrainerNote[], tokenised: boolean): string {
  const unsloth = notes.filter(({ trainer }) => trainer === "unsloth");
  const raising = unsloth.filter(({ does }) => does === "raises");
  const now = unsloth.at(-1);
  const from = raising[0]?.since;
  const until = raising.at(-1)?.until;
  if (now === undefined) return "Unsloth says nothing";
  if (now.does === "raises-if-tokenised" && tokenised) return `Unsloth of ${from ?? now.since ?? ""} and later stops at it`;
  if (from === undefined) return now.does === "raises-if-tokenised" ? "Unsloth stops at it only where the data is tokenised already" : "Unsloth says nothing";
  const later = {
    raises: "",
    "raises-if-tokenised": ", later ones only where the data is tokenised already",
    exempts: ", later ones leave this special token out",
    repairs: ", later ones repair it",
    ignores: ", later ones say nothing",
  }[now.does];
  return `Unsloth of ${from}${until === undefined ? " and later" : ` to ${until}`} stops at it${later}`;
}

function axolotlPart(notes: readonly TrainerNote[]): string {
  const does = notes.find(({ trainer }) => trainer === "axolotl")?.does;
  return does === "raises" ? "Axolotl stops at it where fix_untrained_tokens is set" : "Axolotl says nothing";
}
