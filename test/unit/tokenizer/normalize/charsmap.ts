interface Node {
  readonly children: Map<number, number>;
  value?: number;
}

/** A `precompiled_charsmap` in base64: a trie whose node `i` has the units around `512 * (i + 1)` to itself. */
export function charsmap(rules: readonly (readonly [key: string, value: string])[]): string {
  const nodes: Node[] = [{ children: new Map() }];
  let strings = "";
  for (const [key, value] of rules) {
    let at = 0;
    for (const byte of Buffer.from(key)) {
      let child = nodes[at]!.children.get(byte);
      if (child === undefined) {
        child = nodes.push({ children: new Map() }) - 1;
        nodes[at]!.children.set(byte, child);
      }
      at = child;
    }
    nodes[at]!.value = Buffer.byteLength(strings);
    strings += `${value}\0`;
  }
  const place = (node: number): number => (node + 1) * 512;
  const trie = new Uint32Array(place(nodes.length) + 256);
  trie[0] = place(0) << 10;
  for (const [id, { children }] of nodes.entries()) {
    for (const [byte, child] of children) {
      const slot = place(id) ^ byte;
      const { value } = nodes[child]!;
      trie[slot] = ((slot ^ place(child)) << 10) | ((value === undefined ? 0 : 1) << 8) | byte;
      if (value !== undefined) trie[place(child)] = value;
    }
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(trie.byteLength);
  return Buffer.concat([length, Buffer.from(trie.buffer), Buffer.from(strings)]).toString("base64");
}
