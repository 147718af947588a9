import { test } from "node:test";
import { checkResults, type Row } from "./filterTable";

// Template and what jinja2 3.1.6 on CPython 3.11 makes of it.
const RESULTS: readonly Row[] = [
  ["{% autoescape true %}{% set x = '<x>' %}{{ x }}{{ x ~ '&' }}{{ x|e ~ '&' }}{{ '<'|safe }}{{ 1 }}<b>{% endautoescape %}{{ x }}", "&lt;x&gt;&lt;x&gt;&amp;&lt;x&gt;&amp;<1<b>"],
  ["{% autoescape words %}{{ '<' }}{{ words[0] ~ '<' }}{{ '<'|e ~ '<' }}{% endautoescape %}{{ '<' }}", "<alpha&lt;&amp;lt;&lt;<"],
  ["{% autoescape false %}{{ '<' }}{% endautoescape %}{% autoescape nosuch %}{{ '<' }}{% endautoescape %}", "<<"],
  ["{% autoescape true %}{% set y %}<{{ '<' }}{% endset %}{{ y }}{{ y|upper }}{{ y|length }}{% endautoescape %}", "<&lt;<&LT;5"],
  ["{% autoescape true %}{% set y|upper %}<{{ '<' }}{% endset %}{{ y }}{% endautoescape %}", "<&LT;"],
  ["{% macro m(a) %}<{{ a }}{% endmacro %}{% autoescape true %}{{ m('<') }}{% call m('>') %}x{% endcall %}{% endautoescape %}{{ m('<') }}", "TypeError: macro 'm' was invoked with two values for the special caller argument. This is most likely a bug."],
  ["{% autoescape true %}{% macro m(a) %}<{{ a }}{{ caller() if caller }}{% endmacro %}{{ m('<') }}{% call m('>') %}<{{ '<' }}{% endcall %}{% endautoescape %}", "<&lt;<&gt;<&lt;"],
  ["{% autoescape true %}{% filter upper %}<{{ '<a' }}{% endfilter %}{% for a in ['<', ['>']] recursive %}{{ loop(a) if a is not string else a }}{% endfor %}{% endautoescape %}", "<&LT;A&lt;&gt;"],
  ["{% autoescape true %}{{ ['<', '>'|safe]|join('&') }}|{{ ['<', '>']|join('&') }}|{{ ['<', '>']|join('&'|safe) }}|{{ '<a>'|replace('<', '&'|safe) }}|{{ '<a>'|replace('<', '&') }}|{{ '<a>'|safe|replace('a', '<') }}{% endautoescape %}", "&lt;&amp;>|&lt;&amp;&gt;|&lt;&&gt;|&lt;a&gt;|&amp;a&gt;|<&lt;>"],
  ["{% autoescape true %}{{ {'a': '<'}|xmlattr }}|{{ 'see http://a.b/<'|urlize }}|{{ words[:2] }}|{{ {'a': 1} }}{% endautoescape %}", " a=\"&lt;\"|see http://a.b/&lt;|[&#39;alpha&#39;, &#39;Beta&#39;]|{&#39;a&#39;: 1}"],
  ["{% autoescape true %}{% for w in words %}{% if loop.first %}{% break %}{% endif %}{% endfor %}{% endautoescape %}{{ ['<'|safe, '>']|join }}", "<>"],
  ["{% autoescape true %}{% block b %}{{ '<' }}{% endblock %}{% with z = '<' %}{{ z }}{% endwith %}{% raw %}<{% endraw %}{% endautoescape %}", "<&lt;<"],
  ["{% autoescape true %}{{ '<' if words else 2 }}{{ '%s<' % '<' }}{{ '%s<'|format('<') }}{{ '<'|string }}{{ nosuch }}{{ none }}{% endautoescape %}", "&lt;&lt;&lt;&lt;&lt;&lt;None"],
];

test("{% autoescape %} escapes what is printed in it, and knows what is safe already", () => {
  checkResults(RESULTS);
});
