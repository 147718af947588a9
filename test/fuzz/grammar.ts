import type { Random } from "../support/random";

/** What an expression is likely to be worth, so that most generated operations make sense. */
type Kind = "text" | "number" | "list" | "dict" | "bool" | "any";

const TEXTS = ["''", "'a'", "'abc def'", '"it\'s"', "'<|im_start|>'", "'\\n'", "' x '", "'ß'", "'İi'", "'😀b'", "'12'", "'-3.5'", "'a,b,,c'", "'%s|%d'", "'{} {0}'", "'A' 'b'", "'\\t\\u00e9\\x41'", "'{{'", "'é\\u0301'", "'\\u001cq\\u2028'", "'a.b-c_d'", "'<b>&amp;</b>'"];
const NUMBERS = ["0", "1", "2", "3", "-1", "7", "10", "1.0", "2.5", "-0.0", "1e3", "1.5e-7", "1e20", "0x1F", "0b101", "1_000", "12345678901234567890", "-7", "100", "0.1", "3.0"];
const TEXT_FILTERS = ["upper", "lower", "title", "capitalize", "trim", "trim('a ')", "reverse", "escape", "e", "forceescape", "safe", "string", "striptags", "urlencode", "wordcount", "length", "list", "first", "last", "center(9)", "indent", "indent(2, true)", "indent('>', first=true, blank=true)", "truncate(5)", "truncate(4, true)", "truncate(6, false, '~', 0)", "wordwrap(4)", "wordwrap(3, false)", "replace('a', 'bb')", "replace('b', '', 1)", "default('d')", "default('d', true)", "tojson", "int", "int(5)", "int(0, 16)", "float", "float(1)", "urlize", "format('x', 3)", "join('-')", "unique|list", "sort|join", "pprint", "batch(2)|list", "slice(2)|list", "max", "min", "xmlattr", "map('upper')|list", "select|list", "filesizeformat", "abs", "round", "sum", "items|list", "dictsort", "groupby('x')|list", "attr('upper')"];
const NUMBER_FILTERS = ["abs", "int", "float", "string", "round", "round(1)", "round(0, 'ceil')", "round(1, 'floor')", "filesizeformat", "filesizeformat(true)", "tojson", "default(1)", "pprint", "e", "length", "list", "upper", "trim", "center(6)"];
const LIST_FILTERS = ["length", "count", "first", "last", "join", "join(', ')", "join('|', attribute='role')", "list", "reverse|list", "sort", "sort(reverse=true)", "sort(attribute='role')", "sort(case_sensitive=true)", "unique|list", "unique(attribute='role')|list", "sum", "sum(start=2)", "max", "min", "max(attribute='n')", "batch(2)|list", "batch(3, 'x')|list", "slice(2)|list", "slice(3, 'z')|list", "map('string')|list", "map('upper')|join", "map(attribute='role')|list", "map(attribute='role', default='?')|list", "map(attribute=0)|list", "select|list", "select('string')|list", "reject('none')|list", "select('odd')|list", "select('gt', 1)|list", "selectattr('role')|list", "selectattr('role', 'equalto', 'user')|list", "rejectattr('content', 'string')|list", "groupby('role')|list", "groupby('role', default='q')", "tojson", "tojson(indent=2)", "tojson(separators=(',', ':'))", "tojson(sort_keys=true)", "string", "pprint", "default([])", "e", "map('length')|list", "map('tojson')|join", "map('default', 'q')|list", "xmlattr", "urlencode", "items", "dictsort", "random is defined"];
const DICT_FILTERS = ["length", "list", "items|list", "dictsort", "dictsort(true)", "dictsort(by='value')", "dictsort(reverse=true)", "tojson", "tojson(indent=1, sort_keys=true)", "tojson(ensure_ascii=true)", "string", "xmlattr", "xmlattr(false)", "urlencode", "first", "last", "join(',')", "pprint", "attr('items')", "sort", "max", "default(1)", "e", "map('upper')|list", "items|map('first')|list", "unique|list"];
const TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "callable", "true", "false", "odd", "even", "lower", "upper", "divisibleby 3", "divisibleby(2)", "eq 1", "ne('a')", "gt 1", "lessthan 2", "ge 0", "in [1, 'a']", "sameas none", "escaped", "filter", "test", "== 1", "> 0"];
const TEXT_METHODS = ["upper()", "lower()", "strip()", "strip('a ')", "lstrip()", "rstrip('\\n')", "split()", "split(',')", "split(',', 1)", "split('')", "rsplit(None, 1)", "splitlines()", "splitlines(true)", "partition(' ')", "rpartition('b')", "find('b')", "rfind('a')", "index('a')", "rindex('z')", "count('a')", "count('')", "startswith('a')", "startswith(('x', 'a'))", "endswith('c', 1)", "replace('a', 'X')", "replace('', '-', 2)", "title()", "capitalize()", "swapcase()", "casefold()", "isdigit()", "isalpha()", "isalnum()", "isspace()", "isupper()", "islower()", "istitle()", "isidentifier()", "isdecimal()", "isnumeric()", "isascii()", "isprintable()", "zfill(5)", "center(7, '*')", "ljust(5)", "rjust(5, '.')", "expandtabs(4)", "removeprefix('a')", "removesuffix('c')", "join(['x', 'y'])", "format(1, 2)", "format_map({'a': 1})", "encode()", "encode('utf-16')", "translate({97: 'b'})", "maketrans('a', 'b')", "__class__", "nosuch()", "nosuch"];
const LIST_METHODS = ["index(1)", "count('a')", "copy()", "append(1)", "pop()", "sort()", "nosuch"];
const DICT_METHODS = ["items()", "keys()", "values()", "get('role')", "get('q')", "get('q', 'dflt')", "copy()", "update({})", "pop('role')", "setdefault('a')", "items", "role", "content", "nosuch.x", "fromkeys([1])"];
const FORMATS = ["'%s' % (A,)", "'%d|%s' % (B, A)", "'%5.1f' % B", "'%x' % B", "'%r' % A", "'%%%s' % A", "'%(k)s' % {'k': A}", "'%-5s|' % A", "'%05d' % B", "'{}-{}'.format(A, B)", "'{0:>5}'.format(A)", "'{a[0]}'.format(a=A)", "'{:.2f}'.format(B)", "'{!r:5}'.format(A)", "'{:,}'.format(B)", "'{:+d}'.format(B)", "'{0.role}'.format(A)", "'%c' % B", "'%e' % B", "'%g' % B", "'%i%s' % A"];
const NAMES = ["messages", "tools", "message", "m", "x", "y", "s", "n", "f", "d", "lst", "nul", "yes", "big", "undef", "ns", "loop", "bos_token", "eos_token", "add_generation_prompt", "role", "self", "content"];

