import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { MAX_SOURCE_LENGTH } from "../../../extension/core/jinja/syntax/parser";

const loop = (body: string, before = ""): string => `${before}{% for i in range(90000) %}${body}{% endfor %}`;
const grow = (start: string, next: string): string => `{% set ns = namespace(s=${start}) %}{% for i in range(99999) %}{% set ns.s = ${next} %}{% endfor %}`;

/** As many parts as a template may have between these ends. */
function filled(part: string | ((i: number) => string), before = "", after = ""): string {
  let room = MAX_SOURCE_LENGTH - before.length - after.length;
  if (typeof part === "string") return before + part.repeat(Math.floor(room / part.length)) + after;
  const parts: string[] = [];
  for (let next = part(0); next.length <= room; next = part(parts.length)) {
    parts.push(next);
    room -= next.length;
  }
  return before + parts.join("") + after;
}

/** As many opening brackets as a template may have with what closes them. */
function nested(open: string, inner: string, close: string): string {
  const levels = Math.floor((MAX_SOURCE_LENGTH - 10 - inner.length) / (open.length + close.length));
  return `{{ ${open.repeat(levels)}${inner}${close.repeat(levels)} }}`;
}

/** Keeps everything that `value` makes of the last one, `ns.s`. */
const keep = (value: string, before = ""): string => `{% set ns = namespace(s=none) %}${loop(loop(`${before}{% set ns.s = ${value} %}`).replaceAll("i in", "j in"))}`;

const LIST = "{% set l = range(100000)|list %}{% set m = range(100000)|list %}";

