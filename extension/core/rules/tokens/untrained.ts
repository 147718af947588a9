import { isOnlyNegative } from "../../weights/statistics/rowStatistics";
import { placeSentence, sentences, shortNumber, tokenName, type TokenOrigin, type TokenRule, type TokenUse } from "./tokenRule";

/** A prompt has a token whose embedding row was never trained, or is broken. */
export const untrained: TokenRule = {
  meta: {
    id: "tokens/untrained",
    severity: "error",
    description:
      "A prompt has a token whose embedding row was never trained. Training on it ends in NaN, or in a model that never learns the token, " +
      "unless embed_tokens and lm_head are trained too.",
  },
  kinds: ["zero", "non-finite"],
  reports: "every",
  message(use) {
    return sentences(opening(use), placeSentence(use), use.trainers, use.training === "" ? remedy(use) : use.training);
  },
};

function opening(use: TokenUse): string {
  const { verdict } = use;
  const { input, output } = verdict;
  const name = tokenName(use);
  if (verdict.kind === "non-finite") return `The embedding row of ${name} is broken: ${(input?.nonFinite ?? 0) + (output?.nonFinite ?? 0)} values are infinite or NaN.`;
  if (isOnlyNegative(input)) return `Trainers hold ${name} for untrained, since all values of its embedding row are negative.`;
  return `The model was never trained on ${name}: the largest value of its embedding row is ${shortNumber(input?.max)}.`;
}

const REMEDIES: Readonly<Record<TokenOrigin["kind"], string>> = {
  content: "Replace the characters",
  template: "Take a template with other tokens",
  tokenizer: "Take a template with other tokens",
  ids: "Tokenise the data with a template of other tokens",
};

function remedy({ verdict, origin }: TokenUse): string | undefined {
  if (verdict.kind === "non-finite") return verdict.advice;
  return `${REMEDIES[origin.kind]}, use the instruct version of the model, or train embed_tokens and lm_head as well.`;
}
