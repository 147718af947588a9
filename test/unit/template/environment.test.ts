import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { parseChatTemplate } from "../../../extension/core/template/environment";
import { type RenderInput, TemplateRefusal } from "../../../extension/core/template/renderer";
import { engineDiffers } from "../../../extension/core/template/secondOpinion";

const NOW = Date.parse("2026-07-26T09:05:03");

function input(changes: Partial<RenderInput> = {}): RenderInput {
  return { messages: [{ role: "user", content: "Hi" }], addGenerationPrompt: false, variables: {}, ...changes };
}

function render(source: string, changes: Partial<RenderInput> = {}): string {
  return parseChatTemplate(source, { name: "test", now: NOW }).render(input(changes));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof TemplateRefusal, String(error));
    const { place } = error;
    return `${error.type}: ${error.message}${place === undefined ? "" : ` @${place.line}:${place.column}`}`;
  }
  return "no refusal";
}

test("what the template is given", () => {
  const source = "{{ messages[0].content }} {{ tools is none }} {{ documents is none }} {{ add_generation_prompt }} {{ bos_token }} {{ x is defined }}";
  assert.equal(render(source, { variables: { bos_token: "<s>" } }), "Hi True True False <s> False");
  assert.equal(render("{{ tools|length }}{{ documents[0].title }}", { tools: [{ type: "function" }], documents: [{ title: "T" }] }), "1T");
});

test("the helpers", () => {
  assert.equal(render("{{ strftime_now('%d %b %Y, %H:%M') }}"), "26 Jul 2026, 09:05");
  assert.equal(refusal(() => render("a\n {{ raise_exception('No ' ~ 'way') }}")).replace(/ @.*/, ""), "TemplateError: No way");
  assert.equal(refusal(() => render("{{ raise_exception(none) }}")).replace(/ @.*/, ""), "TemplateError: None");
  assert.match(refusal(() => render("{{ raise_exception() }}")), /^TypeError: .*raise_exception\(\) missing 1 required positional argument: 'message'/);
  assert.match(refusal(() => render("{{ strftime_now(1) }}")), /^TypeError: strftime\(\) argument 1 must be str, not int/);
  assert.equal(render("{{ {'é': 1.0}|tojson }}"), '{"é": 1.0}');
});

test("variables win over the helpers", () => {
  assert.equal(render("{{ strftime_now }}", { variables: { strftime_now: "then" } }), "then");
});

test("blocks are trimmed, and one final newline is dropped", () => {
  assert.equal(render("a\n  {% if true %}\nb\n  {% endif %}\nc\n"), "a\nb\nc");
  const kept = parseChatTemplate("a\n  {% if true %}\nb{% endif %}\n", { name: "test", trimBlocks: false, lstripBlocks: false, keepTrailingNewline: true });
  assert.equal(kept.render(input()), "a\n  \nb\n");
});

test("what apply_chat_template refuses before it renders", () => {
  assert.equal(refusal(() => render("x", { messages: [] })), "IndexError: list index out of range");
  assert.match(refusal(() => render("x", { tools: ["f"] })), /^ValueError: Tools should either be a JSON schema/);
  assert.match(refusal(() => render("x", { documents: ["f"] })), /^TypeError: Documents should be a list of dicts/);
});

test("errors have Python's class and message, and the place", () => {
  assert.equal(refusal(() => parseChatTemplate("a\n{% if x %}", { name: "test" })).replace(/ @.*/, ""), "TemplateSyntaxError: Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.");
  assert.equal(refusal(() => render("ab\n {{ messages[0].content.x.y }}")).slice(0, 62), "UndefinedError: 'str object' has no attribute 'x' @2:5".slice(0, 62));
});

test("where a character comes from", () => {
  const template = parseChatTemplate("[{{ messages[0].content }}]", { name: "test" });
  const { segments } = template.renderInput(input(), { provenance: true });
  assert.deepEqual(segments?.map(({ start, end, pointer, source }) => [start, end, pointer, source]), [
    [0, 1, undefined, undefined],
    [1, 3, "/messages/0/content", [0, 2]],
    [3, 4, undefined, undefined],
  ]);
});

const SOURCE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}";

function proceed(source: string, content: JsonValue, continueFinal: boolean | string = true, addGenerationPrompt = false): string {
  const messages = [{ role: "user", content: "q" }, { role: "assistant", content, reasoning: "r " }];
  return parseChatTemplate(source, { name: "test" }).renderInput(input({ messages, addGenerationPrompt }), { continueFinal }).text;
}

test("continue_final_message ends the prompt where the message ends", () => {
  assert.equal(proceed(SOURCE, "The answer is "), "<user>q</s><assistant>The answer is ");
  // Where the template strips, the reference strips what is left.
  assert.equal(proceed(SOURCE.replace("m.content", "m.content|trim"), "The answer is "), "<user>q</s><assistant>The answer is");
  assert.equal(proceed("{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{{ m.content[0].text }}{% endif %};{% endfor %}", [{ type: "text", text: "a" }]), "q;a");
  assert.equal(proceed("{% for m in messages %}{{ m.reasoning }}|{{ m.content }}{% endfor %}", "x", "reasoning"), "|qr ");
});

test("continue_final_message refuses as the reference does", () => {
  assert.match(refusal(() => proceed(SOURCE, "a", true, true)), /^ValueError: continue_final_message and add_generation_prompt are not compatible/);
  assert.equal(refusal(() => proceed(SOURCE, null)), 'ValueError: continue_final_message is set but the final message has no "content" to continue!');
  assert.equal(refusal(() => proceed(SOURCE, "a", "reasoning")), 'ValueError: continue_final_message is set to "reasoning" but this is not an accepted field in the chat_template');
  assert.match(refusal(() => proceed("{{ messages[0].content }}", "gone")), /^ValueError: continue_final_message is set but the final message does not appear .*Final message to continue: gone\nRendered chat:\nq$/s);
  assert.equal(refusal(() => proceed(SOURCE, [{ type: "image" }])), "ValueError: continue_final_message is set but we could not find any text to continue in the final message!");
});

test("a second engine's opinion", () => {
  const differs = (source: string): unknown => {
    const template = parseChatTemplate(source, { name: "test" });
    return engineDiffers(template, input(), template.render(input()));
  };
  assert.equal(differs("{{ messages[0].content }}"), undefined);
  assert.deepEqual(differs("a{{ true }}"), { kind: "text", at: 1, expected: "True", found: "true" });
  assert.equal((differs("{{ 'a'.zfill(3) }}") as { kind: string }).kind, "refuses");
  assert.equal((differs("{{ 1e20 }}") as { kind: string }).kind, "refuses");
});