/** Templates that would run for minutes or fill the memory, and end in one of the engine's limits instead. */
export const ENDLESS: Readonly<Record<string, string>> = {
  // Loops and calls.
  "nested ranges": "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
  "ranges three deep, and nothing in them": "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
  "nested ranges that look at their loop": "{% for a in range(99999) %}{% for b in range(99999) %}{{ loop.index }}{{ loop.last }}{% endfor %}{% endfor %}",
  "nested ranges with a condition that is never true": "{% for a in range(99999) if a < 0 %}{% endfor %}{% for a in range(99999) %}{% for b in range(99999) if b < 0 %}{% endfor %}{% endfor %}",
  "a loop over the characters of a long text, twice": "{% for a in big %}{% for b in big %}{% endfor %}{% endfor %}",
  "a macro that calls itself twice": "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}x{% endmacro %}{{ a(60) }}",
  "call blocks in call blocks": "{% macro a(n) %}{% if n %}{% call a(n - 1) %}x{% endcall %}{% call a(n - 1) %}x{% endcall %}{% endif %}{{ caller() if caller }}{% endmacro %}{{ a(60) }}",
  "a recursive loop that goes down twice": "{% for a in [60] recursive %}{% if a %}{{ loop([a - 1]) }}{{ loop([a - 1]) }}{% endif %}{% endfor %}",
  "blocks that call each other": "{% block a %}{% endblock %}{% for i in range(90000) %}{% for j in range(90000) %}{{ self.a() }}{% endfor %}{% endfor %}",
  "attributes of everything": loop(loop("{% set y = messages[0].content.x.y if false else messages[0].role %}").replaceAll("i in", "j in")),
  "arithmetic alone": loop(loop("{% set y = (i * 7 + 3) // 2 % 5 - i ** 2 %}").replaceAll("i in", "j in")),
  "an expression of many parts": loop(`{% set y = ${new Array(150).fill("i").join(" + ")} %}`),
  "a list of many parts": loop(`{% set y = [${new Array(5000).fill("i").join(", ")}] %}`),
  "a dict of many parts": loop(`{% set y = {${Array.from({ length: 5000 }, (_, i) => `${i}: i`).join(", ")}} %}`),
  "an output of many parts": loop(`{{ ${new Array(5000).fill("i").join(" ~ ")} }}`),
  "assignments to many names": loop(`{% set ${Array.from({ length: 3000 }, (_, i) => `a${i}`).join(", ")} = l[:3000] %}`, LIST),
  "spread arguments": loop("{% set y = dict(**d) %}{% set y = cycler(*l) %}", `${LIST}{% set d = dict(a=1) %}`),
  "comparisons of many parts": loop(`{% set y = ${new Array(5000).fill("i").join(" <= ")} %}`),

  // Growth.
  "a long text": "{{ 'a' * 10**9 }}",
  "a text that doubles": grow("'ab'", "ns.s + ns.s"),
  "a text that is put together and looked at": grow("'a' * 1000000", "(ns.s ~ 'b').replace('a', 'c', 1)"),
  "a captured text that doubles": "{% set x = 'ab' %}{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set y %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = y %}{% endfor %}",
  "a prompt without end": loop(loop("{{ big }}").replaceAll("i in", "j in")),
  "a list that holds itself twice": `${grow("[1]", "[ns.s, ns.s]")}{{ ns.s }}`,
  "a dict that holds itself twice": `${grow("{}", "{'a': ns.s, 'b': ns.s}")}{{ ns.s|tojson }}`,
  "a list that is compared with its like": `{% set a = namespace(s=[1]) %}{% set b = namespace(s=[1]) %}{% for i in range(99) %}{% set a.s = [a.s, a.s] %}{% set b.s = [b.s, b.s] %}{% endfor %}{{ a.s == b.s }}`,
  "a tuple of tuples as a key": `{% set a = namespace(s=(1,)) %}{% for i in range(99) %}{% set a.s = (a.s, a.s) %}{% endfor %}{{ {a.s: 1} }}`,
  "a long list": "{{ [1] * 10**9 }}",
  "a list that doubles": grow("[1]", "ns.s + ns.s"),
  "a list that grows by one": grow("[]", "ns.s + [i]"),
  "a tuple that grows by one": grow("(1,)", "ns.s + (i,)"),
  "a dict that grows by one": grow("{}", "dict(ns.s, **{i|string: i})"),
  "lists in lists": keep("[ns.s]"),
  "tuples in tuples": keep("(ns.s,)"),
  "dicts in dicts": keep("{'a': ns.s}"),
  "namespaces in namespaces": keep("namespace(a=ns.s)"),
  "loops in lists": keep("[ns.s, loop]"),
  "undefined values in lists": keep("[ns.s, missing.x if false]"),
  "macros in lists": keep("[ns.s, m]", "{% macro m() %}{% endmacro %}"),
  "joined texts in lists": keep("[ns.s, 'a' ~ j]"),
  "captured texts in lists": keep("[ns.s, y]", "{% set y %}{{ j }}{% endset %}"),
  "parts of texts in lists": keep("[ns.s, 'some words'[2:5]]"),
  "methods in lists": keep("[ns.s, 'a'.upper]"),
  "a replacement that grows": "{% set ns = namespace(s='x') %}{% for i in range(50) %}{% set ns.s = ns.s|replace('x', 'xxxxxxxxxx') %}{% endfor %}",
  "escapes of escapes": grow("'&' * 100000", "ns.s|forceescape"),
  "representations of representations": grow("'\\'\"' * 100000", "[ns.s]|string"),
  "JSON of JSON": grow("'\"' * 100000", "ns.s|tojson"),
  "URLs of URLs": grow("'%' * 100000", "ns.s|urlencode"),

  // Searches, replacements, splits.
  "replacements that match everywhere": loop("{% set y = big.replace('x', 'y') %}"),
  "replacements of nothing": loop("{% set y = big.replace('', 'y') %}"),
  "replacements of many characters": loop("{% set y = big.replace('xxxxxxxx', 'y') %}"),
  "searches that nearly match everywhere": loop("{% set y = big.find(almost) %}"),
  "searches from the end that nearly match everywhere": loop("{% set y = big.rfind(almost) %}"),
  "short searches that nearly match everywhere": loop("{% set y = big.find('xxxxxxxy') %}"),
  "containment that nearly matches everywhere": loop("{% set y = almost in big %}"),
  "containment of one character": loop("{% set y = 'y' in big %}"),
  "a test for containment": loop("{% set y = almost is in big %}"),
  "replacements that nearly match everywhere": loop("{% set y = big|replace(almost, '') %}"),
  "counts that match everywhere": loop("{% set y = big.count('x') %}"),
  "counts of long texts": loop("{% set y = big.count(half) %}", "{% set half = 'x' * 30 ~ 'y' %}"),
  "partitions": loop("{% set y = big.rpartition('y') %}"),
  "splits": loop("{% set y = big.split('x') %}"),
  "splits from the end": loop("{% set y = big.rsplit('x') %}"),
  "splits at white space": loop("{% set y = words.split() %}"),
  "splits into lines": loop("{% set y = lines.splitlines() %}"),
  "prefixes of many kinds": loop("{% set y = big.startswith(p) %}", "{% set p = ([almost] * 5000) %}{% set ns = namespace(p=()) %}{% for i in range(2000) %}{% set ns.p = ns.p + (almost,) %}{% endfor %}{% set p = ns.p %}"),
  "long prefixes": loop("{% set y = big.startswith(other) %}", "{% set other = 'x' * 999999 %}"),
  "stripping of many kinds": loop("{% set y = big.strip(chars) %}", "{% set chars = 'abcdefgh' * 10000 ~ 'x' %}"),
  "stripping of one kind": loop("{% set y = big.strip('x') %}"),
  "stripping of white space": loop("{% set y = (' ' * 1000000)|trim %}"),

  // Other methods and filters of texts.
  "slices with steps": loop("{% set y = big[::-1] %}"),
  "slices of many characters": loop("{% set y = wide[5:-5] %}"),
  "indexes into wide characters": loop("{% set y = wide[400000] %}"),
  "upper case": loop("{% set y = big.upper() %}"),
  "titles of wide characters": loop("{% set y = greek.title() %}"),
  "case folding": loop("{% set y = greek.casefold() %}"),
  "predicates": loop("{% set y = wide.isalpha() %}{% set y = greek.islower() %}{% set y = greek.istitle() %}"),
  "encodings": loop("{% set y = big.encode('utf-16') %}"),
  "translations": loop("{% set y = big.translate({120: 'yyyy'}) %}"),
  "tables of translations": loop("{% set y = ''.maketrans(big, big) %}"),
  "tabs": loop("{% set y = ('\\t' * 100000).expandtabs(1) %}"),
  "wide tabs": "{{ ('\\t' * 1000000).expandtabs(1000000) }}",
  "joins of characters": loop("{% set y = '-'.join(big) %}"),
  "joins of lists": loop("{% set y = l|join(',') %}", LIST),
  "joins of attributes": loop("{% set y = l|join(',', attribute='real') %}", LIST),
  "nested joins": loop("{% set y = [l|join, l|join]|join %}", LIST),
  "lists of characters": loop("{% set y = big|list %}"),
  "characters in reverse": loop("{% set y = big|reverse %}"),
  "unique characters": loop("{% set y = big|unique|list %}"),
  "sorted characters": loop("{% set y = big|sort|first %}"),
  "words counted": loop("{% set y = words|wordcount %}"),
  "titles": loop("{% set y = words|title %}"),
  "capitals": loop("{% set y = words|capitalize %}"),
  "escapes": loop("{% set y = ('<' * 100000)|e %}"),
  "tags": loop("{% set y = ('<a>b' * 100000)|striptags %}"),
  "comments": "{{ ('<!---->' * 1000000)|striptags }}",
  "comments that do not end": loop("{% set y = ('<!--' * 100000)|striptags %}"),
  "links": loop("{% set y = ('http://a.b/ ' * 10000)|urlize %}"),
  "links in brackets": "{{ ('(' * 500000 ~ 'http://a.b' ~ ')' * 500000)|urlize }}{{ ('(((http://a.b))) ' * 60000)|urlize }}{% for i in range(1000) %}{{ ('(((http://a.b))) ' * 60000)|urlize }}{% endfor %}",
  "URL-encoded characters": loop("{% set y = wide|urlencode %}"),
  "truncation of wide characters": loop("{% set y = wide|truncate(9) %}"),
  "pretty printing": loop("{% set y = big|pprint %}"),
  "pretty printing of a list": loop("{% set y = l|pprint %}", LIST),
  "wide padding": "{{ 'a'.center(10**9) }}{{ '%1000000000d' % 1 }}",
  "a wide field": "{{ '{:>1000000000}'.format('x') }}",
  "a wide number": "{{ '%1000000000d' % 1 }}",
  "a width that is an argument": "{{ '%*d' % (10**9, 1) }}",
  "a number of many places": "{{ '%.1000000000d' % 1 }}",
  "a filter for wide padding": "{{ 'x'|center(10**9) }}",
  "wide padding again and again": loop("{% set y = 'a'.center(10**6) %}"),
  "fields without end": loop("{% set y = f.format(1) %}", "{% set f = '{0}' * 10000 %}"),
  "formats without end": loop("{% set y = f % t %}", "{% set f = '%s' * 10000 %}{% set ns = namespace(t=()) %}{% for i in range(100) %}{% set ns.t = ns.t + (1,) * 100 %}{% endfor %}{% set t = ns.t %}"),
  "deep indentation": "{{ ('\\n' * 1000)|indent('x' * 10**7) }}",
  "indentation of many lines": loop("{% set y = lines|indent(3) %}"),
  "long wrapping": "{{ (big * 9)|wordwrap(1) }}",
  "wrapping at hyphens": loop("{% set y = ('a-' * 100000)|wordwrap(7) %}"),
  "wrapping that keeps long words": loop("{% set y = words|wordwrap(7, false) %}"),
  "random paragraphs": "{{ lipsum(10 ** 9) }}",
  "random paragraphs again and again": loop("{% set y = lipsum(5) %}"),
  "dates": loop("{% set y = strftime_now('%A %B' * 10000) %}"),

  // Lists and dicts.
  "equal lists": loop("{% set y = l == m %}", LIST),
  "ordered lists": loop("{% set y = l < m %}", LIST),
  "equal texts": loop("{% set y = big == same %}", "{% set same = 'x' * 1000000 %}"),
  "ordered texts": loop("{% set y = big < same %}", "{% set same = 'x' * 1000000 %}"),
  "the greatest of long texts": loop("{% set y = l|max %}", "{% set l = ['x' * 1000000, 'x' * 1000000] %}"),
  "long texts as keys": loop("{% set y = {(big ~ i): 1} %}"),
  "long texts that are looked up": loop("{% set y = (big ~ i) in {'a': 1} %}{% set y = {'a': 1}[big ~ i] %}"),
  "containment in a list": loop("{% set y = -1 in l %}", LIST),
  "containment of a long text in a list": loop("{% set y = (big ~ 'a') in l %}", "{% set l = [big ~ 'b', big ~ 'c', big ~ 'd'] %}"),
  "indexes in a list": loop("{% set y = l.count(-1) %}", LIST),
  "copies of a list": loop("{% set y = l.copy() %}", LIST),
  "slices of a list": loop("{% set y = l[1:] %}{% set y = l[::-1] %}", LIST),
  "repeated lists": loop("{% set y = l * 9 %}", LIST),
  "sums of a list": loop("{% set y = l|sum %}", LIST),
  "sums of lists": loop("{% set y = k|sum(start=[]) %}", `${LIST}{% set k = [l] * 100 %}`),
  "sorted lists": loop("{% set y = l|sort(reverse=true) %}", LIST),
  "sorted by an attribute": loop("{% set y = l|sort(attribute='real,imag') %}", LIST),
  "unique elements": loop("{% set y = l|unique|list %}", LIST),
  "unique long texts": loop("{% set y = l|unique|list %}", "{% set l = [big ~ 'a', big ~ 'b', big ~ 'c'] %}"),
  "groups": loop("{% set y = l|groupby('real') %}", LIST),
  "maps": loop("{% set y = l|map('string')|list %}", LIST),
  "selections": loop("{% set y = l|select('odd')|list %}", LIST),
  "selections by an attribute": loop("{% set y = l|selectattr('real', 'gt', -1)|list %}", LIST),
  "batches": loop("{% set y = l|batch(3)|list %}", LIST),
  "filled batches": "{{ [1]|batch(10 ** 12, 0)|list }}",
  "slices without end": "{{ [1]|slice(10 ** 12)|list }}",
  "the least and the greatest": loop("{% set y = l|min %}{% set y = l|max %}", LIST),
  "a list as a text": loop("{% set y = l|string %}", LIST),
  "a list as JSON": loop("{% set y = l|tojson %}", LIST),
  "a list as indented JSON": "{{ range(100000)|list|tojson(indent=100000) }}",
  "a text as JSON": loop("{% set y = quotes|tojson %}"),
  "a text as JSON in ASCII": loop("{% set y = wide|tojson(ensure_ascii=true) %}"),
  "sorted JSON": loop("{% set y = d|tojson(sort_keys=true) %}", "{% set ns = namespace(d={}) %}{% for i in range(300) %}{% set ns.d = dict(ns.d, **{i|string: i}) %}{% endfor %}{% set d = ns.d %}"),
  "sorted dicts": loop("{% set y = d|dictsort %}{% set y = d|items|list %}{% set y = d.copy() %}", "{% set ns = namespace(d={}) %}{% for i in range(300) %}{% set ns.d = dict(ns.d, **{i|string: i}) %}{% endfor %}{% set d = ns.d %}"),
  "attributes of XML": loop("{% set y = {'a': big}|xmlattr %}"),
  "spans of a generation": loop(loop("{% set y %}{% generation %}x{% endgeneration %}{% endset %}").replaceAll("i in", "j in"), "{{ big }}"),
  "long spans of a generation": loop("{% generation %}{{ words }}{% endgeneration %}"),

  // Numbers.
  "large powers": "{{ 10 ** 9999999 }}",
  "large powers again and again": loop("{% set y = 3 ** 40000 %}"),
  "large products": loop("{% set y = n * n %}", "{% set n = 3 ** 20000 %}"),
  "large quotients": loop("{% set y = n // m %}{% set y = n % m %}", "{% set n = 3 ** 40000 %}{% set m = 3 ** 19999 %}"),
  "large fractions": loop("{% set y = n / m %}", "{% set n = 3 ** 40000 %}{% set m = 3 ** 39999 %}"),
  "large integers as texts": loop("{% set y = n ~ '' %}", "{% set n = 2 ** 14000 %}"),
  "large integers in hexadecimal": loop("{% set y = '%x' % n %}{% set y = '{:b}'.format(n) %}", "{% set n = 3 ** 40000 %}"),
  "bits of large integers": loop("{% set y = n.bit_count() %}", "{% set n = 3 ** 40000 %}"),
  "many digits": loop("{% set y = digits|int %}{% set y = digits|float %}", "{% set digits = '9' * 1000000 %}"),
  "many hexadecimal digits": "{{ ('f' * 1000000)|int(0, 16) }}",
  "many blanks before a number": loop("{% set y = (' ' * 1000000 ~ '1')|int %}"),
  "a rounding without end": "{{ 5|round(10 ** 9, 'ceil') }}",
};

