import { docTable } from "./entry";

/** The tags of chat templates. */
export const TAG_DOCS = docTable([
  ["if", "{% if test %}…{% elif test %}…{% else %}…{% endif %}", "Renders the first branch whose test is true. Empty texts, lists and mappings, `0`, `none` and undefined values are false."],
  ["elif", "{% elif test %}", "Another test, tried where those before were false."],
  ["else", "{% else %}", "What is rendered where no test was true; after a `for`, where there was nothing to loop over."],
  ["for", "{% for item in items if test %}…{% else %}…{% endfor %}", "Renders its body for each item. What is `set` inside is forgotten after each turn; use a `namespace` to keep it. `loop` tells where it stands."],
  ["break", "{% break %}", "Leaves the loop."],
  ["continue", "{% continue %}", "Goes on with the loop's next item."],
  ["set", "{% set name = value %} or {% set name %}…{% endset %}", "Gives a variable a value, or the text of a block. Inside a loop it lasts until the turn ends."],
  ["macro", "{% macro name(parameter, other=default) %}…{% endmacro %}", "A piece of template that can be called: `{{ name(value) }}`. It does not see the loop variables around the call."],
  ["call", "{% call(argument) macro() %}…{% endcall %}", "Calls a macro and gives it the body, which it renders with `caller(value)`."],
  ["filter", "{% filter name %}…{% endfilter %}", "Puts what the body renders through a filter."],
  ["with", "{% with name = value %}…{% endwith %}", "Variables for the body only."],
  ["block", "{% block name %}…{% endblock %}", "A named part. Without template inheritance, which chat templates have not, it only renders its body."],
  ["raw", "{% raw %}…{% endraw %}", "Text in which nothing is a tag."],
  ["generation", "{% generation %}…{% endgeneration %}", "Marks what the assistant says, for masks: with `assistant_only_loss` only the tokens inside are trained. Put the end-of-turn token inside, or the model never learns to stop."],
  ["autoescape", "{% autoescape true %}…{% endautoescape %}", "HTML escapes for what is printed inside. Not for prompts."],
  ["include", "{% include 'file' %}", "Chat templates have no other files: this fails when it is reached."],
  ["import", "{% import 'file' as name %}", "Chat templates have no other files: this fails when it is reached."],
  ["from", "{% from 'file' import name %}", "Chat templates have no other files: this fails when it is reached."],
  ["extends", "{% extends 'file' %}", "Chat templates have no other files: this fails when it is reached."],
  ["print", "{% print value %}", "The same as `{{ value }}`."],
]);

/** What an end tag's name begins with. */
const END = "end";

/** The tag that `keyword` is, or is the end of. */
export function tagOfKeyword(keyword: string): string {
  return keyword.startsWith(END) && TAG_DOCS.has(keyword.slice(END.length)) ? keyword.slice(END.length) : keyword;
}
