/** Characters that have signs of their own. */
const SIGNS: Readonly<Record<string, string>> = { "\n": "↵", "\r": "␍", "\t": "⇥", "\0": "␀", "\u00a0": "⍽" };

/** Controls, format characters, separators, and spaces other than the usual one. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Text on one line in which everything is seen: spaces at its ends as ␣, other white space and invisible characters by a sign or an escape. */
export function visibleText(text: string): string {
  return text.replaceAll(UNSEEN, (character) => SIGNS[character] ?? escapeOf(character)).replaceAll(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length));
}

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}