/** Templates that Python refuses as well, in the stack or the time that the engine has for them. */
export const TOO_DEEP: Readonly<Record<string, string>> = {
  "a macro that calls itself": "{% macro a(n) %}{{ a(n + 1) }}{% endmacro %}{{ a(0) }}",
  "a recursive loop without end": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
  "a block that calls itself": "{% block a %}{{ self.a() }}{% endblock %}",
  "a caller that calls": "{% macro a() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{{ a() }}",
  brackets: nested("(", "1", ")"),
  "square brackets": nested("[", "", "]"),
  "braces": nested("{1:", "1", "}"),
  "signs": filled("-", "{{ ", "1 }}"),
  negations: filled("not ", "{{ ", "x }}"),
  sums: filled("1 + ", "{{ ", "1 }}"),
  "chains of filters": filled("|upper", "{{ x", " }}"),
  "chains of attributes": filled(".a", "{{ x", " }}"),
  "chains of conditions": filled("1 if 1 else ", "{{ ", "1 }}"),
  "open blocks": filled("{% if x %}"),
  "open loops": filled("{% for x in y %}"),
};

/** Templates as long as they may be that mean nothing bad, and must be read in time. */
export const LONG: Readonly<Record<string, string>> = {
  text: filled("x"),
  "many lines": filled("x\n"),
  outputs: filled("{{ x }}"),
  "outputs of constants": filled("{{ 1 }}"),
  "empty blocks": filled("{% if x %}{% endif %}"),
  loops: filled("{% for a in [] %}{% endfor %}"),
  macros: filled((i) => `{% macro m${i}(a, b=1) %}{% endmacro %}`),
  "names": filled((i) => `{% set a${i} = ${i} %}`),
  "names in a loop": filled((i) => `{% set a${i} = ${i} %}`, "{% for x in [1] %}", "{% endfor %}"),
  "scoped blocks of many names": filled((i) => `{% block b${i} scoped %}{% endblock %}`, Array.from({ length: 2_000 }, (_, i) => `{% set a${i} = ${i} %}`).join("")),
  "loops in loops around many names": filled("{{ x }}", "{% for a in [1] %}".repeat(60), "{% endfor %}".repeat(60)),
  "branches in branches around many names": filled((i) => `{% set a${i} = ${i} %}`, "{% if 1 %}".repeat(200), "{% endif %}".repeat(200)),
  "branches beside branches": filled((i) => `{% elif a${i} %}{% set b${i} = 1 %}`, "{% if x %}", "{% endif %}"),
  comments: filled("{# #}"),
  "blanks before tags": filled(`${" ".repeat(1000)}{% set x = 1 %}\n`),
  "blanks that are stripped": filled(`{{ x -}}${" ".repeat(1000)}`),
  "a list of many elements": filled("1, ", "{% set x = [", "] %}"),
  "a long dict": filled("'a': 1, ", "{% set x = {", "} %}"),
  "a long dict of odd keys": filled("(): 1, ", "{% set x = {", "} %}"),
  "a long dict of odd keys that is computed": filled("(): 1, ", "{% set x = {", "}|length %}"),
  "long dicts of odd keys inside filters": filled("(): 1, ", "{% set x = {", `}${"|length".repeat(190)} %}`),
  "a long tuple": filled("1, ", "{% set x = ", " %}"),
  "adjacent texts": filled("'a' ", "{{ ", " }}"),
  "a long text in quotes": filled("a", "{{ '", "' }}"),
  "escapes in quotes": filled("\\x41", "{{ '", "' }}"),
  "many arguments": filled((i) => `a${i}=1, `, "{{ dict(", ") }}"),
  "many parameters": filled((i) => `a${i}, `, "{% macro m(", "z) %}{% endmacro %}{{ m(1) }}"),
  "many generations": filled("{% generation %}{% endgeneration %}"),
};

