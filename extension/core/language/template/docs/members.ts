import { docTable } from "./entry";

/** The members of `loop`. */
export const LOOP_DOCS = docTable([
  ["index", "loop.index", "The number of the turn, from 1."],
  ["index0", "loop.index0", "The number of the turn, from 0: the index of the item."],
  ["revindex", "loop.revindex", "How many turns are left, this one included."],
  ["revindex0", "loop.revindex0", "How many turns are left after this one."],
  ["first", "loop.first", "Whether this is the first turn."],
  ["last", "loop.last", "Whether this is the last turn."],
  ["length", "loop.length", "The number of items."],
  ["previtem", "loop.previtem", "The item of the turn before; undefined in the first one."],
  ["nextitem", "loop.nextitem", "The item of the turn after; undefined in the last one."],
  ["depth", "loop.depth", "How deep a recursive loop is, from 1."],
  ["depth0", "loop.depth0", "How deep a recursive loop is, from 0."],
  ["cycle", "loop.cycle(*values)", "One of the values, in turn."],
  ["changed", "loop.changed(*values)", "Whether the values differ from those of the turn before."],
]);

/** Names that the engine gives inside of some tags. */
export const SPECIAL_NAME_DOCS = docTable([
  ["loop", "loop", "Where the loop stands: `loop.first`, `loop.index0`, `loop.previtem` and so on. Only inside `for`."],
  ["caller", "caller(…)", "In a macro: renders the body of the `call` block that calls it."],
  ["varargs", "varargs", "In a macro: the positional arguments beyond its parameters."],
  ["kwargs", "kwargs", "In a macro: the named arguments beyond its parameters."],
  ["self", "self.block()", "Renders a block of this template again."],
]);

/** The methods of mappings. */
export const MAPPING_METHOD_DOCS = docTable([
  ["get", "mapping.get(key, default=none)", "The field of that name, or the default. Unlike `mapping.key` it is never undefined."],
  ["items", "mapping.items()", "The pairs of key and value."],
  ["keys", "mapping.keys()", "The names of the fields."],
  ["values", "mapping.values()", "The values of the fields."],
  ["copy", "mapping.copy()", "A copy."],
]);

/** The methods of texts that templates use. */
export const TEXT_METHOD_DOCS = docTable([
  ["strip", "text.strip(chars=none)", "The text without white space at both ends, or without any of the given characters."],
  ["lstrip", "text.lstrip(chars=none)", "The text without white space, or the given characters, at its beginning."],
  ["rstrip", "text.rstrip(chars=none)", "The text without white space, or the given characters, at its end."],
  ["split", "text.split(separator=none, maxsplit=-1)", "The parts between separators; without one, the words."],
  ["rsplit", "text.rsplit(separator=none, maxsplit=-1)", "As `split`, counting `maxsplit` from the end."],
  ["splitlines", "text.splitlines(keepends=false)", "The lines."],
  ["startswith", "text.startswith(prefix)", "Whether the text begins so; a tuple gives several to choose from."],
  ["endswith", "text.endswith(suffix)", "Whether the text ends so; a tuple gives several to choose from."],
  ["replace", "text.replace(old, new, count=-1)", "Replaces every `old`, or the first `count`, by `new`."],
  ["removeprefix", "text.removeprefix(prefix)", "The text without that beginning."],
  ["removesuffix", "text.removesuffix(suffix)", "The text without that end."],
  ["find", "text.find(part)", "Where the part first stands, in characters; -1 where it does not."],
  ["rfind", "text.rfind(part)", "Where the part last stands, in characters; -1 where it does not."],
  ["index", "text.index(part)", "Where the part first stands; an error where it does not."],
  ["count", "text.count(part)", "How often the part stands in the text."],
  ["join", "separator.join(items)", "The texts as one, with this between them. Items must be texts."],
  ["format", "text.format(*values, **named)", "Fills `{}` and `{name}` in the text."],
  ["partition", "text.partition(separator)", "What stands before the first separator, the separator, and what stands after it."],
  ["rpartition", "text.rpartition(separator)", "What stands before the last separator, the separator, and what stands after it."],
  ["lower", "text.lower()", "The text in lower case."],
  ["upper", "text.upper()", "The text in upper case."],
  ["title", "text.title()", "Every word with its first letter in upper case."],
  ["capitalize", "text.capitalize()", "The first character in upper case, all others in lower case."],
  ["isdigit", "text.isdigit()", "Whether all characters are digits, and there is one."],
  ["isalpha", "text.isalpha()", "Whether all characters are letters, and there is one."],
  ["isalnum", "text.isalnum()", "Whether all characters are letters or digits, and there is one."],
  ["isspace", "text.isspace()", "Whether all characters are white space, and there is one."],
  ["zfill", "text.zfill(width)", "The text with zeros before it, up to `width` characters."],
  ["ljust", "text.ljust(width, fill=' ')", "The text filled up behind."],
  ["rjust", "text.rjust(width, fill=' ')", "The text filled up before."],
]);
