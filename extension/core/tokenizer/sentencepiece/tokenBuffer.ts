/** Tokens as they are found. */
export class TokenBuffer {
  ids = new Uint32Array(4096);
  starts = new Uint32Array(4096);
  ends = new Uint32Array(4096);
  count = 0;

  add(id: number, start: number, end: number): void {
    const at = this.count++;
    if (at === this.ids.length) this.#grow();
    this.ids[at] = id;
    this.starts[at] = start;
    this.ends[at] = end;
  }

  #grow(): void {
    for (const name of ["ids", "starts", "ends"] as const) {
      const larger = new Uint32Array(2 * this[name].length);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
