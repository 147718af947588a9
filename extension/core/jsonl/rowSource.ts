import type { Span } from "../../base/text";
import type { JsonValue } from "../dataset/conversation";
import { type JsonParse, parseJson } from "./parse";
import { pointerSteps, pointerTo } from "./pointer";
import type { EscapeMap } from "./strings";
import type { JsonTree, NodeId } from "./tree";

/** Characters `[start, end)` of the decoded string at `pointer`, UTF-16 units. */
export interface StringPlace {
  /** JSON Pointer into the row. */
  readonly pointer: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A row's text, and the way between it and the strings that it holds, through JSON escapes. It is parsed when it is first
 * needed, and nothing is looked up twice: a look-up takes time logarithmic in the size of the row. Only `value` throws.
 */
export class RowSource {
  readonly text: string;
  /** Whether the row is no JSON but a text by itself: the string at the pointer `""`. */
  readonly plain: boolean;
  #value: JsonValue | undefined;
  #parsed: JsonParse | undefined;
  #parents: Parents | undefined;
  #lookups: Lookups | undefined;

  /** @param options.value what `JSON.parse` makes of the text, where that is already known */
  constructor(text: string, options: { readonly plain?: boolean; readonly value?: JsonValue } = {}) {
    this.text = text;
    this.plain = options.plain ?? false;
    this.#value = options.value;
  }

  /** The row as `JSON.parse` gives it, the same one every time. @throws SyntaxError where it is no JSON */
  get value(): JsonValue {
    this.#value ??= this.plain ? this.text : (JSON.parse(this.text) as JsonValue);
    return this.#value;
  }

  /** The row's values with their ranges, and what is wrong with its JSON. */
  get parsed(): JsonParse {
    this.#parsed ??= parseJson(this.text);
    return this.#parsed;
  }

  get tree(): JsonTree {
    return this.parsed.tree;
  }

  /** The node that `pointer` names, or undefined. Of duplicate keys the last counts, as in `JSON.parse` and Python. */
  nodeAt(pointer: string): NodeId | undefined {
    if (pointer === "") return this.tree.size === 0 ? undefined : 0;
    const { nodes } = this.#known;
    if (nodes.has(pointer)) return nodes.get(pointer);
    const slash = pointer.lastIndexOf("/");
    const parent = slash === -1 ? undefined : this.nodeAt(pointer.slice(0, slash));
    const node = parent === undefined ? undefined : this.#child(parent, pointerSteps(pointer.slice(slash))[0] ?? "");
    nodes.set(pointer, node);
    return node;
  }

  /**
   * Where the characters `[start, end)` of the string at `pointer` stand in the row's text; a character written as an escape
   * is covered by the whole escape. The whole value where `start` is left out, without quotes if it is a string; undefined
   * where there is no such value, or characters are asked of something that is no string.
   */
  rangeOf(pointer: string, start?: number, end?: number): Span | undefined {
    if (this.plain) return pointer === "" ? clamp(start ?? 0, end ?? this.text.length, this.text.length) : undefined;
    const node = this.nodeAt(pointer);
    if (node === undefined) return undefined;
    if (this.tree.kind(node) !== "string") return start === undefined ? this.tree.span(node) : undefined;
    const inside = this.tree.inside(node);
    const length = inside.end - inside.start;
    const map = this.#escapesOf(node);
    const range = clamp(start === undefined ? 0 : map.toRaw(start), end === undefined ? length : map.toRaw(end), length);
    return { start: inside.start + range.start, end: inside.start + range.end };
  }

  /** The characters of strings (values, not keys) that stand in `[start, end)` of the row's text, in order; an empty range asks for the place of a cursor. */
  stringsIn(start: number, end = start): readonly StringPlace[] {
    if (this.plain) return [{ pointer: "", ...clamp(start, end, this.text.length) }];
    const { tree } = this;
    const found: StringPlace[] = [];
    for (let node = this.#lastBefore(start); node < tree.size && tree.span(node).start <= end; node++) {
      if (tree.kind(node) !== "string" || tree.isKey(node)) continue;
      const inside = tree.inside(node);
      const [from, to] = [Math.max(start, inside.start), Math.min(end, inside.end)];
      if (from > to || (from === to && start < end)) continue;
      const map = this.#escapesOf(node);
      // The end is that of the last character, so that a part of an escape is the whole of its character.
      const last = from === to ? map.toUnit(from - inside.start) : map.toUnit(to - inside.start - 1) + 1;
      found.push({ pointer: this.pointerOf(node), start: map.toUnit(from - inside.start), end: last });
    }
    return found;
  }

  /** The JSON Pointer of a value or of a key's member. O(depth). */
  pointerOf(node: NodeId): string {
    this.#parents ??= parentsOf(this.tree);
    const { parent, index } = this.#parents;
    const steps: (string | number)[] = [];
    for (let at = node; at > 0; at = parent[at] ?? 0) steps.push(this.#stepTo(at, index[at] ?? 0));
    return steps.reduceRight<string>((pointer, step) => pointerTo(pointer, step), "");
  }

  #stepTo(node: NodeId, index: number): string | number {
    if (index >= 0) return index;
    return this.tree.string(this.tree.isKey(node) ? node : node - 1);
  }

  #child(parent: NodeId, step: string): NodeId | undefined {
    const { tree } = this;
    if (tree.kind(parent) === "object") {
      const key = tree.member(parent, step);
      return key === undefined ? undefined : tree.valueOf(key);
    }
    const known = this.#known.elements;
    let elements = known.get(parent);
    if (elements === undefined) {
      elements = tree.children(parent);
      known.set(parent, elements);
    }
    return elements[Number(step)];
  }

  #escapesOf(node: NodeId): EscapeMap {
    const known = this.#known.escapes;
    let map = known.get(node);
    if (map === undefined) {
      map = this.tree.escapes(node);
      known.set(node, map);
    }
    return map;
  }

  /** Most rows of a check are never asked where something stands, and need no maps. */
  get #known(): Lookups {
    this.#lookups ??= { nodes: new Map(), elements: new Map(), escapes: new Map() };
    return this.#lookups;
  }

  /** The last node that begins at or before `offset`: nodes stand in the order of the text. */
  #lastBefore(offset: number): NodeId {
    let low = 0;
    let high = this.tree.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tree.span(middle).start <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** What was looked up already. */
interface Lookups {
  readonly nodes: Map<string, NodeId | undefined>;
  readonly elements: Map<NodeId, readonly NodeId[]>;
  readonly escapes: Map<NodeId, EscapeMap>;
}

/** For each node its container, and its index there: -1 where the container is an object. */
interface Parents {
  readonly parent: Int32Array;
  readonly index: Int32Array;
}

function parentsOf(tree: JsonTree): Parents {
  const parent = new Int32Array(tree.size);
  const index = new Int32Array(tree.size);
  for (let node = 0; node < tree.size; node++) {
    const kind = tree.kind(node);
    if (kind !== "array" && kind !== "object") continue;
    const end = tree.after(node);
    let count = 0;
    for (let child = node + 1; child < end; child = tree.after(child)) {
      parent[child] = node;
      index[child] = kind === "array" ? count++ : -1;
    }
  }
  return { parent, index };
}

function clamp(start: number, end: number, length: number): Span {
  const from = Math.max(0, Math.min(start, length));
  return { start: from, end: Math.max(from, Math.min(end, length)) };
}
