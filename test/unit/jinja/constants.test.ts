import { test } from "node:test";
import { checkErrors, checkResults, type Row } from "./filterTable";

// Template and what jinja2 3.1.6 on CPython 3.11 makes of it.
const CONSTANTS: readonly Row[] = [
  ["\t{{ true|urlencode }}{% filter slice(2)|list %}{% endfilter %}", "TypeError: sequence item 1: expected str instance, list found"],
  ["{{ () }} {% filter map('upper')|list %}x{% endfilter %}", "TypeError: sequence item 1: expected str instance, list found"],
  ["{{ words[0] }}{{ 1 }}a{# #}b{{ -1 ** 2 }}{% filter list %}x{% endfilter %}", "TypeError: sequence item 2: expected str instance, list found"],
  ["{{ 'a'|map('upper') }}b{% filter list %}x{% endfilter %}", "TypeError: sequence item 2: expected str instance, list found"],
  ["{{ true or words }}{{ 'x' if 1 else words }}{% filter list %}x{% endfilter %}", "TypeError: sequence item 1: expected str instance, list found"],
  ["{{ [][-1:''] }}|{{ [1][:'a'] ~ 'x' }}|{{ (1)[:] }}|{{ ([1]['':])|list }}", "|x||[]"],
  ["{% for x in ((1,)['':])|groupby('') %}{% endfor %}ok", "ok"],
  ["{% set y = [1]['':] %}", "TypeError: slice indices must be integers or None or have an __index__ method"],
  ["{% if [1]['':] %}{% endif %}", "TypeError: slice indices must be integers or None or have an __index__ method"],
  ["{% if false %}{{ words + {{}: 1} }}{% endif %}", "TypeError: unhashable type: 'dict'"],
  ["{% if false %}{{ words[{'a': 1, []: 2, words: 3}] }}{% endif %}", "TypeError: unhashable type: 'list'"],
  ["{% if false %}{{ words[{words: 1, []: 2}] }}{% endif %}ok", "ok"],
  ["{% if false %}{{ {{}: 1} }}{% set x = {[]: 1} %}{% endif %}ok", "ok"],
  ["{% if false %}{{ words[{('x'|list): 1}] }}{% endif %}ok", "TypeError: unhashable type: 'list'"],
  ["{{ {{}: 1} }}", "TypeError: unhashable type: 'dict'"],
  ["{{ {(): 1, ((),): 2} }}", "{(): 1, ((),): 2}"],
];

const ODDITIES: readonly Row[] = [
  ["{% filter int %}1{% endfilter %}{% generation %}{% endgeneration %}{{ 1 / 0 }}", "TypeError: sequence item 0: expected str instance, int found"],
  ["{{ cycler(1)|dictsort }}", "TypeError: 'tuple' object is not callable"],
  ["{% for v in dict(a=1, b='').items() %}{{ loop|map('upper')|list }}{% endfor %}", "[\"(('B', ''), <LOOPCONTEXT 2/2>)\"]"],
  ["{% for v in words %}{% for w, l in loop %}{{ w }}{{ l.index }} {% endfor %}{{ loop.index }}{{ v }}{% endfor %}", "Beta2 gamma3 Delta4 alpha5 beta6 GAMMA7 x y8 zeta9 eta10 Theta11 11alpha"],
  ["{{ self|last }}", "TypeError: object of type 'TemplateReference' has no len()"],
  ["{% block b %}{% endblock %}{{ self[::-1] }}", "TypeError: unhashable type: 'slice'"],
  ["{{ 'a'.encode() + 'b' }}", "TypeError: can't concat str to bytes"],
  ["{{ 'a'.encode() + 'b'.encode() }}{{ 'abc'.encode()[1:] }}{{ 'abc'.encode()[::-1] }}", "b'ab'b'bc'b'cba'"],
  ["{{ 'a' + 'b'.encode() }}", "TypeError: can only concatenate str (not \"bytes\") to str"],
  ["{{ {'k': 'v'}|e % (())[nosuch] }}", "{&#39;k&#39;: &#39;v&#39;}"],
  ["{{ '%s'|e % ['<'] }} {{ '%(a)s'|e % {'a': '<'} }}", "[&#39;&lt;&#39;] &lt;"],
  ["{{ '%(a)s'|e % ['<'] }}", "TypeError: list indices must be integers or slices, not str"],
  ["{{ '%(a)s'|e % {} }}", "KeyError: 'a'"],
  ["{{ '%(a)s'|e % nosuch }}", "UndefinedError: 'nosuch' is undefined"],
];

test("constants are computed when Jinja computes them, before anything runs", () => {
  checkErrors(CONSTANTS);
});

test("what random templates were needed to find", () => {
  checkResults(ODDITIES);
});
