const NONE = -1;

/** Texts by their beginnings: nodes are numbers, the root 0, and children are found by open addressing in typed arrays. */
export class PrefixTrie {
  /** Slots of parent, unit, child; empty where the child is 0. Their number is a power of two. */
  #slots = new Int32Array(3 * 1024);
  #values = new Int32Array(512).fill(NONE);
  #nodes = 1;

  /** A text that is there already gets the new value. */
  add(text: string, value: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const child = this.child(node, unit);
      node = child === NONE ? this.#insert(node, unit) : child;
    }
    this.#values[node] = value;
  }

  /** The node behind `unit`, or -1. */
  child(node: number, unit: number): number {
    const child = this.#slots[this.#find(node, unit) + 2] as number;
    return child === 0 ? NONE : child;
  }

  /** What was added for the text that leads to a node; -1 for nothing. */
  value(node: number): number {
    return this.#values[node] as number;
  }

  #find(node: number, unit: number): number {
    const slots = this.#slots;
    const count = slots.length / 3;
    const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b);
    let at = (hash ^ (hash >>> 15)) & (count - 1);
    while (slots[3 * at + 2] !== 0 && (slots[3 * at] !== node || slots[3 * at + 1] !== unit)) at = (at + 1) & (count - 1);
    return 3 * at;
  }

  #insert(node: number, unit: number): number {
    if (this.#nodes === this.#values.length) this.#grow();
    const at = this.#find(node, unit);
    this.#slots[at] = node;
    this.#slots[at + 1] = unit;
    this.#slots[at + 2] = this.#nodes;
    return this.#nodes++;
  }

  #grow(): void {
    const values = new Int32Array(2 * this.#values.length).fill(NONE);
    values.set(this.#values);
    this.#values = values;
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === 0) continue;
      this.#slots.set(old.subarray(at, at + 3), this.#find(old[at] as number, old[at + 1] as number));
    }
  }
}
