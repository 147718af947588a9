import { JsonTree, type NodeId } from "./tree";

/** Room for this many nodes at first; it doubles. */
const FIRST_CAPACITY = 64;

/** Collects the nodes of one {@link JsonTree} in document order. */
export class Tape {
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #flags = new Uint8Array(FIRST_CAPACITY);
  #spans = new Int32Array(FIRST_CAPACITY * 3);
  #size = 0;

  /** Adds a node without children. */
  leaf(kind: number, flags: number, start: number, end: number): NodeId {
    const node = this.#push(kind, flags, start);
    this.#spans[node * 3 + 1] = end;
    this.#spans[node * 3 + 2] = node + 1;
    return node;
  }

  /** Adds a container whose end is not known yet. */
  open(kind: number, start: number): NodeId {
    return this.#push(kind, 0, start);
  }

  /** Ends a container: everything added since it was opened is inside. */
  close(node: NodeId, end: number, flags: number): void {
    this.#flags[node] = (this.#flags[node] ?? 0) | flags;
    this.#spans[node * 3 + 1] = end;
    this.#spans[node * 3 + 2] = this.#size;
  }

  start(node: NodeId): number {
    return this.#spans[node * 3] ?? 0;
  }

  toTree(text: string): JsonTree {
    return new JsonTree(text, this.#kinds.slice(0, this.#size), this.#flags.slice(0, this.#size), this.#spans.slice(0, this.#size * 3));
  }

  #push(kind: number, flags: number, start: number): NodeId {
    if (this.#size === this.#kinds.length) this.#grow();
    const node = this.#size++;
    this.#kinds[node] = kind;
    this.#flags[node] = flags;
    this.#spans[node * 3] = start;
    return node;
  }

  #grow(): void {
    const grow = <T extends Uint8Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const capacity = this.#kinds.length * 2;
    this.#kinds = grow(this.#kinds, new Uint8Array(capacity));
    this.#flags = grow(this.#flags, new Uint8Array(capacity));
    this.#spans = grow(this.#spans, new Int32Array(capacity * 3));
  }
}
