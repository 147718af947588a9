/**
 * Other engines that chat templates meet.
 * - `transformers.js`: the package `@huggingface/jinja`.
 * - `llama.cpp`: its own engine.
 * - `minja`: the one that llama.cpp had before, and others took over.
 */
export type EngineId = "transformers.js" | "llama.cpp" | "minja";

export interface EngineInfo {
  readonly id: EngineId;
  readonly name: string;
  /** The version that the table was checked with. */
  readonly version: string;
}

export const ENGINES: readonly EngineInfo[] = [
  { id: "transformers.js", name: "@huggingface/jinja", version: "0.5.11" },
  { id: "llama.cpp", name: "llama.cpp", version: "0.5.0 (28 September 2026)" },
  { id: "minja", name: "minja", version: "as in llama.cpp of 10 December 2025" },
];

export type FeatureKind = "filter" | "test" | "global" | "method" | "loop" | "statement" | "syntax";

const JS: readonly EngineId[] = ["transformers.js"];
const LLAMA: readonly EngineId[] = ["llama.cpp"];
const MINJA: readonly EngineId[] = ["minja"];
const ALL: readonly EngineId[] = ["transformers.js", "llama.cpp", "minja"];
const JS_LLAMA: readonly EngineId[] = ["transformers.js", "llama.cpp"];
const JS_MINJA: readonly EngineId[] = ["transformers.js", "minja"];
const LLAMA_MINJA: readonly EngineId[] = ["llama.cpp", "minja"];

type Row = readonly [kind: FeatureKind, engines: readonly EngineId[], names: readonly string[]];

/**
 * What engines lack of what Jinja2 has, found by rendering with each of them templates that use a feature and little else: an
 * engine lacks what it gets right in none. A filter with brackets is another feature than one without, since engines tell
 * them apart. What is not here is in all of them, or has not been looked at.
 */
const ROWS: readonly Row[] = [
  ["filter", ALL, [
    "attr()", "batch()", "center", "center()", "d", "default", "default(default_value=)", "filesizeformat", "filesizeformat()",
    "forceescape", "forceescape()", "format()", "groupby()", "pprint", "pprint()", "random", "random()", "reject", "round", "round()",
    "select", "slice()", "striptags", "striptags()", "sum", "sum()", "truncate", "truncate()", "urlencode", "urlencode()", "urlize",
    "urlize()", "wordcount", "wordcount()", "wordwrap", "wordwrap()", "xmlattr", "xmlattr()",
  ]],
  ["filter", JS_MINJA, [
    "abs()", "capitalize()", "d()", "first()", "join(attribute=)", "max", "max()", "min", "min()", "reverse()", "title()", "trim(chars)",
  ]],
  ["filter", JS_LLAMA, [
    "e", "e()", "escape", "escape()", "map(filter)", "rejectattr(operator)", "selectattr(operator)", "unique()",
  ]],
  ["filter", LLAMA_MINJA, ["replace(count)", "tojson(sort_keys=)"]],
  ["filter", JS, [
    "count", "count()", "last()", "length()", "list()", "lower()", "reject()", "rejectattr(in)", "safe()", "select()", "selectattr(in)",
    "string()", "trim()", "upper()",
  ]],
  ["filter", LLAMA, ["rejectattr(test)", "selectattr(test)", "unique"]],
  ["filter", MINJA, [
    "abs", "capitalize", "first", "float", "float()", "indent", "replace()", "reverse", "sort", "sort()", "sort(attribute=)", "title",
    "tojson(separators=)",
  ]],
  ["test", ALL, ["escaped", "filter", "le", "sameas"]],
  ["test", JS_MINJA, ["divisibleby", "eq", "equalto", "ge", "greaterthan", "gt", "in", "lessthan", "lt", "ne", "test"]],
  ["test", JS, ["float"]],
  ["test", MINJA, ["even", "lower", "odd", "undefined", "upper"]],
  ["global", ALL, ["cycler", "dict", "lipsum"]],
  ["global", JS_LLAMA, ["joiner"]],
  ["method", ALL, [
    "casefold", "center", "copy", "count", "encode", "expandtabs", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit",
    "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "partition", "removeprefix",
    "removesuffix", "rfind", "rindex", "rjust", "rpartition", "splitlines", "swapcase", "zfill",
  ]],
  ["method", JS_MINJA, ["format", "rsplit"]],
  ["method", LLAMA_MINJA, ["startswith(tuple)"]],
  ["method", JS, ["lstrip(chars)", "rstrip(chars)", "strip(chars)"]],
  ["method", LLAMA, ["replace(count)"]],
  ["method", MINJA, ["split(maxsplit)", "values"]],
  ["loop", ALL, ["changed", "depth", "depth0"]],
  ["loop", JS_LLAMA, ["cycle"]],
  ["statement", ALL, ["autoescape", "block", "filter chain", "for recursive", "print", "raw", "set block filter", "with"]],
  ["statement", LLAMA_MINJA, ["macro kwargs", "macro varargs"]],
  ["statement", MINJA, ["call parameters"]],
  ["syntax", ALL, [
    "% format", "chained comparison", "hex", "keep newline", "keep white space", "test argument without brackets", "underscores",
  ]],
  ["syntax", JS_LLAMA, ["exponent", "text order"]],
  ["syntax", JS, ["list equality", "text * number"]],
  ["syntax", LLAMA, ["**", "//", "spread", "spread named"]],
  ["syntax", MINJA, ["string parts"]],
];

/** The engines that lack a feature, by `kind:name`. */
export const LACKING: ReadonlyMap<string, readonly EngineId[]> = new Map(
  ROWS.flatMap(([kind, engines, names]) => names.map((name) => [`${kind}:${name}`, engines] as const)),
);
