import type { Span } from "../../base/text";
import { decodeString, EscapeMap } from "./strings";

/** What a node is. A `missing` node stands where a value was expected and none was found; it keeps the tree whole. */
export type JsonKind = "object" | "array" | "string" | "number" | "true" | "false" | "null" | "missing";

/** Kinds as they stand on the tape; the position in this list is the code. */
export const JSON_KINDS: readonly JsonKind[] = ["missing", "object", "array", "string", "number", "true", "false", "null"];

export const KIND = { missing: 0, object: 1, array: 2, string: 3, number: 4, true: 5, false: 6, null: 7 } as const;

/** Flags of a node on the tape. */
export const FLAG = { escaped: 1, key: 2, unclosed: 4 } as const;

/** A node is its index on the tape. */
export type NodeId = number;

/**
 * A JSON text with the range of every value, kept as columns of numbers ("tape") instead of objects: about 13 bytes a
 * node, no allocation per node. Nodes stand in document order; an object's children alternate key and value.
 */
export class JsonTree {
  readonly text: string;
  readonly #kinds: Uint8Array;
  readonly #flags: Uint8Array;
  /** Three numbers a node: start, end, index after the subtree. */
  readonly #spans: Int32Array;

  constructor(text: string, kinds: Uint8Array, flags: Uint8Array, spans: Int32Array) {
    this.text = text;
    this.#kinds = kinds;
    this.#flags = flags;
    this.#spans = spans;
  }

  /** The number of nodes, keys included. Zero when the text holds no value at all. */
  get size(): number {
    return this.#kinds.length;
  }

  kind(node: NodeId): JsonKind {
    return JSON_KINDS[this.#kinds[node] ?? 0] ?? "missing";
  }

  /** Where the node stands in the text, quotes and brackets included. */
  span(node: NodeId): Span {
    return { start: this.#spans[node * 3] ?? 0, end: this.#spans[node * 3 + 1] ?? 0 };
  }

  /** The index after the node's last descendant: its next sibling, or the end of its parent. */
  after(node: NodeId): NodeId {
    return this.#spans[node * 3 + 2] ?? node + 1;
  }

  isKey(node: NodeId): boolean {
    return ((this.#flags[node] ?? 0) & FLAG.key) !== 0;
  }

  /** The source text of the node. */
  source(node: NodeId): string {
    const { start, end } = this.span(node);
    return this.text.slice(start, end);
  }

  /** The value of a string or key node, escapes decoded. */
  string(node: NodeId): string {
    const { start, end } = this.inside(node);
    const raw = this.text.slice(start, end);
    return ((this.#flags[node] ?? 0) & FLAG.escaped) === 0 ? raw : decodeString(raw);
  }

  /** The elements of an array in order; the key nodes of an object in order. Empty for anything else. */
  children(node: NodeId): NodeId[] {
    const kind = this.#kinds[node];
    const found: NodeId[] = [];
    if (kind !== KIND.object && kind !== KIND.array) return found;
    const end = this.after(node);
    for (let child = node + 1; child < end; child = this.after(child)) {
      if (kind === KIND.array || this.isKey(child)) found.push(child);
    }
    return found;
  }

  /** The value that belongs to a key node. */
  valueOf(key: NodeId): NodeId {
    return key + 1;
  }

  /** The key node of the last member called `name` (the one that `JSON.parse` and Python keep), or undefined. */
  member(object: NodeId, name: string): NodeId | undefined {
    let found: NodeId | undefined;
    if (this.kind(object) !== "object") return undefined;
    for (const key of this.children(object)) if (this.string(key) === name) found = key;
    return found;
  }

  /** The smallest value (no key) whose span holds `offset`, its end included; undefined without any value. */
  innermostAt(offset: number): NodeId | undefined {
    if (this.size === 0) return undefined;
    let node: NodeId = 0;
    for (;;) {
      const inside: NodeId | undefined = this.#childAt(node, offset);
      if (inside === undefined) return node;
      node = inside;
    }
  }

  #childAt(node: NodeId, offset: number): NodeId | undefined {
    const end = this.after(node);
    for (let child = node + 1; child < end; child = this.after(child)) {
      const span = this.span(child);
      if (span.start > offset) return undefined;
      if (offset < span.end || (offset === span.end && span.end === this.text.length)) return this.isKey(child) ? this.valueOf(child) : child;
    }
    return undefined;
  }

  /**
   * The range in the text of the characters `[start, end)` of a string node's decoded value, through its escapes: a
   * character written as an escape is covered by the whole escape.
   */
  stringSpan(node: NodeId, start: number, end: number): Span {
    const inner = this.inside(node);
    if (((this.#flags[node] ?? 0) & FLAG.escaped) === 0) return { start: inner.start + start, end: inner.start + end };
    const map = this.escapes(node);
    const at = (unit: number): number => Math.min(inner.end, inner.start + map.toRaw(unit));
    return { start: at(start), end: at(end) };
  }

  /** The map of a string node's escapes; offsets are those of the text between its quotes. */
  escapes(node: NodeId): EscapeMap {
    const { start, end } = this.inside(node);
    return new EscapeMap(((this.#flags[node] ?? 0) & FLAG.escaped) === 0 ? "" : this.text.slice(start, end));
  }

  /** Where the text between the quotes of a string node stands. */
  inside(node: NodeId): Span {
    const { start, end } = this.span(node);
    const closed = ((this.#flags[node] ?? 0) & FLAG.unclosed) === 0;
    return { start: start + 1, end: Math.max(start + 1, closed ? end - 1 : end) };
  }
}
