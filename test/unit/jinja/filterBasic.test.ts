import { test } from "node:test";
import { checkErrors, checkResults, type Row } from "./filterTable";

// Template and what jinja2 3.1.6 on CPython 3.11 makes of it.
const RESULTS: readonly Row[] = [
  [
    "{{ {'a':[1,2,{'b':'x'*70}],'c':(1,)}|pprint }}",
    "{'a': [1,\n       2,\n       {'b': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}],\n 'c': (1,)}",
  ],
  [
    "{{ ('word '*40)|pprint }}",
    "('word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word ')",
  ],
  [
    "{{ ['word '*40, 'x'*90, 'a\\nb'*30]|pprint }}",
    "['word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word ',\n 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n 'a\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'ba\\n'\n 'b']",
  ],
  [
    "{{ {'k'*30: 'v '*50, 2:1, (1,2):3, none:4}|pprint }}",
    "{None: 4,\n 2: 1,\n 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk': 'v v v v v v v v v v v v v v v v v v v v v '\n                                   'v v v v v v v v v v v v v v v v v v v v v '\n                                   'v v v v v v v v ',\n (1, 2): 3}",
  ],
  [
    "{{ ((1,2,3)*12,)|pprint }}",
    "((1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3,\n  1,\n  2,\n  3),)",
  ],
  ["{{ 'short'|pprint }}", "'short'"],
  ["{{ ''|pprint }}", "''"],
  ["{{ {'a':1}|attr('items') }}", "<built-in method items of dict object at 0x…>"],
  ["{{ 'x'|attr('upper') }}", "<built-in method upper of str object at 0x…>"],
  ["{{ ({'a':1}|attr('a')) is undefined }}", "True"],
  ["{{ [1]|attr('append') }}", ""],
  ["{{ (1)|attr('__class__')|string }}", ""],
  ["{{ [1,2]|tojson }}", "[1, 2]"],
  ["{{ {'b':1,'a':'é<'}|tojson(sort_keys=true) }}", "{\"a\": \"é<\", \"b\": 1}"],
  ["{{ 'é'|tojson(ensure_ascii=true) }}", "\"\\u00e9\""],
  ["{{ [1,{'a':[]}]|tojson(indent=2) }}", "[\n  1,\n  {\n    \"a\": []\n  }\n]"],
  ["{{ {'a':1}|tojson(separators=(',',':')) }}", "{\"a\":1}"],
  ["{{ 'x'|default }}", "x"],
  ["{{ ''|default('e',true) }}", "e"],
  ["{{ und|default }}", ""],
  ["{{ und|d(0) }}", "0"],
  ["{{ 0|d(5,true) }}", "5"],
  ["{{ none|d(5) }}", "None"],
  ["{{ [1]|tojson(indent='x') }}", "[\nx1\n]"],
  ["{{ {'a':1.0,'b':1e-7,'c':none}|tojson }}", "{\"a\": 1.0, \"b\": 1e-07, \"c\": null}"],
  ["{{ (1,2)|tojson }}", "[1, 2]"],
  [
    "{{ long|pprint }}",
    "('The quick brown fox jumps over the lazy dog. It\\'s \"quoted\" and \\'single\\'.\\n'\n 'Second line with a verylongwordthatdoesnotfitanywhereatall-and-hyphens and 😀 '\n 'emoji.\\n'\n '\\n'\n 'Last')",
  ],
  [
    "{{ words|pprint }}",
    "['alpha',\n 'Beta',\n 'gamma',\n 'Delta',\n 'alpha',\n 'beta',\n 'GAMMA',\n 'x y',\n 'zeta',\n 'eta',\n 'Theta']",
  ],
];

const ERRORS: readonly Row[] = [
  ["{{ ([1]|attr('append'))(1) }}", "SecurityError: access to attribute 'append' of 'list' object is unsafe."],
  ["{{ ((1)|attr('__class__')).x }}", "SecurityError: access to attribute '__class__' of 'int' object is unsafe."],
  ["{{ und|tojson }}", "TypeError: Object of type Undefined is not JSON serializable"],
  ["{{ 'a'|tojson(y=1) }}", "TypeError: _cached_compile_jinja_template.<locals>.tojson() got an unexpected keyword argument 'y'"],
  ["{{ 5|default(1,2,3) }}", "TypeError: do_default() takes from 1 to 3 positional arguments but 4 were given"],
  ["{{ 'a'|attr(1) }}", "TypeError: attribute name must be string, not 'int'"],
  ["{{ und|attr('x') }}", "UndefinedError: 'und' is undefined"],
  ["{{ 'a'|attr }}", "TypeError: do_attr() missing 1 required positional argument: 'name'"],
  ["{{ ({'a':1}|attr('a')).b }}", "UndefinedError: 'dict object' has no attribute 'a'"],
  ["{{ ('a'|attr('_foo')).b }}", "UndefinedError: 'str object' has no attribute '_foo'"],
];

test("default, attr, tojson and pprint print what Python prints", () => checkResults(RESULTS));

test("default, attr, tojson and pprint refuse what Python refuses, with its words", () => checkErrors(ERRORS));
