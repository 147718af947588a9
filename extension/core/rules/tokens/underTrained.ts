import { sentences, tokenName, type TokenRule } from "./tokenRule";

/** A prompt has a token of the 2 % that look least trained. */
export const underTrained: TokenRule = {
  meta: {
    id: "tokens/under-trained",
    severity: "hint",
    description:
      "A prompt has a token of the 2 % that look least trained. Some of them make models say odd things; most are only rare. " +
      "Reported where a file first uses the token.",
  },
  kinds: ["tail"],
  reports: "first",
  message: (use) => sentences(`The model may be hardly trained on ${tokenName(use)}.`, use.verdict.why),
};
