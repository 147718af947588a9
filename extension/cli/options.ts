import { parseArgs } from "node:util";
import { TunesmithError } from "../base/errors";

/** One option of a command, as the parser and the help need it. */
export interface OptionSpec {
  readonly name: string;
  /** What the value is called in the help; without it the option is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly short?: string;
  /** Whether the value may be empty or begin with a dash, as texts may. */
  readonly anyValue?: boolean;
  readonly help: string;
}

/** The options that were given, by name, and the rest. */
export interface ParsedOptions {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** An error in how the command was called: exit code 2. */
export function usageError(message: string): TunesmithError {
  return new TunesmithError("usage", message);
}

/**
 * Sorts `argv` into values, switches and positionals.
 *
 * @throws TunesmithError `usage` for an unknown option, a missing or unexpected value, and a repeated single option.
 */
export function parseOptions(argv: readonly string[], specs: readonly OptionSpec[]): ParsedOptions {
  // Not strict: the checks below word their errors for people, and suggest the nearest option.
  const { tokens } = parseArgs({ args: [...argv], options: parserConfig(specs), strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, string[]>();
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = specs.find((candidate) => candidate.name === token.name);
    if (spec === undefined) throw usageError(`Unknown option ${token.rawName}.${suggestion(token.rawName, specs.map((s) => `--${s.name}`))}`);
    if (spec.value === undefined) {
      if (token.value !== undefined) throw usageError(`--${spec.name} takes no value; write it without "=".`);
      switches.add(spec.name);
      continue;
    }
    const value = requireValue(spec, token.value, token.inlineValue === true);
    const earlier = values.get(spec.name);
    if (earlier === undefined) values.set(spec.name, [value]);
    else if (spec.multiple === true) earlier.push(value);
    else throw usageError(`--${spec.name} is given twice; keep one.`);
  }
  return { values, switches, positionals };
}

/** The value of an option that is given once at most. */
export function single(options: ParsedOptions, name: string): string | undefined {
  return options.values.get(name)?.[0];
}

/** The value, where it is one of those allowed. @throws TunesmithError `usage`, with the nearest one. */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found === undefined) throw usageError(`${option} does not know "${value}".${suggestion(value, allowed)} It is one of: ${allowed.join(", ")}.`);
  return found;
}

function parserConfig(specs: readonly OptionSpec[]): Record<string, { type: "string" | "boolean"; multiple: true; short?: string }> {
  return Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      { type: spec.value === undefined ? "boolean" : "string", multiple: true, ...(spec.short === undefined ? {} : { short: spec.short }) },
    ]),
  );
}

function requireValue(spec: OptionSpec, value: string | undefined, inline: boolean): string {
  // "--model --verbose" is a forgotten value far more often than a value that starts with a dash.
  if (spec.anyValue === true && value !== undefined) return value;
  const forgotten = value === undefined || value === "" || (!inline && value.startsWith("-") && value !== "-");
  if (!forgotten) return value;
  const dash = value !== undefined && value !== "" ? ` If the value is "${value}", write --${spec.name}=${value}.` : "";
  throw usageError(`--${spec.name} needs a value: --${spec.name} ${spec.value ?? ""}.${dash}`);
}

/** `" Did you mean …?"` when a name is near enough to be a slip of the finger, else the empty string. */
export function suggestion(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? "" : ` Did you mean ${nearest}?`;
}

/** The name that is the fewest edits away from `name`, within a third of its length and at least two. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
