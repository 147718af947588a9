import type { FuzzCase, ReferenceAnswer } from "./reference";

/** A difference that is no fault of the engine's. */
interface Known {
  readonly reason: string;
  /** The first release of Jinja2 that does as we do; always when left out. */
  readonly fixedIn?: string;
  readonly matches: (test: FuzzCase, answer: ReferenceAnswer) => boolean;
}

const sourceHas = (pattern: RegExp): Known["matches"] => ({ source }) => pattern.test(source);
const errorHas = (pattern: RegExp): Known["matches"] => (_, answer) => "error" in answer && pattern.test(`${answer.error}: ${answer.message}`);

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
  // The fuzzer takes addresses out of texts, but not where a filter went through one letter by letter.
  { reason: "a memory address, taken apart", matches: (_, answer) => "text" in answer && /at0x[0-9a-f]{6,}/.test(answer.text.replace(/[^0-9a-zA-Z]/g, "")) },
  { reason: "digits beyond CPython's limit of 4,300", matches: errorHas(/Exceeds the limit/) },
];

/** Why this difference is known, or undefined. @param version of Jinja2. */
export function knownDifference(test: FuzzCase, answer: ReferenceAnswer, version: string): string | undefined {
  return KNOWN.find(({ fixedIn, matches }) => (fixedIn === undefined || isOlder(version, fixedIn)) && matches(test, answer))?.reason;
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) if ((a?.[i] ?? 0) !== (b?.[i] ?? 0)) return (a?.[i] ?? 0) < (b?.[i] ?? 0);
  return false;
}
