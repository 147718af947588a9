/** What is special about a token of a prompt, as bits of `TokenList.marks`. */
export const MARK = {
  trained: 1,
  special: 2,
  bos: 4,
  eos: 8,
  /** It ends an assistant's turn, so that the model must learn to stop at it. */
  endOfTurn: 16,
  /** Its embedding rows look untrained, or surely are. */
  warning: 32,
  error: 64,
} as const;
