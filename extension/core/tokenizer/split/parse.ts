import { TunesmithError } from "../../../base/errors";
import { SPACES, propertySet } from "./categories";
import { EVERYTHING, type CodePointSet, complementOf, intersectionOf, rangeSet, unionOf } from "./codePointSet";
import { NOTHING, type Pattern, takesNothing } from "./pattern";

/** An expression that is not of the part of the syntax that is known here. `at` is the place in its source. */
export class UnknownSyntax extends TunesmithError {
  readonly at: number;

  constructor(at: number, what: string) {
    super("pattern-syntax", `${what} at character ${at + 1}`);
    this.name = "UnknownSyntax";
    this.at = at;
  }
}

/** Deeper nesting, or more repetition of one part, is no tokenizer's. */
const MAX_DEPTH = 50;
const MAX_REPEAT = 1000;

/**
 * Reads an expression in Oniguruma's Ruby syntax, as far as tokenizers use it: characters, classes (nested, with `&&`), general
 * categories, groups, `(?i:…)`, `|`, greedy, lazy and possessive repetition, look at one character ahead, `$`. Not `\w`: some
 * characters are neither in it nor in its opposite.
 * @throws UnknownSyntax for anything else.
 */
export function parsePattern(source: string): Pattern {
  const parser = new Parser(source);
  const pattern = parser.choice(0, false);
  if (parser.at < source.length) parser.fail("an unmatched )");
  return pattern;
}

class Parser {
  readonly #source: string;
  at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  fail(what: string): never {
    throw new UnknownSyntax(this.at, what);
  }

