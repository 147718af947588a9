import type { Str } from "../value/text";
import { countWork } from "../value/budget";
import { checkTextLength, deriveText, isStr, sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { PyFunction } from "../value/types";
import { asText, noArguments, oneArgument, positionalArguments, typeError } from "./arguments";
import { encode } from "./bytes/bytes";
import { joinTexts } from "./join";
import { expandTabs, justify, zeroFill } from "./padding";
import { countText, findText, hasAffix, indexText, partitionText, removeAffix, replaceText } from "./search";
import { splitLines, splitText } from "./split";
import { makeTable, translateText } from "./translate";
import * as unicode from "./unicode";

/** A method of str, called: `self.name(args)`. */
export type StrMethod = (self: Str, args: CallArguments) => Value;

function caseChange(name: string, change: (text: string) => string): StrMethod {
  return (self, args) => {
    noArguments(`str.${name}`, args);
    const text = textOf(self);
    const changed = change(text);
    if (changed === text) return self;
    checkTextLength(changed.length);
    return deriveText(changed, [self]);
  };
}

function predicate(name: string, holds: (text: string) => boolean): StrMethod {
  return (self, args) => {
    noArguments(`str.${name}`, args);
    return holds(textOf(self));
  };
}

function strip(name: string, side: "left" | "right" | "both"): StrMethod {
  return (self, args) => {
    const [value = null] = positionalArguments(`str.${name}`, args, 0, 1);
    const chars = asText(value);
    if (chars === undefined && value !== null) throw typeError(`${name} arg must be None or str`);
    return sliceText(self, ...unicode.stripRange(textOf(self), chars === undefined ? undefined : textOf(chars), side));
  };
}

const METHODS: Readonly<Record<string, StrMethod>> = {
  capitalize: caseChange("capitalize", unicode.capitalize),
  casefold: caseChange("casefold", unicode.casefold),
  center: (self, args) => justify(self, "center", args),
  count: countText,
  encode,
  endswith: (self, args) => hasAffix(self, "endswith", args),
  expandtabs: expandTabs,
  find: (self, args) => findText(self, "str.find", args, false),
  index: (self, args) => indexText(self, "str.index", args, false),
  isalnum: predicate("isalnum", unicode.isAlnum),
  isalpha: predicate("isalpha", unicode.isAlpha),
  isascii: predicate("isascii", unicode.isAscii),
  isdecimal: predicate("isdecimal", unicode.isDecimal),
  isdigit: predicate("isdigit", unicode.isDigit),
  isidentifier: predicate("isidentifier", unicode.isIdentifier),
  islower: predicate("islower", unicode.isLower),
  isnumeric: predicate("isnumeric", unicode.isNumeric),
  isprintable: predicate("isprintable", unicode.isPrintable),
  isspace: predicate("isspace", unicode.isSpace),
  istitle: predicate("istitle", unicode.isTitle),
  isupper: predicate("isupper", unicode.isUpper),
  join: (self, args) => joinTexts(self, oneArgument("str.join", args)),
  ljust: (self, args) => justify(self, "ljust", args),
  lower: caseChange("lower", unicode.lower),
  lstrip: strip("lstrip", "left"),
  maketrans: (_self, args) => makeTable(args),
  partition: (self, args) => partitionText(self, oneArgument("str.partition", args), false),
  removeprefix: (self, args) => removeAffix(self, "removeprefix", oneArgument("str.removeprefix", args)),
  removesuffix: (self, args) => removeAffix(self, "removesuffix", oneArgument("str.removesuffix", args)),
  replace: replaceText,
  rfind: (self, args) => findText(self, "str.rfind", args, true),
  rindex: (self, args) => indexText(self, "str.rindex", args, true),
  rjust: (self, args) => justify(self, "rjust", args),
  rpartition: (self, args) => partitionText(self, oneArgument("str.rpartition", args), true),
  rsplit: (self, args) => splitText(self, "rsplit", args),
  rstrip: strip("rstrip", "right"),
  split: (self, args) => splitText(self, "split", args),
  splitlines: splitLines,
  startswith: (self, args) => hasAffix(self, "startswith", args),
  strip: strip("strip", "both"),
  swapcase: caseChange("swapcase", unicode.swapcase),
  title: caseChange("title", unicode.title),
  translate: translateText,
  upper: caseChange("upper", unicode.upper),
  zfill: zeroFill,
};

/** Methods that look at every character, where others let the machine search or copy. */
const SLOW: ReadonlySet<string> = new Set([
  ..."capitalize casefold encode expandtabs lower splitlines swapcase title translate upper".split(" "),
  ..."isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper".split(" "),
]);

/**
 * Counts going through a text, and through what comes of it: a row may have some millions of characters, and go through a dozen
 * methods. What takes longer counts itself.
 */
function counted(name: string, call: StrMethod): StrMethod {
  const shift = SLOW.has(name) ? 5 : 8;
  return (self, args) => {
    countWork(textOf(self).length >> shift);
    const result = call(self, args);
    if (isStr(result)) countWork(textOf(result).length >> 6);
    return result;
  };
}

interface Entry {
  readonly call: StrMethod;
  readonly options: { readonly typeName: string; readonly repr: string };
}

const ENTRIES: ReadonlyMap<string, Entry> = new Map(
  Object.entries(METHODS).map(([name, call]) => {
    const repr = `<built-in method ${name} of ${name === "maketrans" ? "type" : "str"} object at 0x…>`;
    return [name, { call: counted(name, call), options: { typeName: "builtin_function_or_method", repr } }];
  }),
);

/**
 * The method of that name bound to a text; undefined where str has none. `format` and `format_map` are not among them: the
 * sandbox puts its own in their place (see `formatMethod` in format.ts), which needs the runtime.
 */
export function strMethod(self: Str, name: string): PyFunction | undefined {
  const entry = ENTRIES.get(name);
  return entry === undefined ? undefined : new PyFunction(name, (args) => entry.call(self, args), entry.options);
}

/** The method unbound, for callers that call it at once. */
export function strMethodBody(name: string): StrMethod | undefined {
  return ENTRIES.get(name)?.call;
}
