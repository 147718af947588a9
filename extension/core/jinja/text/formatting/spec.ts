import { JinjaError } from "../../errors";

/** A format specification, `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`, taken apart. */
export interface FormatSpec {
  readonly fill: string;
  readonly align: string;
  readonly sign: "" | "+" | "-" | " ";
  /** `z`: no minus before what rounds to zero. */
  readonly noNegativeZero: boolean;
  /** `#` */
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: "" | "," | "_";
  /** Undefined where none is given. */
  readonly precision: number | undefined;
  /** One character, or empty. */
  readonly type: string;
}

/** The largest number that CPython reads in a format; a larger one has too many digits. */
const LARGEST = 2n ** 63n - 1n;

export function valueError(message: string): JinjaError {
  return new JinjaError("ValueError", message);
}

/** A decimal number in a format string. @throws JinjaError ValueError */
export function specNumber(digits: string): number {
  if (BigInt(digits) > LARGEST) throw valueError("Too many decimal digits in format string");
  return Number(digits);
}

const SPEC = /^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<z>z)?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<comma>,)?(?<underscore>_)?/su;
const REST = /^(?:\.(?<precision>\d*))?(?<type>.*)$/su;

/**
 * Reads a specification with the defaults of a type: texts align to the left, numbers to the right. `of` is the type's name.
 * @throws JinjaError ValueError, in CPython 3.11's wording
 */
export function parseSpec(spec: string, align: "<" | ">", type: string, of: string): FormatSpec {
  // An alignment character in second place makes the first one a fill, whatever it is.
  const groups = SPEC.exec(spec)?.groups ?? {};
  const head = SPEC.exec(spec)?.[0] ?? "";
  const zeroFill = groups["zero"] !== undefined && groups["fill"] === undefined;
  // The 0 belongs to the width where a fill came before.
  const width = `${zeroFill ? "" : (groups["zero"] ?? "")}${groups["width"] ?? ""}`;
  const parsedWidth = width === "" ? -1 : specNumber(width);
  const grouping = groupingOf(groups["comma"], groups["underscore"], spec.charAt(head.length));
  const rest = REST.exec(spec.slice(head.length))?.groups ?? {};
  const precision = rest["precision"];
  if (precision === "") throw valueError("Format specifier missing precision");
  const parsedPrecision = precision === undefined ? undefined : specNumber(precision);
  const code = rest["type"] ?? "";
  if (Array.from(code).length > 1) throw valueError(`Invalid format specifier '${spec}' for object of type '${of}'`);
  checkGrouping(grouping, code === "" ? type : code);
  return {
    fill: groups["fill"] ?? (zeroFill ? "0" : " "),
    align: groups["align"] ?? (zeroFill && align === ">" ? "=" : align),
    sign: (groups["sign"] ?? "") as FormatSpec["sign"],
    noNegativeZero: groups["z"] !== undefined,
    alternate: groups["alternate"] !== undefined,
    width: parsedWidth,
    grouping,
    precision: parsedPrecision,
    type: code === "" ? type : code,
  };
}

function groupingOf(comma: string | undefined, underscore: string | undefined, next: string): FormatSpec["grouping"] {
  if ((comma !== undefined && underscore !== undefined) || (underscore !== undefined && next === ",")) {
    throw valueError("Cannot specify both ',' and '_'.");
  }
  return (comma ?? underscore ?? "") as FormatSpec["grouping"];
}

function checkGrouping(grouping: FormatSpec["grouping"], type: string): void {
  const allowed = grouping === "_" ? "defgEG%FboxX" : "defgEG%F";
  if (grouping === "" || type === "" || allowed.includes(type)) return;
  throw valueError(`Cannot specify '${grouping}' with '${shownCode(type)}'.`);
}

export function unknownCode(type: string, of: string): JinjaError {
  return valueError(`Unknown format code '${shownCode(type)}' for object of type '${of}'`);
}

function shownCode(type: string): string {
  const code = type.codePointAt(0) as number;
  return code > 32 && code < 128 ? type : `\\x${code.toString(16)}`;
}
