import { repr } from "../../value/repr";
import type { Value } from "../../value/types";
import { escapeCode } from "../bytes/codecs";

/** Python's `ascii()`: the repr with everything beyond ASCII escaped. */
export function asciiRepr(value: Value): string {
  return repr(value).replace(/[^\0-\x7f]/gu, (character) => escapeCode(character.codePointAt(0) as number));
}
