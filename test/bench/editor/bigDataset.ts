/** Rows of a dataset of 10 MB. */
export const ROWS = 20_000;
/** Rows on a screen. */
export const SCREEN_ROWS = 45;

/** About 500 characters, as chat data has, no two rows alike. */
export function datasetRow(i: number): string {
  const words = Array.from({ length: 55 }, (_, k) => WORDS[(i * 31 + k * k * 17 + k) % WORDS.length]).join(" ");
  return JSON.stringify({ messages: [{ role: "user", content: `Question ${i}: ${words}?` }, { role: "assistant", content: `Answer ${i * 7}: ${words.slice(0, 90)}.` }] });
}

/** A row with an answer of the given role, whose text has fewer words. */
export function rowOfRole(i: number, role: string): string {
  return JSON.stringify({ messages: [{ role: "user", content: `Question ${i}: ${"how does it work? ".repeat(20)}` }, { role, content: `Answer ${i}.` }] });
}

const WORDS = ["how", "does", "the", "gradient", "of", "a", "loss", "reach", "token", "embeddings", "when", "padding", "is", "masked", "in", "batch", "number", "seven"];

/** The row at the top of the i-th screen: all over the dataset. */
export function screenStart(i: number): number {
  return (i * 6007) % (ROWS - SCREEN_ROWS);
}
