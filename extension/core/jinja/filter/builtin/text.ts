import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { justify } from "../../text/padding";
import { replaceText } from "../../text/search";
import { capitalize, codePointToUnit, lower, stripRange, upper } from "../../text/unicode";
import { SPACE } from "../../text/unicodeTables";
import { lessThan } from "../../value/compare";
import { binary } from "../../value/number";
import { lengthOf, slice, truth } from "../../value/protocol";
import { escapeValue } from "../../value/markup";
import { str } from "../../value/repr";
import { isStr, sliceText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { Markup, NO_NAMED, PyTuple } from "../../value/types";
import { dictFrom } from "../../value/hash";
import { refuseNamed } from "../arguments";
import { chargeText, computed, defineFilter, mapText, noAttribute, printed } from "../common";
import { indent } from "./indent";
import { wordwrap } from "./wordwrap";

/** A filter that is a method of str without arguments. */
function changed(name: string, change: (text: string) => string): Filter {
  return defineFilter(name, "s", (runtime, value) =>
    mapText(runtime, value, (text) => {
      const plain = textOf(text);
      runtime.charge(plain.length >> 5);
      return computed(change(plain), text);
    }),
  );
}

const WORD_BREAKS = new RegExp(`([-${SPACE}({\\[<]+)`, "u");

/** Jinja's own title case: a word begins behind white space, a hyphen or an opening bracket only. */
function titleWords(text: string): string {
  return text
    .split(WORD_BREAKS)
    .map((word) => {
      const first = codePointToUnit(word, 1);
      return upper(word.slice(0, first)) + lower(word.slice(first));
    })
    .join("");
}

const title = defineFilter("do_title", "s", (runtime, value) => {
  const text = asText(value) ?? printed(runtime, value);
  runtime.charge(2 * textOf(text).length);
  return computed(titleWords(textOf(text)), text);
});

const center = defineFilter("do_center", "value width?", (runtime, value, [width = 80]) =>
  mapText(runtime, value, (text) => justify(text, "center", { positional: [width], named: NO_NAMED })),
);

const trim = defineFilter("do_trim", "value chars?", (runtime, value, [chars = null]) =>
  mapText(runtime, value, (text) => {
    const set = asText(chars);
    if (set === undefined && chars !== null) throw new JinjaError("TypeError", "strip arg must be None or str");
    const [start, end] = stripRange(textOf(text), set === undefined ? undefined : textOf(set), "both");
    return sliceText(text, start, end);
  }),
);

const replace = defineFilter("do_replace", "@eval_ctx s old new count?", (runtime, value, [old = "", by = "", count = null]) => {
  if (runtime.autoescape) {
    // A part that is safe already must not be escaped with the rest, so that the rest is escaped now.
    const source = value instanceof Markup || !(old instanceof Markup || by instanceof Markup) ? value : escapeValue(value);
    const isSafe = source instanceof Markup;
    const replacement = isSafe ? escapeValue(by).text : str(by);
    const text = replaceText(isSafe ? source.text : printed(runtime, source), { positional: [str(old), replacement, count ?? -1], named: NO_NAMED });
    return isSafe ? new Markup(text) : text;
  }
  return replaceText(printed(runtime, value), { positional: [str(old), str(by), count ?? -1], named: NO_NAMED });
});

const TRUNCATE_LEEWAY = 5;

const truncate = defineFilter(
  "do_truncate",
  "@env s length? killwords? end? leeway?",
  (runtime, value, [length = 255, killwords = false, end = "...", leeway = null]) => {
    const margin = leeway ?? TRUNCATE_LEEWAY;
    const endLength = lengthOf(end);
    assertAtLeast("length", length, endLength);
    assertAtLeast("leeway", margin, 0);
    if (lessThan(lengthOf(value), binary("+", length, margin), "<=")) return value;
    const keep = binary("-", length, endLength);
    const kept = isStr(value) && typeof keep === "number" ? sliceText(value, 0, codePointToUnit(textOf(value), keep)) : slice(value, undefined, keep, undefined);
    return binary("+", truth(killwords) ? kept : withoutLastWord(runtime, kept), end);
  },
);

function assertAtLeast(name: string, value: Value, least: number): void {
  if (!lessThan(value, least, ">=")) throw new JinjaError("AssertionError", `expected ${name} >= ${least}, got ${textOf(str(value))}`);
}

/** `value.rsplit(" ", 1)[0]` */
function withoutLastWord(runtime: Runtime, value: Value): Value {
  if (asText(value) === undefined) throw noAttribute(value, "rsplit");
  return mapText(runtime, value, (text) => {
    const at = textOf(text).lastIndexOf(" ");
    return at === -1 ? text : sliceText(text, 0, at);
  });
}

const WORD = /[\p{L}\p{N}_]+/gu;

const wordcount = defineFilter("do_wordcount", "s", (runtime, value) => {
  const text = textOf(asText(value) ?? printed(runtime, value));
  runtime.charge(text.length);
  return text.match(WORD)?.length ?? 0;
});

const format: Filter = (runtime, value, args) => {
  refuseNamed("do_format", ["value"], args);
  if (args.positional.length > 0 && args.named.size > 0) {
    throw new JinjaError("FilterArgumentError", "can't handle positional and keyword arguments at the same time");
  }
  const values = args.named.size > 0 ? dictFrom(args.named) : new PyTuple(args.positional);
  const result = binary("%", asText(value) === undefined ? printed(runtime, value) : value, values);
  chargeText(runtime, result);
  return result;
};

const string = defineFilter("soft_str", "s/", (runtime, value) => (value instanceof Markup ? value : printed(runtime, value)));

/** Filters on texts. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: changed("do_capitalize", capitalize),
  center,
  format,
  indent,
  lower: changed("do_lower", lower),
  replace,
  string,
  title,
  trim,
  truncate,
  upper: changed("do_upper", upper),
  wordcount,
  wordwrap,
};
