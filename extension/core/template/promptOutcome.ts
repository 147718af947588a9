import { messageOf } from "../../base/errors";
import { type TemplatePlace, TemplateRefusal } from "./renderer";

/** What came of a render. Offsets are UTF-16 units. */
export type PromptOutcome =
  | { readonly kind: "prompt"; readonly text: string; readonly generation: readonly (readonly [number, number])[] }
  /** The template, or `apply_chat_template`, raised an error. */
  | { readonly kind: "refusal"; readonly type: string; readonly message: string; readonly place: TemplatePlace | undefined };

/** What came of a render that threw. */
export function refusalOutcome(error: unknown): PromptOutcome {
  if (!(error instanceof TemplateRefusal)) return { kind: "refusal", type: "RuntimeError", message: messageOf(error), place: undefined };
  return { kind: "refusal", type: error.type, message: error.message, place: error.place };
}
