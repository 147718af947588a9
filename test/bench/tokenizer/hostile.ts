import { Random } from "../../support/random";
import { hostileTexts, neverRepeating } from "../../support/tokenizer/texts";

const NAMES = ["one letter", "spaces", "line breaks", "digits", "base64", "one long word", "emoji", "ideographs"] as const;

/** Nine texts of about `length` characters in which other tokenizers take seconds or longer. */
export function nineHostileTexts(length: number): Readonly<Record<string, string>> {
  const all = hostileTexts(length, new Random(1));
  return { ...Object.fromEntries(NAMES.map((name) => [name, all[name] ?? ""])), prose: neverRepeating(2).join("\n").slice(0, length) };
}
