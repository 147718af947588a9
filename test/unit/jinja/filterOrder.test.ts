import { test } from "node:test";
import { checkErrors, checkResults, type Row } from "./filterTable";

// Template and what jinja2 3.1.6 on CPython 3.11 makes of it.
const RESULTS: readonly Row[] = [
  ["{{ ([{'a':1}]|groupby('a'))[0].grouper }}", "1"],
  ["{{ ([{'a':1}]|groupby('a'))[0].list }}", "[{'a': 1}]"],
  ["{{ ([{'a':1}]|groupby('a'))[0]|attr('list') }}", "[{'a': 1}]"],
  ["{{ ([{'a':1}]|groupby('a'))[0]['grouper'] }}", "1"],
  ["{{ [3,1,2]|sort(reverse=true) }}", "[3, 2, 1]"],
  ["{{ ['b','a','C']|sort(case_sensitive=true) }}", "['C', 'a', 'b']"],
  ["{{ [{'x':1,'y':2},{'x':1,'y':1},{'x':0,'y':9}]|sort(attribute='x,y') }}", "[{'x': 0, 'y': 9}, {'x': 1, 'y': 1}, {'x': 1, 'y': 2}]"],
  ["{{ [[1,'b'],[0,'a']]|sort(attribute=1) }}", "[[0, 'a'], [1, 'b']]"],
  ["{{ [[1,'b'],[0,'a']]|sort(attribute='0') }}", "[[0, 'a'], [1, 'b']]"],
  ["{{ {'b':2,'A':1}|dictsort }}", "[('A', 1), ('b', 2)]"],
  ["{{ {'b':2,'A':1}|dictsort(true) }}", "[('A', 1), ('b', 2)]"],
  ["{{ {'b':2,'a':1}|dictsort(by='value') }}", "[('a', 1), ('b', 2)]"],
  ["{{ {'b':2,'a':1}|dictsort(reverse=true) }}", "[('b', 2), ('a', 1)]"],
  ["{{ [true,1,1.0,'a','A','b']|unique|list }}", "[True, 'a', 'b']"],
  ["{{ ['a','A']|unique(true)|list }}", "['a', 'A']"],
  ["{{ [1,2,3]|max }}", "3"],
  ["{{ ['b','A']|min }}", "A"],
  ["{{ ['b','A']|min(true) }}", "A"],
  ["{{ [{'a':1},{'a':3}]|max(attribute='a') }}", "{'a': 3}"],
  ["{{ 'hello'|max }}", "o"],
  ["{{ [1]|unique }}", "<generator object sync_do_unique at 0x…>"],
  ["{{ [{'a':1}]|groupby('b') }}", "[(Undefined, [{'a': 1}])]"],
  ["{{ [{'a':'x'},{'a':'X'},{}]|groupby('a', default='y') }}", "[('x', [{'a': 'x'}, {'a': 'X'}]), ('y', [{}])]"],
  ["{{ [{'a':'x'},{'a':'X'}]|groupby('a', case_sensitive=true) }}", "[('X', [{'a': 'X'}]), ('x', [{'a': 'x'}])]"],
  ["{{ [(1,2),(1,3)]|groupby(0) }}", "[(1, [(1, 2), (1, 3)])]"],
  ["{{ [{'a':{'b':2}}]|groupby('a.b') }}", "[(2, [{'a': {'b': 2}}])]"],
  ["{{ und|sort }}", "[]"],
  ["{{ words|sort }}", "['alpha', 'alpha', 'Beta', 'beta', 'Delta', 'eta', 'gamma', 'GAMMA', 'Theta', 'x y', 'zeta']"],
  ["{{ words|unique|list }}", "['alpha', 'Beta', 'gamma', 'Delta', 'x y', 'zeta', 'eta', 'Theta']"],
  ["{{ words|min }}", "alpha"],
  ["{{ words|max(case_sensitive=true) }}", "zeta"],
];

const ERRORS: readonly Row[] = [
  ["{{ ([{'a':1}]|groupby('a'))[0].foo.bar }}", "UndefinedError: 'jinja2.filters._GroupTuple object' has no attribute 'foo'"],
  ["{{ [1,none]|sort }}", "TypeError: '<' not supported between instances of 'NoneType' and 'int'"],
  ["{{ [none,1]|sort }}", "TypeError: '<' not supported between instances of 'int' and 'NoneType'"],
  ["{{ [1,2,'a']|sort }}", "TypeError: '<' not supported between instances of 'str' and 'int'"],
  ["{{ ['a',2,3]|sort(reverse=true) }}", "TypeError: '<' not supported between instances of 'str' and 'int'"],
  ["{{ [{'a':1},{}]|sort(attribute='a') }}", "UndefinedError: 'dict object' has no attribute 'a'"],
  ["{{ [[]]|unique|list }}", "TypeError: unhashable type: 'list'"],
  ["{{ [{}]|unique|list }}", "TypeError: unhashable type: 'dict'"],
  ["{{ ['a',1]|max }}", "TypeError: '>' not supported between instances of 'int' and 'str'"],
  ["{{ [1,'a']|min }}", "TypeError: '<' not supported between instances of 'str' and 'int'"],
  ["{{ [und,1]|max }}", "UndefinedError: 'und' is undefined"],
  ["{{ ['b','a']|sort(reverse='x') }}", "TypeError: 'str' object cannot be interpreted as an integer"],
  ["{{ [1]|groupby }}", "TypeError: sync_do_groupby() missing 1 required positional argument: 'attribute'"],
  ["{{ [{'a':1},{}]|groupby('a') }}", "UndefinedError: 'dict object' has no attribute 'a'"],
  ["{{ [1]|dictsort }}", "AttributeError: 'list' object has no attribute 'items'"],
  ["{{ und|dictsort }}", "UndefinedError: 'und' is undefined"],
  ["{{ {}|dictsort(by='x') }}", "FilterArgumentError: You can only sort by either \"key\" or \"value\""],
  ["{{ {1:1,'a':2}|dictsort }}", "TypeError: '<' not supported between instances of 'str' and 'int'"],
  ["{{ ([]|max).x }}", "UndefinedError: No aggregated item, sequence was empty."],
];

test("filters that compare print what Python prints", () => checkResults(RESULTS));

test("filters that compare refuse what Python refuses, with its words", () => checkErrors(ERRORS));
