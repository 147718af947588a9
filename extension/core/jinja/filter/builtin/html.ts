import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { SPACE } from "../../text/unicodeTables";
import { escapeHtml, escapeValue } from "../../value/markup";
import { truth } from "../../value/protocol";
import { repr } from "../../value/repr";
import type { Str } from "../../value/text";
import { concatText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { Markup, typeName, Undefined } from "../../value/types";
import { computed, defineFilter, printed } from "../common";
import { unescapeHtml } from "../unescape";
import { itemsOf } from "./order";
import { urlencode } from "./urlencode";
import { urlize } from "./urlize";

const escape = defineFilter("escape", "s/", (runtime, value) =>
  value instanceof Markup ? value : new Markup(escapeHtml(printed(runtime, value))),
);

const forceescape = defineFilter("do_forceescape", "value", (runtime, value) => new Markup(escapeHtml(asText(value) ?? printed(runtime, value))));

const safe = defineFilter("do_mark_safe", "value", (runtime, value) => (value instanceof Markup ? value : new Markup(printed(runtime, value))));

/** Comments go one by one, for removing one may join the ends of another. */
function withoutComments(runtime: Runtime, text: string): string {
  let rest = text;
  for (;;) {
    const start = rest.indexOf("<!--");
    const end = start === -1 ? -1 : rest.indexOf("-->", start);
    if (end === -1) return rest;
    runtime.charge(rest.length >> 4);
    rest = rest.slice(0, start) + rest.slice(end + 3);
  }
}

function withoutTags(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf("<", at);
    const end = start === -1 ? -1 : text.indexOf(">", start);
    if (end === -1) return kept.join("") + text.slice(at);
    kept.push(text.slice(at, start));
    at = end + 1;
  }
}

const SPACES = new RegExp(`[${SPACE}]+`, "u");

const striptags = defineFilter("do_striptags", "value", (runtime, value) => {
  const text = asText(value) ?? printed(runtime, value);
  runtime.charge(textOf(text).length);
  const words = withoutTags(withoutComments(runtime, textOf(text))).split(SPACES);
  return computed(unescapeHtml(words.filter((word) => word !== "").join(" ")), text);
});

/** Characters that end an attribute's name. */
const NAME_END = /[\t-\r />=]/;

const xmlattr = defineFilter("do_xmlattr", "@eval_ctx d autospace?", (runtime, value, [autospace = true]) => {
  const parts: Str[] = [];
  for (const { items } of itemsOf(value)) {
    const [key, content] = items as readonly [Value, Value];
    runtime.charge(1);
    if (content === null || content instanceof Undefined) continue;
    const name = asText(key);
    if (name === undefined) throw new JinjaError("TypeError", `expected string or bytes-like object, got '${typeName(key)}'`);
    if (NAME_END.test(textOf(name))) throw new JinjaError("ValueError", `Invalid character in attribute name: ${repr(key)}`);
    if (parts.length > 0 || truth(autospace)) parts.push(" ");
    parts.push(escapeValue(key).text, '="', escapeValue(content).text, '"');
  }
  const text = concatText(parts);
  return runtime.autoescape ? new Markup(text) : text;
});

/** Filters that write HTML and URLs. */
export const HTML_FILTERS: Readonly<Record<string, Filter>> = {
  e: escape,
  escape,
  forceescape,
  safe,
  striptags,
  urlencode,
  urlize,
  xmlattr,
};
