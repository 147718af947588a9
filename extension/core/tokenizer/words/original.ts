import { type AlignedText, spanEnd, spanStart } from "../normalize/alignedText";
import type { TokenBuffer } from "./tokenBuffer";

/**
 * Turns the places of the tokens from `first` on, which are those in a text that was made of another, into places in that one.
 * @param base where the other text begins in the whole one.
 */
export function placeInOriginal(output: TokenBuffer, first: number, text: AlignedText, base: number): void {
  const { offsets } = output;
  for (let i = first; i < output.count; i++) {
    offsets[2 * i] = base + spanStart(text, offsets[2 * i] as number);
    offsets[2 * i + 1] = base + spanEnd(text, (offsets[2 * i + 1] as number) - 1);
  }
}
