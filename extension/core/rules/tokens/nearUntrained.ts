import { isOnlyNegative } from "../../weights/statistics/rowStatistics";
import { placeSentence, sentences, tokenName, type TokenRule, type TokenUse } from "./tokenRule";

function opening(use: TokenUse): string {
  const { kind, output } = use.verdict;
  if (kind !== "zero-output") return `The model was hardly trained on ${tokenName(use)}.`;
  return isOnlyNegative(output) ? `The model was perhaps never trained to write ${tokenName(use)}.` : `The model was never trained to write ${tokenName(use)}.`;
}

/** A prompt has a token whose embedding row is far smaller than any trained one, or whose output row is zero. */
export const nearUntrained: TokenRule = {
  meta: {
    id: "tokens/near-untrained",
    severity: "warning",
    description:
      "A prompt has a token whose embedding row is near zero, or which the model was never trained to write. " +
      "It is treated as if it were hardly there, and no trainer says so.",
  },
  kinds: ["near-zero", "zero-output"],
  reports: "every",
  message(use) {
    const { verdict, training } = use;
    return sentences(opening(use), verdict.why, placeSentence(use), training === "" ? verdict.advice : training);
  },
};
