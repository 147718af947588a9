const LF = 10;
const CR = 13;

/** Finds line ends in a buffer that is filled piece by piece. LF, CRLF and a lone CR end a line. */
export class LineFinder {
  #bytes: Uint8Array;
  #end: number;
  #final: boolean;
  /** The next LF and CR at or after the last question; -1 = none in the buffer, -2 = not looked for yet. */
  #lf = -2;
  #cr = -2;

  constructor(bytes: Uint8Array, end: number, final: boolean) {
    this.#bytes = bytes;
    this.#end = end;
    this.#final = final;
  }

  /**
   * The end of the line that begins at `from`: `end` without the terminator, `next` after it. Undefined when the buffer
   * does not tell yet. On the final buffer the last line ends at the end of the bytes.
   */
  lineFrom(from: number): { readonly end: number; readonly next: number } | undefined {
    if (this.#lf !== -1 && this.#lf < from) this.#lf = this.#find(LF, from);
    if (this.#cr !== -1 && this.#cr < from) this.#cr = this.#find(CR, from);
    const lf = this.#lf;
    const cr = this.#cr;
    if (cr !== -1 && (lf === -1 || cr < lf)) {
      if (cr + 1 === this.#end && !this.#final) return undefined;
      return { end: cr, next: cr + 1 < this.#end && this.#bytes[cr + 1] === LF ? cr + 2 : cr + 1 };
    }
    if (lf !== -1) return { end: lf, next: lf + 1 };
    return this.#final && from < this.#end ? { end: this.#end, next: this.#end } : undefined;
  }

  #find(byte: number, from: number): number {
    const at = this.#bytes.indexOf(byte, from);
    return at >= this.#end ? -1 : at;
  }
}
