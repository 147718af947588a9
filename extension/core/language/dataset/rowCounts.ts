import type { RowTrace } from "../../analysis/rowTrace";

/** The tokens of one prompt of a row. */
export interface PromptCounts {
  /** `chosen` or `rejected` in a preference row. */
  readonly variant: string | undefined;
  readonly tokens: number;
  /** Tokens that are trained on; undefined where the template does not say. */
  readonly trained: number | undefined;
}

/** The tokens of a row's prompts. Prompts that the template refuses have none. */
export function countsOf({ prompts }: RowTrace): readonly PromptCounts[] {
  return prompts.flatMap((prompt) => {
    if (prompt.kind !== "prompt") return [];
    const { trace, conversation } = prompt;
    return [{ variant: conversation?.variant, tokens: trace.encoding.length, trained: trace.mask?.trained }];
  });
}