/** Templates as long as they may be that are wrong everywhere: errors are found, and are many. */
export const WRONG: Readonly<Record<string, string>> = {
  "open outputs": filled("{{"),
  "open tags": filled("{%"),
  "open comments": filled("{#"),
  "open quotes": filled("{{ '"),
  "raw blocks": filled("{% raw %}"),
  "wrong expressions": filled("{{ ) }}"),
  "wrong tags": filled("{% x %}"),
  "end tags": filled("{% endif %}"),
  "unknown filters": filled("{{ x|y }}"),
  "unknown filters of unknown filters": filled("x|y, ", "{{ ", " }}"),
  "keys that cannot be hashed": filled("{{ x + {[]: 1} }}"),
  "names that are assigned twice": filled("a, ", "{% macro m(", "a) %}{% endmacro %}"),
  "blocks of one name": filled("{% block a %}{% endblock %}"),
  "loops that are left outside": filled("{% break %}"),
  "a long number": filled("9", "{{ ", " }}"),
  "a long float": filled("9", "{{ 1.", " }}"),
  "a long hexadecimal number": filled("f", "{{ 0x", " }}"),
  "a long name": filled("a", "{{ ", " }}"),
  "characters that belong nowhere": filled("?", "{{ ", " }}"),
};

/** What the hostile templates are given. */
export function hostileVariables(): Readonly<Record<string, JsonValue>> {
  return {
    big: "x".repeat(1_000_000),
    almost: `${"x".repeat(50_000)}y${"x".repeat(50_000)}`,
    words: "some words ".repeat(90_000),
    lines: "line\n".repeat(200_000),
    wide: "😀".repeat(500_000),
    greek: "ΣςSß".repeat(100_000),
    quotes: '"\n'.repeat(500_000),
  };
}
