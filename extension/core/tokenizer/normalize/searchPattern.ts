import { WHITE_SPACE } from "./characterSteps";

/**
 * The part of Oniguruma's syntax that has an equal in JavaScript: characters, classes, general categories, groups, look-around, `|`,
 * greedy and lazy repetition, and contractions in either case. Anything else, such as anchors, references and possessive repetition,
 * has no translation.
 */
const ESCAPED = String.raw`[pP]\{[A-Z][a-z]?\}|u[0-9a-fA-F]{4}|x[0-7][0-9a-fA-F]|[nrt]|[^a-zA-Z0-9\s]| `;

const TOKEN = new RegExp(
  [
    String.raw`(?<anycase>\(\?i:[a-zA-Z'|]+\))`,
    String.raw`(?<escape>\\(?:${ESCAPED}|[sSdDwW]))`,
    String.raw`(?<class>\[\^?(?:\\(?:${ESCAPED}|[sdw])|&(?!&)|[^\\[\]&])+\])`,
    String.raw`(?<group>\((?:\?(?::|=|!|<=|<!))?(?!\?)|\)|\|)`,
    String.raw`(?<repeat>(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??(?![*+?{]))`,
    String.raw`(?<dot>\.)`,
    String.raw`(?<character>[^\\[\]{}()*+?.|^$])`,
  ].join("|"),
  "uy",
);

/**
 * A global expression that finds what Oniguruma finds for `source`; undefined where that is not certain.
 * @param mayBeEmpty whether it may find places between characters; engines differ on those right behind another find.
 */
export function searchPattern(source: string, mayBeEmpty = false): RegExp | undefined {
  let translated = "";
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match === null || MULTIPLE_FOLDING.test(match.groups?.["anycase"] ?? "")) return undefined;
    translated += translate(match[0], match.groups ?? {});
  }
  try {
    const empty = !mayBeEmpty && (/\(\?[=!<]/.test(source) ? /^\(\?[=!<]/.test(source) : new RegExp(`^(?:${translated})`, "u").test(""));
    return empty ? undefined : new RegExp(translated, "gu");
  } catch {
    return undefined;
  }
}

function translate(token: string, groups: Readonly<Record<string, string | undefined>>): string {
  if (groups["dot"] !== undefined) return "[^\\n]";
  if (groups["anycase"] !== undefined) return anyCase(token);
  if (groups["escape"] !== undefined) return escaped(token, false);
  if (groups["class"] !== undefined) return token.replace(ESCAPE_IN_CLASS, (escape) => escaped(escape, true));
  return token;
}

/** Two letters have a third form besides the capital: long s and the Kelvin sign. */
function anyCase(group: string): string {
  const cased = group.slice(4, -1).replace(/[a-zA-Z]/g, (letter) => {
    const small = letter.toLowerCase();
    return `[${small}${small.toUpperCase()}${small === "s" ? "\u017f" : small === "k" ? "\u212a" : ""}]`;
  });
  return `(?:${cased})`;
}

/** Letters that fold together into one: a sharp s and ligatures. */
const MULTIPLE_FOLDING = /ss|ff|fi|fl|st/i;

/** Oniguruma's word characters have the superscript digits and fractions of Latin-1 among them. */
const CLASS_ESCAPES: Readonly<Record<string, string>> = { s: WHITE_SPACE, d: "\\p{Nd}", w: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\xb2\\xb3\\xb9\\xbc-\\xbe" };

const ESCAPE_IN_CLASS = new RegExp(`\\\\(?:${ESCAPED}|[sdw])`, "gu");

function escaped(escape: string, inClass: boolean): string {
  const character = escape.slice(1);
  if (/^(?:[pP]\{|[ux][0-9a-fA-F]|[nrt]$)/.test(character)) return escape;
  const known = CLASS_ESCAPES[character.toLowerCase()];
  if (known !== undefined) return inClass ? known : `[${/[A-Z]/.test(character) ? "^" : ""}${known}]`;
  return /[\\.*+?()[\]{}|^$/]/.test(character) || (inClass && character === "-") ? escape : character;
}

/** A global expression that finds `text` itself. */
export function literalPattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");
}
