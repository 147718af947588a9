import type { Span } from "../../base/text";
import type { JsonTree, NodeId } from "./tree";

/** Appends one step to a JSON Pointer (RFC 6901): `~` becomes `~0`, `/` becomes `~1`. */
export function pointerTo(parent: string, step: string | number): string {
  if (typeof step === "number") return `${parent}/${step}`;
  return `${parent}/${step.includes("~") || step.includes("/") ? step.replaceAll("~", "~0").replaceAll("/", "~1") : step}`;
}

/** The steps of a JSON Pointer; `""` is the whole document. */
export function pointerSteps(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The node that `pointer` names, or undefined. Of duplicate keys the last counts, as in `JSON.parse` and Python. */
export function findNode(tree: JsonTree, pointer: string): NodeId | undefined {
  if (tree.size === 0) return undefined;
  let node: NodeId = 0;
  for (const step of pointerSteps(pointer)) {
    const child = tree.kind(node) === "array" ? tree.children(node)[Number(step)] : findValue(tree, node, step);
    if (child === undefined) return undefined;
    node = child;
  }
  return node;
}

function findValue(tree: JsonTree, object: NodeId, name: string): NodeId | undefined {
  const key = tree.member(object, name);
  return key === undefined ? undefined : tree.valueOf(key);
}

/** The key node of the member that `pointer` names, or undefined where it names an element or nothing. */
export function findKey(tree: JsonTree, pointer: string): NodeId | undefined {
  const slash = pointer.lastIndexOf("/");
  if (slash === -1) return undefined;
  const parent = findNode(tree, pointer.slice(0, slash));
  const name = pointerSteps(pointer).at(-1);
  return parent === undefined || name === undefined ? undefined : tree.member(parent, name);
}

/** The JSON Pointer of a node. O(depth × members). */
export function pointerOf(tree: JsonTree, node: NodeId): string {
  let pointer = "";
  let at: NodeId = 0;
  while (at !== node) {
    const step = stepToward(tree, at, node);
    if (step === undefined) return pointer;
    pointer = pointerTo(pointer, step.step);
    if (step.key === node) return pointer;
    at = step.child;
  }
  return pointer;
}

interface Step {
  readonly step: string | number;
  readonly child: NodeId;
  readonly key: NodeId | undefined;
}

/** The member or element of `parent` that holds `node`. */
function stepToward(tree: JsonTree, parent: NodeId, node: NodeId): Step | undefined {
  let index = 0;
  for (const entry of tree.children(parent)) {
    const isKey = tree.isKey(entry);
    const child = isKey ? tree.valueOf(entry) : entry;
    if (node < tree.after(child)) return { step: isKey ? tree.string(entry) : index, child, key: isKey ? entry : undefined };
    index++;
  }
  return undefined;
}

/** A place inside a row, as rules name it. */
export interface Place {
  /** JSON Pointer to a value of the row. `""` is the row itself. */
  readonly pointer: string;
  /** Mark the member's key instead of its value. */
  readonly key?: boolean;
  /** Characters `[start, end)` (UTF-16 units) of the string value, instead of the whole of it with its quotes. */
  readonly chars?: Span;
}

/** The range of `place` in the row's text; where the pointer leads nowhere, the nearest value on its way that exists. */
export function locate(tree: JsonTree, place: Place): Span {
  if (place.key === true) {
    const key = findKey(tree, place.pointer);
    if (key !== undefined) return tree.span(key);
  }
  for (let pointer = place.pointer; ; pointer = pointer.slice(0, pointer.lastIndexOf("/"))) {
    const node = findNode(tree, pointer);
    if (node !== undefined) {
      const chars = pointer === place.pointer && tree.kind(node) === "string" ? place.chars : undefined;
      return chars === undefined ? tree.span(node) : tree.stringSpan(node, chars.start, chars.end);
    }
    if (pointer === "") return { start: 0, end: tree.text.length };
  }
}
