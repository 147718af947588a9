import type { PythonToken } from "./tokens";

/** What an expression is, where that can be seen without running it. */
export type PythonValue =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "constant"; readonly value: boolean | null }
  | { readonly kind: "name"; readonly name: string }
  /** A list, tuple or set; `spreads` are values whose items it holds too. */
  | { readonly kind: "list"; readonly items: readonly PythonValue[]; readonly spreads: readonly PythonValue[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [key: PythonValue, value: PythonValue])[] }
  | { readonly kind: "unknown" };

export const UNKNOWN: PythonValue = { kind: "unknown" };

/** Brackets inside brackets beyond this are passed over. */
const MAX_DEPTH = 40;

/** Reads values from tokens; never fails: what it does not know it passes over, to the end of the argument. */
export class ValueReader {
  readonly #tokens: readonly PythonToken[];
  readonly #end: number;
  /** The next token. */
  at: number;

  /** @param limit how many tokens are read at most. */
  constructor(tokens: readonly PythonToken[], at: number, limit: number) {
    this.#tokens = tokens;
    this.at = at;
    this.#end = at + limit;
  }

  /** Whether the next token is this sign. */
  is(sign: string, ahead = 0): boolean {
    const token = this.#tokens[this.at + ahead];
    return token?.kind === "op" && token.value === sign;
  }

  get next(): PythonToken | undefined {
    return this.at < this.#end ? this.#tokens[this.at] : undefined;
  }

  /** The value of the expression here: units joined by `+`, or unknown. Stops before `,`, `:`, `=` and what closes a bracket. */
  expression(depth = 0): PythonValue {
    let value = this.#unit(depth);
    while (this.is("+") || this.is("|")) {
      this.at++;
      value = sum(value, this.#unit(depth));
    }
    if (this.#atEnd()) return value;
    this.#skip();
    return UNKNOWN;
  }

  #unit(depth: number): PythonValue {
    const token = this.next;
    if (token === undefined) return UNKNOWN;
    switch (token.kind) {
      case "text":
        return this.#text();
      case "number": {
        this.at++;
        const value = Number(token.value.replaceAll("_", ""));
        return Number.isNaN(value) ? UNKNOWN : { kind: "number", value };
      }
      case "name":
        return this.#name(token.value);
      case "opaque":
        this.at++;
        return UNKNOWN;
      case "op":
        return depth < MAX_DEPTH && OPENING.has(token.value) ? this.#bracket(token.value, depth + 1) : UNKNOWN;
    }
  }

  /** Strings that stand beside each other are one. */
  #text(): PythonValue {
    let value = "";
    for (let token = this.next; token?.kind === "text"; token = this.next) {
      value += token.value;
      this.at++;
    }
    return { kind: "text", value };
  }

  #name(name: string): PythonValue {
    this.at++;
    if (name === "None") return { kind: "constant", value: null };
    if (name === "True" || name === "False") return { kind: "constant", value: name === "True" };
    if (name === "list" || name === "tuple" || name === "set") return this.#conversion();
    return this.is("(") || this.is(".") || this.is("[") ? UNKNOWN : { kind: "name", name };
  }

  /** `list(names)` holds what `names` does. */
  #conversion(): PythonValue {
    if (!this.is("(")) return UNKNOWN;
    this.at++;
    const value = this.expression();
    if (!this.is(")")) return UNKNOWN;
    this.at++;
    return value;
  }

  #bracket(opening: string, depth: number): PythonValue {
    const closing = CLOSING[opening] ?? ")";
    this.at++;
    const items: PythonValue[] = [];
    const entries: (readonly [PythonValue, PythonValue])[] = [];
    const spreads: PythonValue[] = [];
    let commas = 0;
    while (this.next !== undefined && !this.is(closing)) {
      const before = this.at;
      const starred = this.is("*");
      if (starred) this.at += this.is("*", 1) ? 2 : 1;
      const value = this.expression(depth);
      if (this.is(":")) {
        this.at++;
        entries.push([value, this.expression(depth)]);
      } else (starred ? spreads : items).push(value);
      if (this.is(",")) {
        this.at++;
        commas++;
      } else if (this.at === before) this.at++;
    }
    this.at++;
    if (opening === "(" && commas === 0) return items[0] ?? { kind: "list", items, spreads };
    return opening === "{" && (entries.length > 0 || items.length === 0) ? { kind: "dict", entries } : { kind: "list", items, spreads };
  }

  #atEnd(): boolean {
    const token = this.next;
    return token === undefined || token.startsLine || (token.kind === "op" && ENDING.has(token.value));
  }

  /** Passes over what is left of an argument, brackets and all. */
  #skip(): void {
    let depth = 0;
    for (let token = this.next; token !== undefined; token = this.next) {
      if (token.kind === "op") {
        if (depth === 0 && ENDING.has(token.value)) return;
        if (OPENING.has(token.value)) depth++;
        else if (CLOSERS.has(token.value)) depth--;
      }
      this.at++;
    }
  }
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const OPENING: ReadonlySet<string> = new Set(Object.keys(CLOSING));
const CLOSERS: ReadonlySet<string> = new Set(Object.values(CLOSING));
const ENDING: ReadonlySet<string> = new Set([",", ":", "=", ...CLOSERS]);

function sum(a: PythonValue, b: PythonValue): PythonValue {
  if (a.kind === "text" && b.kind === "text") return { kind: "text", value: a.value + b.value };
  if (a.kind !== "list" && b.kind !== "list") return UNKNOWN;
  return { kind: "list", items: [], spreads: [a, b] };
}
