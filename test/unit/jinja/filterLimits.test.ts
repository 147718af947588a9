import * as assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaLimitError } from "../../../extension/core/jinja/errors";
import { compileTemplate } from "../../../extension/core/jinja/runtime/template";

/** Templates that would allocate or compute without end. */
const ENDLESS = [
  "{{ 'x'|center(10 ** 12) }}",
  "{{ 'a\n'|indent(10 ** 12, true) }}",
  "{{ ('\n' * 1000000)|indent(1000, blank=true) }}",
  "{{ [1]|batch(10 ** 12, 0)|list }}",
  "{{ [1]|slice(10 ** 12)|list }}",
  "{{ ('a' * 1000000)|replace('a', 'b' * 1000) }}",
  "{{ (range(100000)|list * 50)|join('x' * 10) }}",
  "{{ ('f' * 1000000)|int(0, 16) }}",
  "{{ 5|round(10 ** 9, 'ceil') }}",
  "{{ lipsum(10 ** 9) }}",
  "{{ ('<!---->' * 1000000)|striptags }}",
  "{% set l = range(100000)|list %}{% for i in range(100000) %}{% set y = l|tojson %}{% endfor %}",
  "{% set l = range(100000)|list %}{% for i in range(100000) %}{% set y = l|string %}{% endfor %}",
  "{% set l = range(100000)|list %}{% for i in range(100000) %}{% set y = i is in l %}{% endfor %}",
  "{% set t = '😀' * 1000000 %}{% for i in range(100000) %}{% set y = t|truncate(9) %}{% endfor %}",
];

test("work and sizes are bounded before they are spent", () => {
  for (const template of ENDLESS) {
    const compiled = compileTemplate(template);
    assert.throws(() => compiled.render({ variables: {} }), JinjaLimitError, template);
  }
});

test("patterns take time in proportion to the text", () => {
  const texts = ["'(' * 300000 ~ 'a' ~ ')' * 300000", "'http://' ~ 'a.' * 300000 ~ '!'", "'a@b' * 300000 ~ '!'", "'.' * 500000 ~ 'a'", "'a' ~ '-' * 500000 ~ 'b'", "'<' * 500000", "'&' * 500000"];
  for (const text of texts) {
    for (const filter of ["urlize", "wordwrap", "striptags", "title", "wordcount"]) {
      // Linear work takes well under a second here; what is quadratic would take longer than the runner waits.
      const { text: length } = compileTemplate(`{{ (${text})|${filter}|string|length }}`).render({ variables: {}, maxSteps: 100_000_000 });
      assert.match(length, /^\d+$/, `${text}|${filter}`);
    }
  }
});
