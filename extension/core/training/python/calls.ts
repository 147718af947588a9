import { pythonTokens, type PythonToken } from "./tokens";
import { type PythonValue, UNKNOWN, ValueReader } from "./values";
import type { Span } from "../../../base/text";

/** A call in a Python file. */
export interface PythonCall {
  /** The callee as it is written: `FastLanguageModel.get_peft_model`. */
  readonly callee: string;
  /** The place of the callee. */
  readonly span: Span;
  readonly positional: readonly PythonValue[];
  readonly named: ReadonlyMap<string, PythonArgument>;
  /** Whether more arguments may come from a `**mapping`. */
  readonly open: boolean;
}

export interface PythonArgument {
  readonly value: PythonValue;
  /** The place of its name. */
  readonly span: Span;
}

/** The calls of some functions in a file, and what its names stand for. Nothing is run. */
export class PythonFile {
  readonly calls: readonly PythonCall[];
  /** The value of a name that is assigned once; unknown for one that is assigned again. */
  readonly #assigned = new Map<string, PythonValue>();

  /** @param wanted the last part of a callee's name. */
  constructor(source: string, wanted: (name: string) => boolean) {
    const tokens = pythonTokens(source);
    const calls: PythonCall[] = [];
    let budget = MAX_READ_TOKENS;
    const readerAt = (at: number): ValueReader => new ValueReader(tokens, at, Math.min(budget, MAX_VALUE_TOKENS));
    for (const [at, token] of tokens.entries()) {
      if (token.kind !== "name") continue;
      const assigns = token.startsLine && isSign(tokens[at + 1], "=") && !isSign(tokens[at + 2], "=");
      const isCall = isSign(tokens[at + 1], "(") && wanted(token.value) && !isDefinition(tokens[at - 1]);
      if (!assigns && !isCall) continue;
      const reader = readerAt(at + 2);
      if (assigns) this.#assign(token.value, reader.expression());
      else calls.push({ ...calleeAt(tokens, at), ...readArguments(reader) });
      budget -= reader.at - at;
      if (budget <= 0) break;
    }
    this.calls = calls;
  }

  /** The items of a list, with those of the lists that names in it stand for; `open` where there may be more. */
  listOf(value: PythonValue, depth = 0): { readonly items: readonly PythonValue[]; readonly open: boolean } {
    const resolved = this.resolve(value);
    if (resolved.kind !== "list" || depth > MAX_SPREADS) return { items: [], open: true };
    const spread = resolved.spreads.map((part) => this.listOf(part, depth + 1));
    const items = [...resolved.items.map((item) => this.resolve(item)), ...spread.flatMap((part) => part.items)];
    return { items, open: spread.some((part) => part.open) || items.some(({ kind }) => kind === "unknown" || kind === "name") };
  }

  /** What a name stands for; the value itself where it is none. */
  resolve(value: PythonValue): PythonValue {
    let found = value;
    for (let step = 0; found.kind === "name" && step < MAX_NAMES; step++) found = this.#assigned.get(found.name) ?? UNKNOWN;
    return found.kind === "name" ? UNKNOWN : found;
  }

  #assign(name: string, value: PythonValue): void {
    this.#assigned.set(name, this.#assigned.has(name) ? UNKNOWN : value);
  }
}

/** Names that stand for names, and lists in lists, are followed this far. */
const MAX_NAMES = 8;
const MAX_SPREADS = 8;
/** How far a value, or the arguments of a call, are read, and all of them together: brackets that nobody closes reach to the end of the file. */
const MAX_VALUE_TOKENS = 50_000;
const MAX_READ_TOKENS = 250_000;

function isSign(token: PythonToken | undefined, sign: string): boolean {
  return token?.kind === "op" && token.value === sign;
}

function isDefinition(token: PythonToken | undefined): boolean {
  return token?.kind === "name" && (token.value === "def" || token.value === "class");
}

/** The callee whose last part is the token `at`. */
function calleeAt(tokens: readonly PythonToken[], at: number): Pick<PythonCall, "callee" | "span"> {
  let first = at;
  while (isSign(tokens[first - 1], ".") && tokens[first - 2]?.kind === "name") first -= 2;
  const parts = tokens.slice(first, at + 1).filter(({ kind }) => kind === "name");
  const span = { start: tokens[first]?.start ?? 0, end: tokens[at]?.end ?? 0 };
  return { callee: parts.map(({ value }) => value).join("."), span };
}

function readArguments(reader: ValueReader): Pick<PythonCall, "positional" | "named" | "open"> {
  const positional: PythonValue[] = [];
  const named = new Map<string, PythonArgument>();
  let open = false;
  while (reader.next !== undefined && !reader.is(")")) {
    const before = reader.at;
    const { next } = reader;
    if (reader.is("*")) {
      open = true;
      reader.at += reader.is("*", 1) ? 2 : 1;
      reader.expression();
    } else if (next.kind === "name" && reader.is("=", 1)) {
      reader.at += 2;
      named.set(next.value, { value: reader.expression(), span: { start: next.start, end: next.end } });
    } else positional.push(reader.expression());
    if (reader.is(",") || reader.at === before) reader.at++;
  }
  return { positional, named, open };
}
