import type { Behavior } from "../fallback/splitting";
import type { Scanner } from "./scanner";

/** Takes a piece `[start, end)` of a text. */
export type TakePiece = (start: number, end: number) => void;

/**
 * Splits `units[from, to)` as the Rust library does: `behavior` says what becomes of what the scanner finds. `units[to]` must be
 * `END_UNIT`.
 * @param invert whether what is not found counts as found, and the other way round.
 */
export function eachPiece(scanner: Scanner, behavior: Behavior, invert: boolean, units: Uint16Array, from: number, to: number, take: TakePiece): void {
  const joiner = JOINERS[behavior](take);
  let at = from;
  while (at < to && scanner.find(units, at, to)) {
    const { start, end } = scanner;
    if (at < start) joiner.stretch(at, start, invert);
    joiner.stretch(start, end, !invert);
    at = end;
  }
  if (at < to) joiner.stretch(at, to, invert);
  joiner.finish(to);
}

/** Is told all stretches of a text in a row, and makes pieces of them. */
interface Joiner {
  stretch(start: number, end: number, found: boolean): void;
  finish(end: number): void;
}

const NOTHING = (): void => undefined;

/** Begins a new piece where `parts` says so of a stretch and the one before it. */
function joining(parts: (found: boolean, previous: boolean) => boolean): (take: TakePiece) => Joiner {
  return (take) => {
    let from = -1;
    let previous = false;
    return {
      stretch: (start, _end, found) => {
        if (from >= 0 && parts(found, previous)) {
          take(from, start);
          from = start;
        } else if (from < 0) from = start;
        previous = found;
      },
      finish: (end) => {
        if (from >= 0) take(from, end);
      },
    };
  };
}

const JOINERS: Readonly<Record<Behavior, (take: TakePiece) => Joiner>> = {
  isolated: (take) => ({ stretch: take, finish: NOTHING }),
  removed: (take) => ({ stretch: (start, end, found) => (found ? undefined : take(start, end)), finish: NOTHING }),
  contiguous: joining((found, previous) => found !== previous),
  mergedWithPrevious: joining((found, previous) => previous || !found),
  mergedWithNext: joining((found, previous) => found || !previous),
};
