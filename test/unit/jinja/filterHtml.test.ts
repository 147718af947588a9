import { test } from "node:test";
import { checkErrors, checkResults, type Row } from "./filterTable";

// Template and what jinja2 3.1.6 on CPython 3.11 makes of it.
const RESULTS: readonly Row[] = [
  [
    "{{ 'a<b>c</b> &lt; &#x41;&#65;&nbsp;&copy;&copyx; &#150; &#0; &#1114112; &#xD800; &#1; <!-- x --> d'|striptags|pprint }}",
    "'ac < AA\\xa0©©x; – � � �  d'",
  ],
  ["{{ '<!<!-- a -->-- b --> c'|striptags }}", "c"],
  ["{{ '<!--> x <b'|striptags }}", "x <b"],
  ["{{ 'a < b'|striptags }}", "a < b"],
  ["{{ 'a<b'|striptags }}", "a<b"],
  ["{{ '<!-->x'|striptags }}", "x"],
  [
    "{{ {'class':'my list','missing':none,'id':'list-42','u':und,'q':'\"<'}|xmlattr }}",
    " class=\"my list\" id=\"list-42\" q=\"&#34;&lt;\"",
  ],
  ["{{ {}|xmlattr }}", ""],
  ["{{ {'a':1}|xmlattr(false) }}", "a=\"1\""],
  [
    "{{ 'see https://pallets.org/x?y=(1) and (www.example.com), foo@bar.org; mailto:a@b.co ftp://x.y http://1.2.3.4:80/ http://[::1]/ example.net/path. &lt;http://a.b&gt; @a@b.co'|urlize }}",
    "see <a href=\"https://pallets.org/x?y=(1)\" rel=\"noopener\">https://pallets.org/x?y=(1)</a> and (<a href=\"https://www.example.com\" rel=\"noopener\">www.example.com</a>), foo@bar.org; <a href=\"mailto:a@b.co\">a@b.co</a> ftp://x.y <a href=\"http://1.2.3.4:80/\" rel=\"noopener\">http://1.2.3.4:80/</a> <a href=\"http://[::1]/\" rel=\"noopener\">http://[::1]/</a> <a href=\"https://example.net/path\" rel=\"noopener\">example.net/path</a>. &amp;lt;http://a.b&amp;gt; @a@b.co",
  ],
  [
    "{{ 'http://example.com/aaaaaaaaaaaaaaaaaaaa'|urlize(15, true, '_blank', 'me you') }}",
    "<a href=\"http://example.com/aaaaaaaaaaaaaaaaaaaa\" rel=\"me nofollow noopener you\" target=\"_blank\">http://example....</a>",
  ],
  ["{{ 'ftp:abc x'|urlize(extra_schemes=['ftp:']) }}", "<a href=\"ftp:abc\" rel=\"noopener\">ftp:abc</a> x"],
  [
    "{{ '((http://a.bc)) http://a.bc/(x) (http://a.bc/(x))) <http://a.bc>'|urlize }}",
    "((<a href=\"http://a.bc\" rel=\"noopener\">http://a.bc</a>)) <a href=\"http://a.bc/(x)\" rel=\"noopener\">http://a.bc/(x)</a> (<a href=\"http://a.bc/(x)\" rel=\"noopener\">http://a.bc/(x)</a>)) &lt;<a href=\"http://a.bc\" rel=\"noopener\">http://a.bc</a>&gt;",
  ],
  ["{{ 'a/b c?d=é&ü'|urlencode }}", "a/b%20c%3Fd%3D%C3%A9%26%C3%BC"],
  ["{{ {'a b':'c/d','x':1}|urlencode }}", "a+b=c%2Fd&x=1"],
  ["{{ [('a',1),('b','é&')]|urlencode }}", "a=1&b=%C3%A9%26"],
  ["{{ 5|urlencode }}", "5"],
  ["{{ none|urlencode }}", "None"],
  ["{{ und|urlencode }}", ""],
  ["{{ \"~!*'()\"|urlencode }}", "~%21%2A%27%28%29"],
  ["{{ ('<b>%s</b>'|safe)|format('<i>') }}", "<b>&lt;i&gt;</b>"],
  ["{{ '<a>'|e|e }}", "&lt;a&gt;"],
  ["{{ '<a>'|e|forceescape }}", "&amp;lt;a&amp;gt;"],
  ["{{ '<a>'|safe|e }}", "<a>"],
  ["{{ ('<a>'|e)|string|e }}", "&lt;a&gt;"],
  ["{{ [1]|e }}", "[1]"],
  ["{{ (\"<a>\\n<b>\"|e)|indent(\"<\")|pprint }}", "Markup('&lt;a&gt;\\n<&lt;b&gt;')"],
  ["{{ ('<b>'|e)|upper|pprint }}", "Markup('&LT;B&GT;')"],
  ["{{ ('<b>'|e)|title|pprint }}", "'&lt;b&gt;'"],
  ["{{ ('<b> '|e)|trim|pprint }}", "Markup('&lt;b&gt;')"],
  ["{{ ('x'|e)|string|pprint }}", "Markup('x')"],
  ["{{ ('a'|e)|tojson }}", "\"a\""],
];

const ERRORS: readonly Row[] = [
  ["{{ 'a'|e(1) }}", "TypeError: escape() takes 1 positional argument but 2 were given"],
  ["{{ 'a'|e(s=1) }}", "TypeError: escape() got some positional-only arguments passed as keyword arguments: 's'"],
  ["{{ 'a'|e(x=1) }}", "TypeError: escape() got an unexpected keyword argument 'x'"],
  ["{{ ('x'|e)|filesizeformat }}", "ValueError: could not convert string to float: Markup('x')"],
  ["{{ [1]|xmlattr }}", "AttributeError: 'list' object has no attribute 'items'"],
  ["{{ und|xmlattr }}", "UndefinedError: 'und' is undefined"],
  ["{{ {1:2}|xmlattr }}", "TypeError: expected string or bytes-like object, got 'int'"],
  ["{{ {'a b':1}|xmlattr }}", "ValueError: Invalid character in attribute name: 'a b'"],
  ["{{ {'a/':1}|xmlattr }}", "ValueError: Invalid character in attribute name: 'a/'"],
  ["{{ [1]|urlencode }}", "TypeError: cannot unpack non-iterable int object"],
  ["{{ ['a']|urlencode }}", "ValueError: not enough values to unpack (expected 2, got 1)"],
  ["{{ ['abc']|urlencode }}", "ValueError: too many values to unpack (expected 2)"],
  ["{{ '\\ud800'|urlencode }}", "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"],
  ["{{ 'x'|urlize(extra_schemes=['a']) }}", "FilterArgumentError: 'a' is not a valid URI scheme prefix."],
  ["{{ 'x'|urlize(extra_schemes=[1]) }}", "TypeError: expected string or bytes-like object, got 'int'"],
  ["{{ 'x'|urlize(extra_schemes=1) }}", "TypeError: 'int' object is not iterable"],
  ["{{ 'x'|urlize(rel=1) }}", "AttributeError: 'int' object has no attribute 'split'"],
];

test("HTML filters print what Python prints", () => checkResults(RESULTS));

test("HTML filters refuse what Python refuses, with its words", () => checkErrors(ERRORS));
