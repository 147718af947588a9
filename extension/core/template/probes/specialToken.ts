import type { Span } from "../../../base/text";
import { CONTROL_TOKENS } from "../reads/tokens";
import type { ProbeOptions } from "./session";

const LEADING = new RegExp(`^(?:${CONTROL_TOKENS})`, "u");
const EVERY = new RegExp(CONTROL_TOKENS, "gu");

/** The special token that a text begins with, white space aside: one that is known to be one, or else what looks like one. */
export function leadingToken(text: string, { variables, specialTokens = [] }: ProbeOptions): string | undefined {
  const trimmed = text.trimStart();
  const named = Object.entries(variables).flatMap(([name, value]) => (name.endsWith("_token") && typeof value === "string" ? [value] : []));
  const known = [...named, ...specialTokens].filter((token) => token !== "" && trimmed.startsWith(token));
  if (known.length > 0) return known.reduce((a, b) => (b.length > a.length ? b : a));
  return LEADING.exec(trimmed)?.[0];
}

/** Where there is something that looks like a special token. */
export function findControlTokens(text: string): Span[] {
  return Array.from(text.matchAll(EVERY), ({ 0: token, index }) => ({ start: index, end: index + token.length }));
}
