/** Turns text into token ids, exactly as the model's own tokenizer does. */
export interface Tokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabularySize: number;
  /**
   * The token ids of `text`.
   * @param options.specialTokens whether the post-processor adds its tokens (BOS, EOS). A rendered chat prompt has them already.
   */
  encode(text: string, options: { readonly specialTokens: boolean }): readonly number[];
}
