import { pythonList, pythonSetOrder } from "./pythonSet";
import type { UnslothBehaviour } from "./history";

/** An untrained id that was met, and the row that it was met in. */
export interface Hit {
  readonly id: number;
  readonly row: number;
}

const RESTART = "Restart then add `embed_tokens` & `lm_head` to `FastLanguageModel.get_peft_model(target_modules = [..., \"embed_tokens\", \"lm_head\",])";
const BASE_MODEL = ". `Are you using the `base` model? Instead, use the `instruct` version to silence this warning.";

/**
 * The message of the `ValueError` that Unsloth stopped with, word for word, for the hits in the order in which it met them.
 * @param decode the text of tokens.
 */
export function unslothMessage(behaviour: UnslothBehaviour, hits: readonly Hit[], decode: (ids: readonly number[]) => string): string {
  const ids = pythonSetOrder(hits.map(({ id }) => id));
  switch (behaviour.message) {
    case "none":
    case "notice":
      throw new RangeError(`Unsloth stopped no run as of ${behaviour.since}.`);
    case "plain":
      return `Unsloth: Untrained tokens found, but embed_tokens & lm_head not trainable, causing NaNs. ${RESTART}\``;
    case "base-model":
      return `Unsloth: Untrained tokens found, but embed_tokens & lm_head not trainable, causing NaNs. ${RESTART}${BASE_MODEL}`;
    case "listed":
      return `Unsloth: Untrained tokens of [${pythonList(ids)}] found, but embed_tokens & lm_head not trainable, causing NaNs. ${RESTART}${BASE_MODEL}`;
    case "rows": {
      const rows = pythonSetOrder(hits.map(({ row }) => row));
      return (
        `Unsloth: Untrained tokens in rows [${pythonList(rows)}] found.\nThe token ids are [${pythonList(ids)}] and tokens are [${decode(ids)}].\n` +
        `The issue is the embed_tokens & lm_head not trainable, which will cause NaNs. ${RESTART}${BASE_MODEL}`
      );
    }
  }
}

/** What Unsloth printed at load in spring 2024, when it repaired the rows without being asked. */
export function unslothNotice(untrained: number): string {
  return `Unsloth: Not an error, but your model has ${untrained} untrained tokens.\nWe shall set them to the mean of the other trained tokens.`;
}

/** What Unsloth prints when the matrices are trained, and it sets the rows to the others' mean. */
export const UNSLOTH_REPAIR = "Unsloth: Setting embed_tokens & lm_head untrained tokens to mean(trained) to counteract NaNs during training.";

/** The message of the `ValueError` that Axolotl's check stops with. */
export function axolotlMessage(hits: readonly Hit[]): string {
  return `Untrained tokens of [${pythonList(pythonSetOrder(hits.map(({ id }) => id)))}] found, but embed_tokens & lm_head not trainable, causing NaNs. `;
}
