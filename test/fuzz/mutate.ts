import type { Random } from "../support/random";
import type { Grammar } from "./grammar";

const TOKEN = /\{%[-+]?|[-+]?%\}|\{\{-?|-?\}\}|\{#-?|-?#\}|\w+|\s+|'[^'\n]*'|"[^"\n]*"|[^\w\s]/gu;

/** A template of the corpus with a few changes, most of which leave it a template. */
export function mutate(source: string, corpus: readonly string[], random: Random, grammar: Grammar): string {
  let text = source;
  const changes = 1 + random.int(3);
  for (let i = 0; i < changes; i++) text = change(text, corpus, random, grammar);
  return text;
}

function change(source: string, corpus: readonly string[], random: Random, grammar: Grammar): string {
  const tokens: readonly string[] = source.match(TOKEN) ?? [];
  if (tokens.length === 0) return grammar.template();
  const at = random.int(tokens.length);
  switch (random.int(9)) {
    case 0: return tokens.with(at, "").join("");
    case 1: return tokens.with(at, random.pick(tokens)).join("");
    case 2: return tokens.toSpliced(at, 0, random.pick(tokens)).join("");
    case 3: return replaceWhere(tokens, random, /^\w+$/, () => `(${grammar.expression("any", 2)})`);
    case 4: return replaceWhere(tokens, random, /^(?:'.*'|".*")$/, () => grammar.expression("text", 1));
    case 5: return replaceWhere(tokens, random, /^-?\}\}$|^[-+]?%\}$/, (token) => (token.startsWith("-") ? token.slice(1) : `-${token.replace("+", "")}`));
    case 6: return replaceWhere(tokens, random, /^-?\}\}$/, (token) => `|${random.pick(["trim", "upper", "tojson", "length", "default('')", "string", "list", "first"])} ${token}`);
    case 7: return replaceWhere(tokens, random, /^-?\}\}$|^[-+]?%\}$/, (token) => `${token}${grammar.body()}`);
    default: return cutFrom(random.pick(corpus), random) + source.slice(random.int(source.length));
  }
}

function replaceWhere(tokens: readonly string[], random: Random, pattern: RegExp, make: (token: string) => string): string {
  const places = tokens.flatMap((token, i) => (pattern.test(token) ? [i] : []));
  if (places.length === 0) return tokens.join("");
  const at = random.pick(places);
  return tokens.with(at, make(tokens[at] ?? "")).join("");
}

function cutFrom(source: string, random: Random): string {
  const ends = [...source.matchAll(/%\}|\}\}/g)].map((match) => match.index + 2);
  return ends.length === 0 ? "" : source.slice(0, random.pick(ends));
}
