import { placeSentence, sentences, tokenName, type TokenRule } from "./tokenRule";

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
    const opening = verdict.kind === "zero-output" ? `The model was never trained to write ${tokenName(verdict)}.` : `The model was hardly trained on ${tokenName(verdict)}.`;
    return sentences(opening, verdict.why, placeSentence(use), training === "" ? verdict.advice : training);
  },
};
