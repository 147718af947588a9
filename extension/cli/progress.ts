import { bytes, duration } from "./terminal/units";
import { fit } from "./terminal/display";
import type { OutputStream } from "./host";

/** The shortest time between two drawings: ten a second is as smooth as reading needs. */
const REDRAW_MS = 100;

/** Below this many seconds a rate says nothing yet. */
const RATE_AFTER_SECONDS = 0.5;

/** The width where the terminal does not tell, and the widest bar. */
const DEFAULT_COLUMNS = 80;
const WIDEST_BAR = 30;

/** Whether a bar is wanted: a person watches, and it is no log of a CI system. */
export function wantsProgress(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  const ci = env.CI ?? "";
  return stream.isTTY === true && env.TERM !== "dumb" && (ci === "" || ci === "0" || ci === "false");
}

/** A line at the bottom of the terminal that tells how far the work is. Cleared before anything else is printed. */
export class ProgressBar {
  readonly #stream: OutputStream;
  readonly #now: () => number;
  readonly #enabled: boolean;
  readonly #started: number;
  #label = "";
  #drawnAt = Number.NEGATIVE_INFINITY;
  #visible = false;

  constructor(stream: OutputStream, enabled: boolean, now: () => number) {
    this.#stream = stream;
    this.#enabled = enabled;
    this.#now = now;
    this.#started = now();
  }

  /** What is being worked on; shown where there is room. */
  label(text: string): void {
    this.#label = text;
  }

  update(done: number, total: number): void {
    if (!this.#enabled) return;
    const now = this.#now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const columns = this.#stream.columns ?? DEFAULT_COLUMNS;
    // One column less than there are: some terminals wrap when the last one is written.
    this.#stream.write(`\r\u001b[2K${progressLine({ done, total, label: this.#label, seconds: (now - this.#started) / 1000 }, columns - 1)}`);
    this.#visible = true;
  }

  clear(): void {
    if (!this.#visible) return;
    this.#stream.write("\r\u001b[2K");
    this.#visible = false;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }
}

/** What the bar shows. */
export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly label: string;
  readonly seconds: number;
}

/** The bar as one line of at most `width` columns: bar, share, size, rate, time left, label. */
export function progressLine(state: ProgressState, width: number): string {
  const share = state.total <= 0 ? 1 : Math.min(1, state.done / state.total);
  const facts = [`${String(Math.floor(share * 100)).padStart(3)} %`, `${bytes(state.done)} of ${bytes(state.total)}`];
  if (state.seconds >= RATE_AFTER_SECONDS && state.done > 0) {
    const rate = state.done / state.seconds;
    facts.push(`${bytes(rate)}/s`, `${duration((state.total - state.done) / rate)} left`);
  }
  const barWidth = Math.min(WIDEST_BAR, Math.floor(width / 4));
  const filled = Math.round(share * barWidth);
  return fit(`${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${facts.join("  ")}  ${state.label}`.trimEnd(), width);
}