/** Writes templates from a seed: mostly sensible, seldom absurd, always small. */
export class Grammar {
  readonly #random: Random;
  #budget = 0;
  #macros: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  template(): string {
    this.#budget = this.#random.int(2) === 0 ? 1 + this.#random.int(3) : 4 + this.#random.int(14);
    this.#macros = [];
    return this.body();
  }

  /** Statements, outputs and text, one behind the other. */
  body(): string {
    let text = "";
    const parts = 1 + this.#random.int(3);
    for (let i = 0; i < parts; i++) text += this.#part();
    return text;
  }

  expression(kind: Kind = "any", depth = 1 + this.#random.int(3)): string {
    const r = this.#random;
    if (depth <= 0) return this.#atom(kind);
    switch (kind) {
      case "text":
        return this.#choose([() => this.#atom("text"), () => `${this.#simple("text", depth)}|${r.pick(TEXT_FILTERS)}`, () => `${this.#simple("text", depth)}.${r.pick(TEXT_METHODS)}`, () => `(${this.expression("text", depth - 1)} + ${this.expression("text", depth - 1)})`, () => `(${this.expression("any", depth - 1)} ~ ${this.expression("any", depth - 1)})`, () => `${this.#simple("text", depth)}${this.#slice()}`, () => this.#format(depth)]);
      case "number":
        return this.#choose([() => this.#atom("number"), () => `(${this.expression("number", depth - 1)} ${r.pick(["+", "-", "*", "/", "//", "%"])} ${this.expression("number", depth - 1)})`, () => `${this.#simple("number", depth)}|${r.pick(NUMBER_FILTERS)}`, () => `(${r.pick(["-", "+"])}${this.#atom("number")})`, () => `(${this.expression("any", depth - 1)})|length`, () => `${this.#atom("number")} ** ${r.int(4)}`, () => "loop.index"]);
      case "list":
        return this.#choose([() => this.#atom("list"), () => `[${this.#many(() => this.expression("any", depth - 1))}]`, () => `${this.#simple("list", depth)}|${r.pick(LIST_FILTERS)}`, () => `${this.#simple("list", depth)}${this.#slice()}`, () => `range(${this.#many(() => String(r.int(6) - 1)) || "3"})`, () => `${this.#simple("dict", depth)}|items|list`, () => `${this.#simple("text", depth)}.split()`, () => `(${this.expression("any", depth - 1)}, ${this.expression("any", depth - 1)})`, () => `(${this.#atom("list")} + [${this.expression("any", depth - 1)}])`, () => `${this.#atom("list")}.${r.pick(LIST_METHODS)}`]);
      case "dict":
        return this.#choose([() => this.#atom("dict"), () => `{${this.#many(() => `${this.#atom(r.pick(["text", "number", "any"]))}: ${this.expression("any", depth - 1)}`)}}`, () => `dict(a=${this.expression("any", depth - 1)})`, () => `${this.#simple("dict", depth)}|${r.pick(DICT_FILTERS)}`, () => `${this.#simple("dict", depth)}.${r.pick(DICT_METHODS)}`, () => "messages[0]", () => `namespace(a=${this.expression("any", depth - 1)})`]);
      case "bool":
        return this.#choose([() => r.pick(["true", "false", "True", "yes"]), () => `${this.#simple("any", depth)} is ${r.int(4) === 0 ? "not " : ""}${r.pick(TESTS)}`, () => `${this.expression("any", depth - 1)} ${r.pick(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])} ${this.expression("any", depth - 1)}`, () => `${this.#atom("number")} < ${this.#atom("number")} <= ${this.#atom("number")}`, () => `not ${this.expression("any", depth - 1)}`, () => `(${this.expression("bool", depth - 1)} ${r.pick(["and", "or"])} ${this.expression("any", depth - 1)})`]);
      default:
        return this.#choose([() => this.expression(r.pick(["text", "number", "list", "dict", "bool"]), depth), () => this.#atom("any"), () => `(${this.expression("any", depth - 1)} if ${this.expression("bool", depth - 1)}${r.int(3) === 0 ? "" : ` else ${this.expression("any", depth - 1)}`})`, () => `${this.#simple("any", depth)}[${this.expression("any", depth - 1)}]`, () => `${this.#simple("any", depth)}.${r.pick(["role", "content", "a", "items", "0", "x"])}`, () => `${this.#simple("any", depth)}|${r.pick([...TEXT_FILTERS, ...LIST_FILTERS, ...DICT_FILTERS, ...NUMBER_FILTERS])}`, () => `${this.expression("any", depth - 1)} ${r.pick(["+", "-", "*", "/", "//", "%"])} ${this.expression("any", depth - 1)}`, () => this.#call(depth)]);
    }
  }

  #part(): string {
    const r = this.#random;
    if (this.#budget-- <= 0) return this.#text();
    return this.#choose([
      () => this.#text(),
      () => this.#output(),
      () => this.#output(),
      () => this.#text() + this.#output(),
      () => `${this.#tag(`if ${this.expression("bool")}`)}${this.body()}${r.int(3) === 0 ? this.#tag(`elif ${this.expression("bool")}`) + this.body() : ""}${r.int(2) === 0 ? this.#tag("else") + this.body() : ""}${this.#tag("endif")}`,
      () => this.#for(),
      () => this.#set(),
      () => `${this.#tag("generation")}${this.body()}${this.#tag("endgeneration")}`,
      () => this.#macro(),
      () => this.#rare(),
    ]);
  }

  #for(): string {
    const r = this.#random;
    const target = r.pick(["m", "x", "message", "x", "k, v", "(x, y)"]);
    const list = target.includes(",") ? `${this.#atom("dict")}.items()` : this.expression("list", 2);
    const inner = r.pick(["", "", `{{ loop.${r.pick(["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem", "nextitem", "cycle('a', 'b')", "changed(x)"])} }}`, `{% if loop.${r.pick(["first", "last", "index is odd"])} %}${r.pick(["{% continue %}", "{% break %}", "!"])}{% endif %}`]);
    const body = `${inner}${this.body()}`;
    return `${this.#tag(`for ${target} in ${list}${r.int(4) === 0 ? ` if ${this.expression("bool", 2)}` : ""}${r.int(12) === 0 ? " recursive" : ""}`)}${body}${r.int(5) === 0 ? this.#tag("else") + this.body() : ""}${this.#tag("endfor")}`;
  }

  #set(): string {
    const r = this.#random;
    const name = r.pick(["x", "y", "s", "role", "content", "message"]);
    return this.#choose([
      () => this.#tag(`set ${name} = ${this.expression()}`),
      () => this.#tag(`set ${name} = ${this.expression()}`),
      () => `${this.#tag("set ns = namespace(a=1, found=false)")}${this.body()}${this.#tag(`set ns.${r.pick(["a", "found", "new"])} = ${this.expression()}`)}{{ ns.a }}`,
      () => this.#tag(`set x, y = ${r.pick(["1, 2", "'ab'", this.expression("list", 1)])}`),
      () => `${this.#tag(`set ${name}${r.int(3) === 0 ? `|${r.pick(TEXT_FILTERS)}` : ""}`)}${this.body()}${this.#tag("endset")}{{ ${name} }}`,
    ]);
  }

  #macro(): string {
    const name = `mac${this.#macros.length}`;
    const text = `${this.#tag(`macro ${name}(a, b=${this.#atom("any")}${this.#random.int(3) === 0 ? ", c='z'" : ""})`)}${this.body()}{{ a }}${this.#random.pick(["", "{{ b }}", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}", "{{ c }}"])}${this.#tag("endmacro")}`;
    this.#macros.push(name);
    return `${text}{{ ${name}(${this.#many(() => this.expression("any", 1))}${this.#random.pick(["", "", "q=1"])}) }}`;
  }

  #rare(): string {
    const r = this.#random;
    return this.#choose([
      () => `${this.#tag(`filter ${r.pick(TEXT_FILTERS)}`)}${this.body()}${this.#tag("endfilter")}`,
      () => `${this.#tag(`with x = ${this.expression()}, y = x`)}${this.body()}${this.#tag("endwith")}`,
      () => `${this.#tag("raw")} {{ x }} {% if %} ${this.#tag("endraw")}`,
      () => `${this.#tag(`block b${this.#budget}${r.pick(["", " scoped"])}`)}${this.body()}${this.#tag("endblock")}`,
      () => this.#macros.length === 0 ? this.#output() : `${this.#tag(`call${r.pick(["", "(q)"])} ${r.pick(this.#macros)}(${this.expression("any", 1)})`)}${this.body()}${this.#tag("endcall")}`,
      () => `${this.#tag(`autoescape ${r.pick(["true", "yes", "x", "false"])}`)}${this.body()}${this.#tag("endautoescape")}`,
      () => `{#${r.pick(["", "-"])} note ${r.pick(["", "{{ x }}"])} ${r.pick(["", "-"])}#}`,
      () => `{{ raise_exception(${this.expression("text", 1)}) }}`,
      () => `{{ strftime_now('${r.pick(["%Y-%m-%d", "%d %b %Y", "%A %j %U %I:%M %p", "%e/%-m %s"])}') }}`,
      () => `{% for x in [[1, [2, [3]]]] recursive %}{{ loop(x) if x is not number else x }}{% endfor %}`,
      () => `${this.#tag("set c = cycler('a', 'b')")}{{ c.next() }}{{ c.current }}${this.#tag("set j = joiner('; ')")}{{ j() }}{{ j() }}`,
      () => this.#tag(r.pick(["break", "continue", "do x", "include 'x'", "import 'x' as y", "extends 'x'", "autoescape true", "nosuch", "endif", "set 1 = 2", "for in x", "if", "generation x"])),
      () => r.pick(["{{", "}}", "{%", "%}", "{{ }}", "{{ x y }}", "{{ 'a }}", "{{ x. }}", "{{ x| }}", "{{ (1 }}", "{{ 1 + }}", "{{ é }}", "{{ x ? y }}"]),
    ]);
  }

  #call(depth: number): string {
    const name = this.#random.pick([...this.#macros, "range", "dict", "namespace", "x", "caller", "super", "cycler", "loop"]);
    return `${name}(${this.#many(() => this.expression("any", depth - 1))})`;
  }

  #format(depth: number): string {
    return `(${this.#random.pick(FORMATS).replace("A", () => this.expression("any", depth - 1)).replace(/\bB\b/, () => this.expression("number", depth - 1))})`;
  }

  #simple(kind: Kind, depth: number): string {
    return this.#random.int(3) === 0 ? `(${this.expression(kind, depth - 1)})` : this.#atom(kind);
  }

  #atom(kind: Kind): string {
    const r = this.#random;
    switch (kind) {
      case "text": return r.pick([r.pick(TEXTS), "s", "message.content", "m['content']", "bos_token", "messages[0].content", "message['role']", "x"]);
      case "number": return r.pick([r.pick(NUMBERS), "n", "f", "big", "x|length", "messages|length"]);
      case "list": return r.pick(["messages", "tools", "lst", "[]", "[1, 2, 3]", "['b', 'A', 'c']", "range(3)", "(1, 'a', none)", "messages[1:]", "[3, 1.0, true]", "d|list", "'abc'", "undef"]);
      case "dict": return r.pick(["d", "messages[0]", "message", "{}", "{'a': 1, 'b': [2.0]}", "tools[0].function", "{1: 'x', 'role': none}", "dict(a=1, b='q')"]);
      case "bool": return r.pick(["true", "false", "yes", "add_generation_prompt", "loop.last"]);
      default: return r.pick([r.pick(NAMES), r.pick(NAMES), "none", "true", r.pick(TEXTS), r.pick(NUMBERS), "[1, 'x']", "{'k': 'v'}", "messages[0]['role']", "()", "(1,)"]);
    }
  }

  #slice(): string {
    const r = this.#random;
    const bound = (): string => r.pick(["", "", "0", "1", "-1", "2", "-2", "10", "none", "'a'"]);
    return r.int(3) === 0 ? `[${bound() || "0"}]` : `[${bound()}:${bound()}${r.pick(["", "", ":2", ":-1", ":0"])}]`;
  }

  #output(): string {
    const open = this.#random.pick(["{{ ", "{{ ", "{{- ", "{{"]);
    const close = this.#random.pick([" }}", " }}", " -}}", "}}"]);
    return `${open}${this.expression()}${close}`;
  }

  #tag(inside: string): string {
    const open = this.#random.pick(["{% ", "{% ", "{%- ", "{%+ ", "{%-"]);
    const close = this.#random.pick([" %}", " %}", " -%}", " +%}", "-%}"]);
    return `${this.#random.pick(["", "", "\n", "  "])}${open}${inside}${close}${this.#random.pick(["", "", "\n", " "])}`;
  }

  #text(): string {
    return this.#random.pick(["", "a", " ", "\n", "  \n", "<|im_end|>\n", "text ", "\r\n", "é😀", "}", "{ ", "# ", "\n\n  ", "%", "\t", "\u00a0", "\u2028"]);
  }

  #many(make: () => string): string {
    return Array.from({ length: this.#random.int(4) }, make).join(", ");
  }

  #choose(options: readonly (() => string)[]): string {
    return this.#random.pick(options)();
  }
}
