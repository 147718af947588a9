/** The character that stands for a space. */
export const MARK = "▁";

/** The unit that stands for both in the tables and in what is encoded: a space, of which no text has any here. */
export const MARK_UNIT = 0x20;

/** @param unit a UTF-16 unit of a text. */
export function marked(unit: number): number {
  return unit === 0x2581 ? MARK_UNIT : unit;
}
