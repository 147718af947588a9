import type { HistogramBin } from "../../core/analysis/report";
import { count } from "../terminal/units";
import { padEnd, padStart } from "../terminal/display";

/** How many lines a histogram has at most. */
const MOST_LINES = 10;

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Adds the histograms of several files, whose bins may be of different widths, up to one of at most {@link MOST_LINES} bins.
 * Exact: the bins that result are as wide as a common multiple of all widths.
 */
export function mergeHistograms(histograms: readonly (readonly HistogramBin[])[]): HistogramBin[] {
  const bins = histograms.flat();
  if (bins.length === 0) return [];
  const unit = bins.map((bin) => bin.to - bin.from).reduce(leastCommonMultiple);
  const end = Math.max(...bins.map((bin) => bin.to));
  const width = unit * Math.ceil(end / (unit * MOST_LINES));
  const merged = Array.from({ length: Math.ceil(end / width) }, (_, i) => ({ from: i * width, to: (i + 1) * width, rows: 0 }));
  for (const bin of bins) {
    const target = merged[Math.floor(bin.from / width)];
    if (target !== undefined) target.rows += bin.rows;
  }
  return merged;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** One line a bin, in at most `width` columns: its range, a bar and its number of rows. Empty bins at the ends are left out. */
export function histogramLines(bins: readonly HistogramBin[], width: number): string[] {
  const first = bins.findIndex((bin) => bin.rows > 0);
  const shown = bins.slice(Math.max(0, first), bins.findLastIndex((bin) => bin.rows > 0) + 1);
  const labels = shown.map((bin) => `${count(bin.from)}–${count(bin.to - 1)}`);
  const counts = shown.map((bin) => count(bin.rows));
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const countWidth = Math.max(0, ...counts.map((label) => label.length));
  const barWidth = Math.max(4, Math.min(40, width - labelWidth - countWidth - 4));
  const most = Math.max(1, ...shown.map((bin) => bin.rows));
  return shown.map((bin, i) => {
    const bar = padEnd(barOf(bin.rows / most, barWidth), barWidth);
    return `${padStart(labels[i] ?? "", labelWidth)}  ${bar}  ${padStart(counts[i] ?? "", countWidth)}`;
  });
}

/** A bar of `share` of the width, in eighths of a column; never nothing for something. */
function barOf(share: number, width: number): string {
  const eighths = share === 0 ? 0 : Math.max(1, Math.round(share * width * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}
