import type { Outcome } from "../support/jinja/case";
import type { FuzzCase, Reference, ReferenceAnswer } from "./reference";

/** What the two engines made of a case. */
export interface Difference {
  readonly test: FuzzCase;
  readonly answer: ReferenceAnswer;
  readonly ours: Outcome;
}

/** A difference that is no fault of the engine's. */
interface Known {
  readonly reason: string;
  /** The first release of Jinja2 that does as we do; always when left out. */
  readonly fixedIn?: string;
  /** The first release of Python that does otherwise than we do; always when left out. */
  readonly python?: string;
  readonly matches: (difference: Difference) => boolean;
}

const sourceHas = (pattern: RegExp): Known["matches"] => ({ test }) => pattern.test(test.source);
const errorHas = (pattern: RegExp): Known["matches"] => ({ answer }) => hasError(answer, pattern);
const oursHas = (pattern: RegExp): Known["matches"] => ({ ours }) => hasError(ours, pattern);

function hasError(outcome: ReferenceAnswer | Outcome, pattern: RegExp): boolean {
  return "error" in outcome && pattern.test(`${outcome.error}: ${outcome.message ?? ""}`);
}

const KNOWN: readonly Known[] = [
  { reason: "xmlattr refuses keys with spaces and the like since 3.1.3 and 3.1.4", fixedIn: "3.1.4", matches: sourceHas(/xmlattr/) },
  { reason: "the int filter survives infinite floats since 3.1.5", fixedIn: "3.1.5", matches: errorHas(/^OverflowError/) },
  { reason: "str.format is sandboxed also when it is called by way of another value since 3.1.5", fixedIn: "3.1.5", matches: sourceHas(/format/) },
  { reason: "urlize takes a mail address with two @ for text since 3.1.5", fixedIn: "3.1.5", matches: sourceHas(/urlize/) },
  { reason: "namespace attributes may be unpacked to, and are checked when a tuple is, since 3.1.5", fixedIn: "3.1.5", matches: sourceHas(/set [^=%]*\w\.\w[^=%]*,|set [^=%]*,[^=%]*\w\.\w/) },
  { reason: "a missing template is named with its repr since 3.1.5", fixedIn: "3.1.5", matches: errorHas(/^Templates?NotFound/) },
  { reason: "attr looks up as the sandbox does since 3.1.6", fixedIn: "3.1.6", matches: sourceHas(/\battr\b/) },
  { reason: "the sandbox keeps lists from pop and clear since a release after 3.1.2", fixedIn: "3.1.6", matches: sourceHas(/\b(?:pop|clear)\b/) },
  { reason: "random is random", matches: sourceHas(/\b(?:random|lipsum)\b/) },
  { reason: "CPython's compiler gives up on deep nesting, or its stack ends elsewhere than ours", matches: errorHas(/^(?:RecursionError|MemoryError|SyntaxError: too many|IndentationError)/) },
  { reason: "a slice can be hashed, and so be looked for in a dict, since Python 3.12", python: "3.12", matches: oursHas(/unhashable type: 'slice'/) },
  // The fuzzer takes addresses out of texts, but not where a filter went through one letter by letter, or changed its letters.
  { reason: "a memory address, taken apart", matches: ({ answer }) => "text" in answer && /at0x[0-9a-f]{6,}/i.test(answer.text.replace(/[^0-9a-zA-Z]/g, "")) },
  { reason: "a memory address, counted", matches: ({ answer, ours }) => "text" in answer && "text" in ours && countsAddresses(answer.text, ours.text) },
  { reason: "digits beyond CPython's limit of 4,300", matches: errorHas(/Exceeds the limit/) },
];

/** Why this difference is known, or undefined. */
export function knownDifference(difference: Difference, { jinja2, python }: Reference["versions"]): string | undefined {
  return KNOWN.find(({ fixedIn, python: since, matches }) => (fixedIn === undefined || isOlder(jinja2, fixedIn)) && (since === undefined || !isOlder(python, since)) && matches(difference))?.reason;
}

/** How much longer an address of 64 bits is than the `0x…` that we print. */
const ADDRESS_LENGTH = "0x7f0123456789".length - "0x…".length;

/** Whether only numbers differ, and by the length of addresses. */
function countsAddresses(theirs: string, ours: string): boolean {
  const [theirNumbers, ourNumbers] = [theirs.match(/\d+/g) ?? [], ours.match(/\d+/g) ?? []];
  return theirs.replace(/\d+/g, "#") === ours.replace(/\d+/g, "#") && theirNumbers.every((number, i) => (Number(number) - Number(ourNumbers[i])) % ADDRESS_LENGTH === 0);
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) if ((a?.[i] ?? 0) !== (b?.[i] ?? 0)) return (a?.[i] ?? 0) < (b?.[i] ?? 0);
  return false;
}
