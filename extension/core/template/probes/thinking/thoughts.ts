import type { Rendering } from "../probe";
import { textOf } from "../session";

/** What the assistant thinks before its first and its second answer. */
export const THOUGHTS = ["Think of their habitat.", "Numbats have long tongues."] as const;

/** Which of the two thoughts stand in the prompt. */
export function keptThoughts(rendering: Rendering): readonly [boolean, boolean] | undefined {
  const prompt = textOf(rendering);
  return prompt === undefined ? undefined : [prompt.includes(THOUGHTS[0]), prompt.includes(THOUGHTS[1])];
}
