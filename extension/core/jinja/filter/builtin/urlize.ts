import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { codePointLength } from "../../text/unicode";
import { SPACE } from "../../text/unicodeTables";
import { lessThan } from "../../value/compare";
import { escapeHtml, escapeValue } from "../../value/markup";
import { iterate, slice, truth } from "../../value/protocol";
import { repr } from "../../value/repr";
import type { Str } from "../../value/text";
import { concatText, deriveText, sliceText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { Markup, typeName, Undefined } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import { defineFilter, noAttribute } from "../common";

const WORD = "\\p{L}\\p{N}_";
const SPACES = new RegExp(`[${SPACE}]+`, "gu");

/** What Jinja takes for a web address: a scheme or `www.`, a well-known domain, an IP address; then port and path. */
const WEB = new RegExp(
  `^(?:(?:https?://|www\\.)(?:[${WORD}%-]+\\.)*(?:[a-z\u0130\u0131]{2,63}|xn--[${WORD}%]{2,59})` +
    `|(?:[${WORD}%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)` +
    `|https?://(?:\\p{Nd}{1,3}(?:\\.\\p{Nd}{1,3}){3}|\\[(?:[\\p{Nd}a-f]{0,4}:){2}(?:[\\p{Nd}a-f]{0,4}:?){1,6}\\]))` +
    `(?::\\p{Nd}{1,5})?(?:[/?#][^${SPACE}]*)?$`,
  "iu",
);
const EMAIL = new RegExp(`^[^${SPACE}]+@[${WORD}][${WORD}.-]*\\.[${WORD}]+$`, "u");
const SCHEME = new RegExp(`^[${WORD}.+-]{2,}:/{0,2}$`, "u");
const HEAD = /^(?:[(<]|&lt;)+/;
const BRACKETS = [
  ["(", ")"],
  ["<", ">"],
  ["&lt;", "&gt;"],
] as const;

interface Linking {
  /** The length that links are shown in. */
  readonly limit: Value;
  readonly attributes: Str;
  readonly schemes: Value;
}

/** `[start, end)` of the word that may be an address, without brackets and punctuation around it. */
function middleOf(word: string): readonly [number, number] {
  const start = HEAD.exec(word)?.[0].length ?? 0;
  let end = word.length;
  while (end > start) {
    if (")>.,".includes(word.charAt(end - 1))) end -= 1;
    else if (end - start >= 4 && word.endsWith("&gt;", end)) end -= 4;
    else break;
  }
  // Brackets that were opened inside are rather closed inside.
  for (const [open, close] of BRACKETS) {
    const opened = word.slice(start, end).split(open).length - 1;
    if (opened <= word.slice(start, end).split(close).length - 1) continue;
    for (let moves = opened, at = word.indexOf(close, end); moves > 0 && at !== -1; moves -= 1, at = word.indexOf(close, end)) end = at + close.length;
  }
  return [start, end];
}

function shown(text: Str, limit: Value): readonly Str[] {
  if (limit === null || !lessThan(codePointLength(textOf(text)), limit, ">")) return [text];
  return [slice(text, undefined, limit, undefined) as Str, "..."];
}

/** The link that the address becomes, undefined where it is none. */
function linkOf(address: Str, linking: Linking): readonly Str[] | undefined {
  const text = textOf(address);
  const target = deriveText(text, [address]);
  if (WEB.test(text)) {
    const scheme = text.startsWith("https://") || text.startsWith("http://") ? "" : "https://";
    return [`<a href="${scheme}`, target, '"', linking.attributes, ">", ...shown(address, linking.limit), "</a>"];
  }
  if (text.startsWith("mailto:") && EMAIL.test(text.slice(7))) return ['<a href="', target, '">', sliceText(address, 7, text.length), "</a>"];
  const mayBeMail = text.includes("@") && !text.startsWith("www.") && !text.startsWith("@") && !text.includes(":");
  if (mayBeMail && EMAIL.test(text)) return ['<a href="mailto:', target, '">', address, "</a>"];
  for (const scheme of iterate(linking.schemes)) {
    const prefix = textOf(asText(scheme) ?? "");
    if (text !== prefix && text.startsWith(prefix)) return ['<a href="', target, '"', linking.attributes, ">", address, "</a>"];
  }
  return undefined;
}

function attributesOf(rel: Value, nofollow: boolean, target: Value): Str {
  if (rel instanceof Undefined || !truth(rel)) return withTarget("", nofollow, target);
  const text = asText(rel);
  if (text === undefined) throw noAttribute(rel, "split");
  return withTarget(textOf(text), nofollow, target);
}

/** Jinja's policy adds `noopener` to every link. */
function withTarget(rel: string, nofollow: boolean, target: Value): Str {
  const parts = new Set([...rel.split(new RegExp(`[${SPACE}]+`, "u")), nofollow ? "nofollow" : "", "noopener"]);
  parts.delete("");
  const attribute = ` rel="${textOf(escapeHtml([...parts].sort().join(" ")))}"`;
  return truth(target) ? concatText([attribute, ' target="', escapeValue(target).text, '"']) : attribute;
}

function checkSchemes(schemes: Value): void {
  if (schemes instanceof Undefined) failUndefined(schemes);
  for (const scheme of iterate(schemes)) {
    const text = asText(scheme);
    if (text === undefined) throw new JinjaError("TypeError", `expected string or bytes-like object, got '${typeName(scheme)}'`);
    if (!SCHEME.test(textOf(text))) throw new JinjaError("FilterArgumentError", `${repr(scheme)} is not a valid URI scheme prefix.`);
  }
}

/** Addresses in an escaped text become links. The text outside of them keeps its origins. */
export const urlize: Filter = defineFilter(
  "do_urlize",
  "@eval_ctx value trim_url_limit? nofollow? target? rel? extra_schemes?",
  (runtime, value, [limit = null, nofollow = false, target = null, rel = null, extraSchemes = null]) => {
    const attributes = attributesOf(rel, truth(nofollow), target);
    const schemes = extraSchemes ?? [];
    checkSchemes(schemes);
    const text = escapeValue(value).text;
    const plain = textOf(text);
    runtime.charge(plain.length);
    const parts: Str[] = [];
    let done = 0;
    const addWord = (from: number, to: number): void => {
      const [start, end] = middleOf(plain.slice(from, to));
      const link = linkOf(sliceText(text, from + start, from + end), { limit, attributes, schemes });
      if (link === undefined) return;
      parts.push(sliceText(text, done, from + start), ...link);
      done = from + end;
    };
    let at = 0;
    for (const { index, 0: found } of plain.matchAll(SPACES)) {
      addWord(at, index);
      at = index + found.length;
    }
    addWord(at, plain.length);
    parts.push(sliceText(text, done, plain.length));
    const linked = concatText(parts);
    return runtime.autoescape ? new Markup(linked) : linked;
  },
);
