import { sentences, type TokenRule } from "./tokenRule";

/** A tokenised row has an id that the matrix has a row for, and the tokenizer no token. */
export const noTokenRow: TokenRule = {
  meta: {
    id: "tokens/no-token-row",
    severity: "warning",
    description:
      "A tokenised row has an id that no token has: its embedding row only fills the matrix up. " +
      "The data was made with another tokenizer than the model's.",
  },
  kinds: ["no-token"],
  reports: "every",
  message: ({ verdict }) => sentences(verdict.why, verdict.advice),
};
