import type { HistogramBin, TokenStatistics } from "./report";

/** A distribution as it crosses between threads: lengths and how many rows have each. */
export interface TokenCounts {
  readonly lengths: Uint32Array;
  readonly rows: Uint32Array;
}

/**
 * How many rows have how many tokens, exactly. Memory grows with the number of different lengths, not with the rows: a row
 * of more than 64 Ki tokens takes a quarter of a megabyte of file, so that even 100 GB hold few different long ones.
 */
export class TokenDistribution {
  readonly #rows = new Map<number, number>();
  #count = 0;
  #total = 0;

  /** Counts a row of `length` tokens. */
  add(length: number, rows = 1): void {
    this.#rows.set(length, (this.#rows.get(length) ?? 0) + rows);
    this.#count += rows;
    this.#total += length * rows;
  }

  merge(counts: TokenCounts): void {
    counts.lengths.forEach((length, i) => {
      this.add(length, counts.rows[i] ?? 0);
    });
  }

  toCounts(): TokenCounts {
    return { lengths: Uint32Array.from(this.#rows.keys()), rows: Uint32Array.from(this.#rows.values()) };
  }

  /** Statistics of the rows counted so far, or null without any. Percentiles are nearest-rank: a length that some row has. */
  statistics(): TokenStatistics | null {
    if (this.#count === 0) return null;
    const sorted = this.#sorted();
    const percentile = (p: number): number => {
      let left = Math.ceil((p / 100) * this.#count);
      for (const [length, rows] of sorted) {
        left -= rows;
        if (left <= 0) return length;
      }
      return 0;
    };
    // Which tokens are trained on is not known before the template engine gives masks; until then none are claimed.
    return { total: this.#total, trained: 0, max: sorted.at(-1)?.[0] ?? 0, p50: percentile(50), p95: percentile(95), p99: percentile(99) };
  }

  /** At most `bins` bins of equal, round width from 0 to the longest row. */
  histogram(bins: number): HistogramBin[] {
    const sorted = this.#sorted();
    const max = sorted.at(-1)?.[0];
    if (max === undefined) return [];
    const width = roundUp((max + 1) / bins);
    const result = Array.from({ length: Math.floor(max / width) + 1 }, (_, i) => ({ from: i * width, to: (i + 1) * width, rows: 0 }));
    for (const [length, rows] of sorted) {
      const bin = result[Math.floor(length / width)];
      if (bin !== undefined) bin.rows += rows;
    }
    return result;
  }

  #sorted(): [number, number][] {
    return [...this.#rows].sort((a, b) => a[0] - b[0]);
  }
}

/** The next of 1, 2, 5, 10, 20, 50, … that is not below `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  for (const factor of [1, 2, 5]) if (power * factor >= value) return power * factor;
  return power * 10;
}
