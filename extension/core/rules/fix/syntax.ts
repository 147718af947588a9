import { insertion, quoted } from "../../jsonl/treeEdits";
import type { TextEdit } from "../../jsonl/edits";
import type { JsonProblemCode } from "../../jsonl/parse";
import type { Found } from "../rule";
import { type Fix, type FixableRow, chosenFix, safeFix } from "./fix";

/** Mends a row that is not JSON where what was meant is plain; nothing is guessed that a text says. */
export function syntaxFixes(row: FixableRow, found: Found): readonly Fix[] {
  const code = found.data["problem"] as JsonProblemCode;
  const text = row.tree.text;
  const { start, end } = found.span;
  const written = text.slice(start, end);
  const replace = (by: string): TextEdit[] => [{ start, end, text: by }];
  switch (code) {
    case "extra-comma":
      return [safeFix("remove-comma", "Remove the comma", replace(""))];
    case "missing-comma":
      return [safeFix("insert-comma", "Insert a comma", [insertion(text.slice(0, start).trimEnd().length, ",")])];
    case "missing-colon":
      return [safeFix("insert-colon", "Insert ':'", [insertion(start, ":")]), chosenFix("insert-null", "Add the value null", [insertion(end, ": null")])];
    case "missing-value":
      return [chosenFix("insert-null", "Insert null", [insertion(start, "null")]), chosenFix("insert-null", "Insert null", [insertion(end, "null")])];
    case "single-quotes":
      return [safeFix("double-quotes", "Write it in double quotes", replace(doubleQuoted(written)))];
    case "bad-key":
      return [safeFix("quote-key", "Write the key in double quotes", replace(quoted(written, row.style)))];
    case "unexpected-word":
      return wordFixes(row, written, replace);
    case "bad-number":
      return numberFixes(row, written, replace);
    case "comment":
      return [safeFix("remove-comment", "Remove the comment", replace(""))];
    case "control-character":
      return [safeFix("escape-character", "Write it as an escape", replace(controlEscape(written)))];
    case "bad-escape":
      return [safeFix("mend-escape", "Write the backslash as '\\\\'", escapeEdits(text, start))];
    case "mismatched-bracket":
      return [safeFix("replace-bracket", "Replace the bracket", replace(written === "]" ? "}" : "]"))];
    case "unclosed":
    case "unterminated-string":
      return [chosenFix("close", "Close what is open", closeEdits(text, code === "unterminated-string"))];
    case "extra-value":
      return extraFixes(text, found);
    case "unexpected-character":
      return [chosenFix("remove-character", `Remove '${written}'`, replace(""))];
    case "empty":
    case "too-deep":
      return [];
  }
}

const WORDS: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null", undefined: "null", NaN: "null", Infinity: "null" };

function wordFixes(row: FixableRow, word: string, replace: (by: string) => TextEdit[]): readonly Fix[] {
  const meant = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  const quote = chosenFix("quote-word", "Write it as a text", replace(quoted(word, row.style)));
  return meant === undefined ? [quote] : [safeFix("replace-word", `Write it as ${meant}`, replace(meant)), quote];
}

function numberFixes(row: FixableRow, written: string, replace: (by: string) => TextEdit[]): readonly Fix[] {
  const asText = chosenFix("quote-number", "Write it as a text", replace(quoted(written, row.style)));
  if (/NaN|Infinity/.test(written)) return [safeFix("replace-number", "Write it as null", replace("null")), asText];
  const parts = /^\+?(-?)0*(\d*)(?:\.(\d*))?((?:[eE][+-]?\d+)?)$/.exec(written);
  if (parts === null) return [asText];
  const [, sign = "", whole = "", fraction, exponent = ""] = parts;
  const number = `${sign}${whole === "" ? "0" : whole}${fraction === undefined ? "" : `.${fraction === "" ? "0" : fraction}`}${exponent}`;
  return [safeFix("replace-number", `Write it as ${number}`, replace(number)), asText];
}

/** A string in single quotes as JSON has it. Escapes stay; those of quotes are what differs. */
function doubleQuoted(written: string): string {
  const inner = written.slice(1, written.endsWith("'") && written.length > 1 ? -1 : undefined);
  return `"${inner.replace(/\\'|\\[\s\S]|"/g, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found))}"`;
}

function controlEscape(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}

/** Python's `\'` and `\x41` mean a character; any other backslash, as of LaTeX, means itself. */
function escapeEdits(text: string, at: number): TextEdit[] {
  if (text[at + 1] === "'") return [{ start: at, end: at + 1, text: "" }];
  const hex = /^\\x([0-9a-fA-F]{2})/.exec(text.slice(at, at + 4))?.[1];
  if (hex !== undefined) return [{ start: at, end: at + 4, text: `\\u00${hex}` }];
  return [insertion(at, "\\")];
}

/** Closes the string, arrays and objects that are open where the text ends. */
function closeEdits(text: string, inString: boolean): TextEdit[] {
  const end = text.trimEnd().length;
  const closers: string[] = [];
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"?|[[\]{}]/g)) {
    if (mark === "{") closers.push("}");
    else if (mark === "[") closers.push("]");
    else if (mark === "}" || mark === "]") closers.pop();
  }
  const close = closers.reverse().join("");
  if (inString) {
    // A backslash at the very end would escape the quote.
    const slashes = /\\*$/.exec(text)?.[0].length ?? 0;
    return [{ start: text.length - (slashes % 2), end: text.length, text: `"${close}` }];
  }
  const comma = text[end - 1] === "," ? 1 : 0;
  return [{ start: end - comma, end, text: close }];
}

/** More after the value: another row, or what a list of rows leaves behind. */
function extraFixes(text: string, { span }: Found): readonly Fix[] {
  const extra = text.slice(span.start, span.end);
  const before = text.slice(0, span.start).trimEnd().length;
  const remove = [{ start: before, end: span.end, text: "" }];
  if (/^[,;]\s*$/.test(extra)) return [safeFix("remove-separator", `Remove '${extra.trim()}' at the end of the row`, remove)];
  const next = /^,?\s*/.exec(extra)?.[0].length ?? 0;
  return [
    ...(extra[next] === "{" ? [safeFix("split-row", "Put the next value on a line of its own", [{ start: before, end: span.start + next, text: "\n" }])] : []),
    chosenFix("remove-rest", "Remove what follows the value", remove),
  ];
}
