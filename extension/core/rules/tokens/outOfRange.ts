import { capital, placeSentence, sentences, tokenName, type TokenRule } from "./tokenRule";

/** A prompt has a token that the embedding matrix has no row for. */
export const outOfRange: TokenRule = {
  meta: {
    id: "tokens/out-of-range",
    severity: "error",
    description:
      "A prompt has a token whose id is beyond the embedding matrix. Training stops with an index error or a CUDA assertion. " +
      "Resize the embeddings, or use the tokenizer that belongs to the model.",
  },
  kinds: ["no-row"],
  reports: "every",
  message: (use) => sentences(`${capital(tokenName(use))} has no embedding row.`, use.verdict.why, placeSentence(use), use.verdict.advice),
};