  choice(depth: number, anyCase: boolean): Pattern {
    if (depth > MAX_DEPTH) this.fail("too many groups in each other");
    const options = [this.#sequence(depth, anyCase)];
    while (this.#take("|")) options.push(this.#sequence(depth, anyCase));
    return options.length === 1 ? (options[0] ?? NOTHING) : { kind: "choice", options };
  }

  #sequence(depth: number, anyCase: boolean): Pattern {
    const parts: Pattern[] = [];
    const from = this.at;
    while (this.at < this.#source.length && !this.#sees("|") && !this.#sees(")")) parts.push(this.#repeated(this.#atom(depth, anyCase)));
    if (anyCase && FOLDING_TOGETHER.test(this.#source.slice(from, this.at))) this.fail("letters that fold together into one");
    return parts.length === 1 ? (parts[0] ?? NOTHING) : { kind: "sequence", parts };
  }

  // ── repetition ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #repeated(part: Pattern): Pattern {
    let result = part;
    for (let bounds = this.#bounds(); bounds !== undefined; bounds = this.#bounds()) {
      const { least, most, counted } = bounds;
      if (takesNothing(result)) this.fail("repetition of what may be nothing");
      const lazy = this.#take("?");
      // Behind a count + is repetition once more.
      const possessive = !lazy && !counted && this.#take("+");
      const repeat: Pattern = { kind: "repeat", part: result, least, most, lazy };
      result = possessive ? this.#possessive(result, least, most) : repeat;
    }
    return result;
  }

  #bounds(): { readonly least: number; readonly most: number; readonly counted: boolean } | undefined {
    if (this.#take("*")) return { least: 0, most: Infinity, counted: false };
    if (this.#take("+")) return { least: 1, most: Infinity, counted: false };
    if (this.#take("?")) return { least: 0, most: 1, counted: false };
    const match = this.#match(/\{(\d{1,4})(,?)(\d{0,4})\}/y);
    if (match === undefined) return undefined;
    const [, first = "", comma, second = ""] = match;
    const least = Number(first);
    const most = comma === "" ? least : second === "" ? Infinity : Number(second);
    if (Math.max(least, most === Infinity ? 0 : most) > MAX_REPEAT || most < least || most === 0) this.fail("an unusual count");
    return { least, most, counted: true };
  }

  /**
   * Never gives back what it took: as much as there is, and then something else. That is a look ahead where one part is one
   * character.
   */
  #possessive(part: Pattern, least: number, most: number): Pattern {
    if (part.kind !== "character") return this.fail("possessive repetition of more than a character");
    const other: Pattern = { kind: "ahead", set: complementOf(part.set), orEnd: true };
    if (most === 1) return { kind: "choice", options: [part, other] };
    return { kind: "sequence", parts: [{ kind: "repeat", part, least, most, lazy: false }, other] };
  }

  // ── atoms ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #atom(depth: number, anyCase: boolean): Pattern {
    if (this.#take("(?:")) return this.#group(depth, anyCase);
    if (this.#take("(?i:")) return this.#group(depth, true);
    if (this.#take("(?!")) return this.#ahead(depth, true);
    if (this.#take("(?=")) return this.#ahead(depth, false);
    if (this.#sees("(?")) this.fail("an unknown kind of group");
    if (this.#take("(")) return this.#group(depth, anyCase);
    // The end of a line, also of one before others.
    if (this.#take("$")) return { kind: "ahead", set: rangeSet(10, 10), orEnd: true };
    if (this.#take(".")) return { kind: "character", set: complementOf(rangeSet(10, 10)) };
    if (this.#take("[")) return { kind: "character", set: this.#class(depth, anyCase) };
    if (/[\^*+?{}]/.test(this.#source.charAt(this.at))) this.fail(`an unexpected ${this.#source.charAt(this.at)}`);
    return { kind: "character", set: this.#cased(this.#single(), anyCase) };
  }

  #group(depth: number, anyCase: boolean): Pattern {
    const inner = this.choice(depth + 1, anyCase);
    if (!this.#take(")")) this.fail("a group without its end");
    return inner;
  }

  #ahead(depth: number, negative: boolean): Pattern {
    const inner = this.#group(depth, false);
    const options = inner.kind === "choice" ? inner.options : [inner];
    const sets = options.map((option) => (option.kind === "character" ? option.set : this.fail("a look at more than a character")));
    const set = unionOf(sets);
    return negative ? { kind: "ahead", set: complementOf(set), orEnd: true } : { kind: "ahead", set, orEnd: false };
  }

  /** A code point, or what an escape stands for. */
  #single(): number | CodePointSet {
    return this.#take("\\") ? this.#escape() : this.#character();
  }

  #character(): number {
    const code = this.#source.codePointAt(this.at);
    if (code === undefined) return this.fail("an unexpected end");
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  #escape(): number | CodePointSet {
    const property = this.#match(/([pP])\{(\^?)([A-Za-z]+)\}/y);
    if (property !== undefined) {
      const [, letter, caret, name = ""] = property;
      const set = propertySet(name) ?? this.fail(`the unknown property ${name}`);
      return (letter === "P") === (caret === "^") ? set : complementOf(set);
    }
    const hex = this.#match(/u([0-9a-fA-F]{4})|x\{([0-9a-fA-F]{1,6})\}|x([0-7][0-9a-fA-F])/y);
    if (hex !== undefined) return parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
    const letter = this.#match(/[a-zA-Z]/y)?.[0];
    if (letter !== undefined) return ESCAPES[letter]?.() ?? this.fail(`the unknown escape \\${letter}`);
    if (/[0-9]/.test(this.#source.charAt(this.at))) this.fail("a reference");
    return this.#character();
  }

  #cased(single: number | CodePointSet, anyCase: boolean): CodePointSet {
    if (!anyCase) return typeof single === "number" ? rangeSet(single, single) : single;
    if (typeof single !== "number" || single > 0x7f) return this.fail("something in either case that is not ASCII");
    const letter = String.fromCharCode(single);
    const forms = [letter.toLowerCase(), letter.toUpperCase(), FURTHER_FORMS[letter.toLowerCase()] ?? letter];
    return unionOf(forms.map((form) => form.charCodeAt(0)).map((form) => rangeSet(form, form)));
  }

  // ── classes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #class(depth: number, anyCase: boolean): CodePointSet {
    if (depth > MAX_DEPTH) this.fail("too many classes in each other");
    const negative = this.#take("^");
    const intersected: CodePointSet[] = [];
    let sets: CodePointSet[] = [];
    // Only as the very first is it a character.
    if (this.#sees("]")) this.fail("an empty class");
    while (!this.#take("]")) {
      if (this.at >= this.#source.length) this.fail("a class without its end");
      if (this.#sees("[:")) this.fail("a named class");
      if (this.#take("&&")) {
        intersected.push(unionOf(sets));
        sets = [];
      } else if (this.#take("[")) sets.push(this.#class(depth + 1, anyCase));
      else sets.push(this.#classItem(anyCase));
    }
    const set = intersected.length === 0 ? unionOf(sets) : intersectionOf([...intersected, unionOf(sets)]);
    return negative ? intersectionOf([EVERYTHING, complementOf(set)]) : set;
  }

  #classItem(anyCase: boolean): CodePointSet {
    const first = this.#single();
    if (typeof first !== "number" || !this.#sees("-") || this.#sees("-]")) return this.#cased(first, anyCase);
    this.#take("-");
    if (this.#sees("[")) this.fail("a range to a class");
    const last = this.#single();
    if (typeof last !== "number" || last < first) return this.fail("a range that is none");
    if (anyCase) this.fail("a range in either case");
    return rangeSet(first, last);
  }

  // ── characters of the source ───────────────────────────────────────────────────────────────────────────────────────────

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.at);
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** @param pattern a sticky one. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }
}

const ESCAPES: Readonly<Record<string, (() => number | CodePointSet) | undefined>> = {
  n: () => 10,
  r: () => 13,
  t: () => 9,
  f: () => 12,
  v: () => 11,
  s: () => SPACES,
  S: () => complementOf(SPACES),
  d: () => propertySet("Nd") ?? [],
  D: () => complementOf(propertySet("Nd") ?? []),
};

/** Letters with a third form besides the capital: long s and the Kelvin sign. */
const FURTHER_FORMS: Readonly<Record<string, string | undefined>> = { s: "\u017f", k: "\u212a" };

/** Letters that in either case are also one: a sharp s and ligatures. Also as a class's neighbours, to be on the safe side. */
const FOLDING_TOGETHER = /ss|ff|fi|fl|st/i;
