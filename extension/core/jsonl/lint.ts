import type { JsonObject, JsonValue } from "../dataset/conversation";
import { isHighSurrogate, isLowSurrogate } from "../../base/text";
import { MAX_NESTING } from "./parse";
import type { JsonTree, NodeId } from "./tree";

/** Something that is JSON, but that a trainer reads otherwise than it was written, or not at all. */
export interface JsonLint {
  readonly code: "duplicate-key" | "lone-surrogate" | "number-range";
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** For a duplicate key, where the key stands first. */
  readonly first?: { readonly start: number; readonly end: number };
}

/** Integers outside of 64 bits; Arrow, which `datasets` loads JSON with, has no wider ones. */
const INT64_LIMIT = 2 ** 63;

/** A \u escape that may be half of a surrogate pair. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * Whether {@link lintTree} could find something in a text that `JSON.parse` accepted and gave as `value`. Exact for
 * duplicate keys, numbers and nesting, and cautious for surrogates; many times faster than parsing with offsets.
 */
export function mayNeedLint(text: string, value: JsonValue): boolean {
  const seen = { keys: 0, odd: false };
  survey(value, 0, seen);
  return seen.odd || countKeys(text) !== seen.keys || (text.includes("\\u") && SURROGATE_ESCAPE.test(text));
}

/** Counts the keys that survived parsing, and notes numbers out of range and nesting beyond the limit. */
function survey(value: JsonValue, depth: number, seen: { keys: number; odd: boolean }): void {
  if (typeof value === "number") {
    if (!(Math.abs(value) < INT64_LIMIT)) seen.odd = true;
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_NESTING) {
    seen.odd = true;
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value as readonly JsonValue[]) survey(element, depth + 1, seen);
    return;
  }
  surveyMembers(value as JsonObject, depth, seen);
}

function surveyMembers(object: JsonObject, depth: number, seen: { keys: number; odd: boolean }): void {
  // `for in` is the fastest way over a plain object's own keys; objects from JSON.parse inherit nothing enumerable.
  for (const key in object) {
    seen.keys++;
    survey(object[key] ?? null, depth + 1, seen);
  }
}

const BACKSLASH = 92;
const COLON = 58;

/** The number of keys as written: strings that a colon follows. The text must be valid JSON. */
function countKeys(text: string): number {
  let keys = 0;
  for (let open = text.indexOf('"'); open !== -1; ) {
    let close = text.indexOf('"', open + 1);
    while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close === -1) return keys;
    let next = close + 1;
    while (text.charCodeAt(next) <= 32) next++;
    if (text.charCodeAt(next) === COLON) keys++;
    open = text.indexOf('"', next);
  }
  return keys;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

/** Finds duplicate keys, lone surrogates and numbers that do not fit, each where it stands. */
export function lintTree(tree: JsonTree): JsonLint[] {
  const found: JsonLint[] = [];
  for (let node: NodeId = 0; node < tree.size; node++) {
    const kind = tree.kind(node);
    if (kind === "object") lintKeys(tree, node, found);
    else if (kind === "string") lintString(tree, node, found);
    else if (kind === "number") lintNumber(tree, node, found);
  }
  return found.sort((a, b) => a.start - b.start);
}

function lintKeys(tree: JsonTree, object: NodeId, found: JsonLint[]): void {
  const first = new Map<string, NodeId>();
  for (const key of tree.children(object)) {
    const name = tree.string(key);
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, key);
      continue;
    }
    const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
    found.push({
      code: "duplicate-key",
      message: `The key ${shown} stands twice in this object; only the last one counts. Remove one of them.`,
      ...tree.span(key),
      first: tree.span(earlier),
    });
  }
}

function lintString(tree: JsonTree, node: NodeId, found: JsonLint[]): void {
  if (!SURROGATE_ESCAPE.test(tree.source(node))) return;
  const value = tree.string(node);
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (isHighSurrogate(unit) && isLowSurrogate(value.charCodeAt(i + 1))) i++;
    else if (isHighSurrogate(unit) || isLowSurrogate(unit)) {
      const code = unit.toString(16).toUpperCase();
      const message = `Half of a surrogate pair (U+${code}) is no character; tokenizers refuse it. Write the whole pair or remove it.`;
      found.push({ code: "lone-surrogate", message, ...tree.stringSpan(node, i, i + 1) });
    }
  }
}

function lintNumber(tree: JsonTree, node: NodeId, found: JsonLint[]): void {
  const written = tree.source(node);
  const value = Number(written);
  if (Math.abs(value) < INT64_LIMIT || Number.isNaN(value)) return;
  const isInteger = /^-?\d+$/.test(written);
  if (isInteger && fitsInt64(written)) return;
  const shown = written.length > 40 ? `${written.slice(0, 40)}…` : written;
  const message = Number.isFinite(value)
    ? `${shown} does not fit 64 bits; loaders built on Arrow fail on it or round it. Write it as a string.`
    : `${shown} is larger than any floating-point number; it is read as Infinity. Write it as a string.`;
  if (isInteger || !Number.isFinite(value)) found.push({ code: "number-range", message, ...tree.span(node) });
}

function fitsInt64(written: string): boolean {
  if (written.length > 20) return false;
  const value = BigInt(written);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}
