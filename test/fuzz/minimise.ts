/** How many attempts a case is worth. */
const ATTEMPTS = 400;

/**
 * Takes pieces out of `text` for as long as `fails` still holds, larger pieces first.
 * @returns the smallest text found.
 */
export async function minimise(text: string, fails: (candidate: string) => Promise<boolean>): Promise<string> {
  let best = text;
  let attempts = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1 && attempts < ATTEMPTS; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && attempts < ATTEMPTS; ) {
      const candidate = best.slice(0, at) + best.slice(at + size);
      attempts++;
      if (candidate !== "" && (await fails(candidate))) best = candidate;
      else at += size;
    }
  }
  return best;
}
