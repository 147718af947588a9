import type { Severity } from "../../core/rules/rule";

/** Colours a text, or leaves it as it is. */
export type Paint = (text: string) => string;

/** The looks that output has. Everything is told by words too: nothing depends on a look. */
export interface Style {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly severity: Readonly<Record<Severity, Paint>>;
}

/** Who reads, as far as colours go. */
export interface Reader {
  readonly isTTY?: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether colours are wanted: `FORCE_COLOR` decides when it is set (as for Node, `0` and `false` mean no), then `NO_COLOR`
 * when it is not empty (https://no-color.org), then whether it is a terminal that knows colours.
 */
export function wantsColour(reader: Reader): boolean {
  const force = reader.env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  if ((reader.env.NO_COLOR ?? "") !== "") return false;
  return reader.isTTY === true && reader.env.TERM !== "dumb";
}

/** The style with colours, or the one that changes nothing. */
export function createStyle(colours: boolean): Style {
  const paint = (on: number, off: number): Paint => (colours ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text);
  return {
    strong: paint(1, 22),
    faint: paint(2, 22),
    good: paint(32, 39),
    severity: { error: paint(31, 39), warning: paint(33, 39), info: paint(36, 39), hint: paint(35, 39) },
  };
}
