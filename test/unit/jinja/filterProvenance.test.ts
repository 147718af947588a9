import * as assert from "node:assert/strict";
import { test } from "node:test";
import { compileTemplate } from "../../../extension/core/jinja/runtime/template";
import { fromJson } from "../../../extension/core/jinja/value/json";

/**
 * The output with its data marked: `«…»` around characters that stand in the input as they are, which must be the input's own
 * at the place that the segment names, and `‹…›` around characters that were computed from it.
 */
function marked(template: string, text: string): string {
  const { text: output, segments = [] } = compileTemplate(template).render({ variables: { x: fromJson(text, "/x") }, provenance: true });
  return segments
    .map(({ start, end, pointer, source }) => {
      const part = output.slice(start, end);
      if (pointer !== undefined && source !== undefined) {
        assert.equal(text.slice(source[0], source[1]), part, template);
        return `«${part}»`;
      }
      return pointer === undefined ? part : `‹${part}›`;
    })
    .join("");
}

const KEPT: readonly (readonly [template: string, text: string, marked: string])[] = [
  ["{{ x|trim }}", "  a b ", "«a b»"],
  ["{{ x|trim('[]') }}", "[a]", "«a»"],
  ["{{ x|replace('b', 'X') }}", "abc", "«a»X«c»"],
  ["{{ x|truncate(5, true, '..', 0) }}", "abcdefgh", "«abc».."],
  ["{{ x|truncate(9) }}", "foo bar baz qux", "«foo»..."],
  ["{{ x|center(7) }}", "abc", "  «abc»  "],
  ["{{ x|first }}{{ x|last }}", "a😀", "«a»«😀»"],
  ["{{ x|string }}{{ x|default('') }}", "ab", "«ab»«ab»"],
  ["{{ [x, 1, x]|join('-') }}", "ab", "«ab»-1-«ab»"],
  ["{{ x|list|join('.') }}", "abc", "«a».«b».«c»"],
  ["{{ x|e }}", "a<b", "«a»‹&lt;›«b»"],
  ["{{ x|safe|trim }}", " a ", "«a»"],
  ["{{ x|upper }}{{ x|lower }}", "aB", "‹AB›‹ab›"],
  ["{{ x|lower }}", "already", "«already»"],
  ["{{ x|title }}{{ x|capitalize }}", "a b", "‹A B›‹A b›"],
  ["{{ x|reverse }}", "abc", "‹cba›"],
  ["{{ x|urlencode }}", "a b", "‹a%20b›"],
  ["{{ x|striptags }}", "<b>a</b>", "‹a›"],
  ["{{ x|tojson }}", "a", '"«a»"'],
  ["{{ {'k': x}|xmlattr }}", "v", ' k="«v»"'],
  ["{{ [x]|map('trim')|first }}", " a ", "«a»"],
  ["{{ [x]|sort|first }}", "B", "«B»"],
];

test("filters keep the origins of the characters that they leave as they are", () => {
  for (const [template, text, expected] of KEPT) {
    assert.equal(marked(template, text).replaceAll("»«", "").replaceAll("›‹", ""), expected.replaceAll("»«", "").replaceAll("›‹", ""), template);
  }
});

test("indent and wordwrap insert between lines that stay verbatim", () => {
  assert.equal(marked("{{ x|indent(2) }}", "a\nb"), "«a»\n  «b»");
  assert.equal(marked("{{ x|wordwrap(3, wrapstring='|') }}", "ab cd"), "«ab»|«cd»");
});

test("urlize links an address and shows it verbatim", () => {
  const link = '<a href="‹http://a.bc›" rel="noopener">«http://a.bc»</a>';
  assert.equal(marked("{{ x|urlize }}", "see http://a.bc."), `«see »${link}«.»`);
});
