/**
 * Finds which of some strings comes first in a text; of those that begin at the same place the longest, as the Rust library does.
 * Its memory is a node for each character of the strings.
 */
export class Matcher {
  /** The nodes behind a node: `node << 16 | unit`, as a number, gives the next. */
  readonly #next = new Map<number, number>();
  /** The string that ends at a node, by its index; -1 for none. */
  readonly #found: number[] = [-1];
  readonly #firstUnits = new Uint8Array(0x10000);
  /** The only first character of all strings, where there is one: it is then searched for by the host. */
  readonly #onlyFirst: string | undefined;
  /** What {@link find} found. */
  index = -1;
  start = 0;
  end = 0;

  /** Of equal strings the first counts. Empty ones are never found. */
  constructor(strings: readonly string[]) {
    for (const [index, string] of strings.entries()) this.#add(string, index);
    const first = new Set(strings.filter((string) => string !== "").map((string) => string.charAt(0)));
    this.#onlyFirst = first.size === 1 ? Array.from(first)[0] : undefined;
  }

  get isEmpty(): boolean {
    return this.#found.length === 1;
  }

  #add(string: string, index: number): void {
    let node = 0;
    for (let i = 0; i < string.length; i++) {
      const key = node * 0x10000 + string.charCodeAt(i);
      let next = this.#next.get(key);
      if (next === undefined) {
        next = this.#found.push(-1) - 1;
        this.#next.set(key, next);
      }
      node = next;
    }
    if (node === 0) return;
    this.#firstUnits[string.charCodeAt(0)] = 1;
    if (this.#found[node] === -1) this.#found[node] = index;
  }

  /** Whether one of the strings is in `text` at `from` or behind; which and where is then in the fields. */
  find(text: string, from: number): boolean {
    for (let at = this.#nextFirst(text, from); at >= 0; at = this.#nextFirst(text, at + 1)) {
      if (this.#findAt(text, at)) return true;
    }
    return false;
  }

  #nextFirst(text: string, from: number): number {
    if (this.#onlyFirst !== undefined) return text.indexOf(this.#onlyFirst, from);
    if (this.isEmpty) return -1;
    const units = this.#firstUnits;
    let at = from;
    while (at < text.length && units[text.charCodeAt(at)] === 0) at++;
    return at < text.length ? at : -1;
  }

  #findAt(text: string, start: number): boolean {
    this.index = -1;
    let node: number | undefined = 0;
    for (let at = start; at < text.length; at++) {
      node = this.#next.get(node * 0x10000 + text.charCodeAt(at));
      if (node === undefined) break;
      const found = this.#found[node] as number;
      if (found < 0) continue;
      this.index = found;
      this.start = start;
      this.end = at + 1;
    }
    return this.index >= 0;
  }
}
