import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hoverMarkdown } from "../../../../extension/core/language/template/hoverMarkdown";
import { hoverTargetAt } from "../../../../extension/core/language/template/hoverTarget";
import { liveHover } from "../../../../extension/core/language/template/liveHover";
import { liveValues } from "../../../../extension/core/language/template/liveValues";
import { inputOfSample } from "../../../../extension/core/template/samples/sample";
import { sampleById } from "../../../../extension/core/template/samples/samples";
import { marked } from "./marked";

const TOKENS = { bos_token: "<s>", eos_token: "</s>" };

/** The values at `$0` for a sample, and how often the place is come by. */
function valuesAt(text: string, sample = "single-turn"): { readonly shown: string[]; readonly count: number } {
  const { template, offset } = marked(text);
  const watch = hoverTargetAt(template, offset)?.watch;
  if (watch === undefined) return { shown: [], count: -1 };
  const { values, count } = liveValues(template.source, watch, inputOfSample(sampleById(sample), TOKENS), 0);
  return { shown: values.map(({ text: value, times }) => (times > 1 ? `${value} ×${times}` : value)), count };
}

const VALUES: readonly (readonly [name: string, template: string, expected: readonly string[]])[] = [
  ["a variable", "{{ bos_$0token }}", ["'<s>'"]],
  ["a field, once a turn", "{% for m in messages %}{{ m.ro$0le }}{% endfor %}", ["'user'", "'assistant'"]],
  ["the item of a loop", "{% for m$0 in messages %}{% endfor %}", ["{'role': 'user', 'content': 'What is the capital of Norway?'}", "{'role': 'assistant', 'content': 'Oslo.'}"]],
  ["what is set", "{% set x$0 = messages | length %}", ["2"]],
  ["a set variable where it is used", "{% set x = 1 %}{{ x$0 + 1 }}", ["1"]],
  ["a member of a namespace that is set", "{% set ns = namespace(a=1) %}{% set ns.a$0 = 2 %}", ["2"]],
  ["a filter's result", "{{ messages | le$0ngth }}", ["2"]],
  ["a comparison", "{{ messages | length =$0= 2 }}", ["True"]],
  ["a test", "{{ messages is str$0ing }}", ["False"]],
  ["an undefined value", "{{ nobody$0 }}", ["undefined"]],
  ["a member of loop", "{% for m in messages %}{{ loop.fi$0rst }}{% endfor %}", ["True", "False"]],
  ["an item", "{{ messages[0]['ro$0le'] }}", []],
  ["values that come again", "{% for i in range(5) %}{{ i $0% 2 }}{% endfor %}", ["0 ×3", "1 ×2"]],
  ["the same value twice", "{% for m in messages %}{{ bos_$0token }}{% endfor %}", ["'<s>' ×2"]],
  ["a parameter", "{% macro f(a$0) %}{% endmacro %}{{ f(1) }}{{ f('x') }}", ["1", "'x'"]],
  ["an argument", "{% macro f(a) %}{% endmacro %}{{ f(messages[0].con$0tent) }}", ["'What is the capital of Norway?'"]],
  ["a list", "{{ $0[1, 2] }}", ["[1, 2]"]],
  ["two targets", "{% for k, v$0 in messages[0].items() %}{% endfor %}", ["'user'", "'What is the capital of Norway?'"]],
];

describe("the value at a place", () => {
  for (const [name, text, expected] of VALUES) {
    it(`of ${name}`, () => {
      assert.deepEqual(valuesAt(text).shown, expected);
    });
  }

  it("is none of what is not reached", () => {
    assert.deepEqual(valuesAt("{% if false %}{{ bos_$0token }}{% endif %}"), { shown: [], count: 0 });
  });

  it("is none for words that have none", () => {
    for (const text of ["te$0xt", "{% fo$0r m in x %}{% endfor %}", "{# a$0 #}", "{{ 'a$0' }}", "{{ tur$0n(1) }}", "{% for m in messages %}{{ lo$0op.first }}{% endfor %}"]) assert.equal(valuesAt(text).count, -1, text);
  });

  it("is cut where it is long", () => {
    const [value] = valuesAt("{{ ('a' * 10000) | up$0per }}").shown;
    assert.ok(value !== undefined && value.length < 500 && value.endsWith("…"));
  });
});

describe("a hover", () => {
  const markdownAt = (text: string, sample?: string): string => {
    const { template, offset } = marked(text);
    const target = hoverTargetAt(template, offset);
    assert.ok(target !== undefined);
    const live = liveHover(template.source, target.span, target.watch, sample, TOKENS, 0);
    return hoverMarkdown(target, live, "[other](command:x)");
  };

  it("marks what the place has written in the prompt", () => {
    const markdown = markdownAt("A<{% for m in messages %}[{{ m.ro$0le }}]{% endfor %}", "single-turn");
    assert.match(markdown, /<code>A&lt;\[<strong><span style="[^"]*"><span style="[^"]*">user<\/span><\/span><\/strong>\]\[<strong>/);
  });

  it("marks what plain text has written", () => {
    assert.match(markdownAt("a{{ bos_token }}p$0lain", "single-turn"), /<strong><span[^>]*><span[^>]*>plain<\/span><\/span><\/strong><\/code>/);
  });

  it("takes another sample where the chosen one does not come by", () => {
    const markdown = markdownAt("{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.na$0me }}{% endfor %}{% endfor %}", "single-turn");
    assert.match(markdown, /`'get_weather'` str/);
    assert.match(markdown, /\*Tools\* \(the chosen conversation does not come by here\)/);
  });

  it("says why there is no prompt", () => {
    assert.match(markdownAt("\n{{ bos_$0token }}{{ raise_exception('no `x` & <b>') }}", "single-turn"), /refused \(line 2\): ``\s?TemplateError: no `x` & <b>\s?``/);
  });

  it("says where a name comes from", () => {
    assert.match(markdownAt("{% set x = 1 %}\n{% set x = 2 %}{{ x$0 }}"), /Set, lines 1, 2\\\./);
    assert.match(markdownAt("{% macro f(a, b='x') %}{% endmacro %}{{ f$0(1) }}"), /f\(a, b='x'\)/);
    assert.match(markdownAt("{{ nobody$0 }}"), /must come from the trainer/);
    assert.match(markdownAt("{{ messages$0 }}"), /The conversation: a list of messages/);
    assert.match(markdownAt("{{ messages | sel$0ectattr('role') | list }}"), /attribute passes a test/);
    assert.match(markdownAt("{{ 'a'.spl$0it() }}"), /the words/);
  });

  it("cannot be broken out of by a prompt", () => {
    const markdown = markdownAt("{{ '</pre><script>x</script>\\n\\n# Title [a](command:evil)' }}p$0lain");
    assert.ok(!/<script>|<\/pre>.*<\/pre>/s.test(markdown), markdown);
  });
});
