/** The attributes of a dict that are found before its fields. */
export const DICT_METHODS: ReadonlySet<string> = new Set([
  "keys", "values", "items", "get", "copy", "fromkeys", "clear", "pop", "popitem", "setdefault", "update",
]);

/** The methods of texts that give a text, a list of texts or a part of one. */
const TEXT_RESULT = [
  "capitalize", "casefold", "center", "expandtabs", "format", "format_map", "join", "ljust", "lower", "lstrip", "partition",
  "removeprefix", "removesuffix", "replace", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "strip", "swapcase",
  "title", "translate", "upper", "zfill",
] as const;

/** The methods of texts and lists that give a number, a truth value or bytes. */
const PLAIN_RESULT = [
  "count", "encode", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower",
  "isnumeric", "isprintable", "isspace", "istitle", "isupper", "rfind", "rindex", "startswith",
] as const;

export const TEXT_RESULT_METHODS: ReadonlySet<string> = new Set(TEXT_RESULT);

/** Whatever one may call on a text. */
export const TEXT_METHODS: ReadonlySet<string> = new Set([...TEXT_RESULT, ...PLAIN_RESULT]);
