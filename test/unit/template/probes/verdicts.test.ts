import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { parseChatTemplate } from "../../../../extension/core/template/environment";
import type { ProbeId, ProbeResult, Verdicts } from "../../../../extension/core/template/probes/probe";
import { probeTemplate } from "../../../../extension/core/template/probes/probeTemplate";
import type { ProbeOptions } from "../../../../extension/core/template/probes/session";

const VARIABLES = { bos_token: "<s>", eos_token: "</s>" };

function probe(source: string, options: Partial<ProbeOptions> = {}): ReturnType<typeof probeTemplate>["results"] {
  return probeTemplate(parseChatTemplate(source, { name: "test", now: 0 }), { variables: VARIABLES, ...options }).results;
}

const each = (body: string): string => `{% for m in messages %}${body}{% endfor %}`;
const PROMPT = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const CHATML = `${each("<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n")}${PROMPT}`;
/** Mistral's shape: the answer follows the question's end. */
const INST = each("{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}</s>{% endif %}");
const ONLY_USER_AND_ASSISTANT = "{% if m.role not in ['user', 'assistant'] %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}";
/** A turn, its calls and its result, with the arguments written by `written`. */
const calls = (written: string): string =>
  each(`<|im_start|>{{ m.role }}\n{{ m.content or '' }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }} ${written}</tool_call>{% endfor %}<|im_end|>\n`) + PROMPT;
const CALLS = calls("{{ c.function.arguments|tojson }}");
const thinking = (before: string): string => `${CHATML}${before}`;
const masked = (inner: string, outer = ""): string =>
  each(`<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}${inner}{% endgeneration %}${outer}{% else %}{{ m.content }}<|im_end|>{% endif %}\n`);

type Cases = { readonly [Id in ProbeId]: readonly (readonly [verdict: Verdicts[Id], source: string, options?: Partial<ProbeOptions>])[] };

/** A template that refuses everything. */
const NEVER = "{{ raise_exception('no') }}";

const CASES: Cases = {
  "content-string": [
    ["yes", CHATML],
    ["dropped", each("{% for p in m.content %}{{ p.text }}{% endfor %}")],
    ["refused", each("{% if m.content is string %}{{ raise_exception('parts only') }}{% endif %}")],
    ["repr", each("{{ [{'type': 'text', 'text': m.content}] }}")],
    ["unknown", "{% for i in range(99999) %}{% endfor %}"],
  ],
  "content-parts": [
    ["yes", each("{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}")],
    ["repr", CHATML],
    ["repr", each("{{ m.content|tojson if m.content is not string else m.content }}")],
    ["refused", each("{{ 'a: ' + m.content }}")],
    ["dropped", each("{% if m.content is string %}{{ m.content }}{% endif %}")],
    ["unknown", "{% for i in range(99999) %}{% endfor %}"],
  ],
  "system-role": [
    ["kept", CHATML],
    ["kept", `A default of its own: {% if messages[0].role != 'system' %}<|im_start|>system\nHelp.<|im_end|>\n{% endif %}${CHATML}`],
    ["refused", each(`${ONLY_USER_AND_ASSISTANT}{{ m.role }}: {{ m.content }}\n`)],
    ["dropped", each("{% if m.role != 'system' %}{{ m.role }}: {{ m.content }}\n{% endif %}")],
    ["merged", each("{% if m.role == 'system' %}{% elif m.role == 'user' %}[INST] {% if loop.index0 == 1 and messages[0].role == 'system' %}{{ messages[0].content }}\n\n{% endif %}{{ m.content }} [/INST]{% else %}{{ m.content }}</s>{% endif %}")],
    ["unknown", NEVER],
  ],
  "unknown-role": [
    ["rendered", CHATML],
    ["dropped", each("{% if m.role == 'user' %}U: {{ m.content }}{% elif m.role == 'assistant' %}A: {{ m.content }}{% endif %}")],
    ["refused", each(`${ONLY_USER_AND_ASSISTANT}{{ m.content }}`)],
    ["unknown", NEVER],
  ],
  alternation: [
    ["free", CHATML],
    ["enforced", each("{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{{ m.content }}")],
    ["drops", each("{% if loop.last or loop.nextitem.role != m.role %}{{ m.content }}{% endif %}")],
    ["unknown", NEVER],
  ],
  "generation-prompt": [
    ["honoured", CHATML],
    ["implicit", INST],
    ["ignored", each("<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n")],
    ["rewrites", `${each("{{ m.content }}")}{% if add_generation_prompt %}A:{% else %}</s>{% endif %}`],
    ["unknown", NEVER],
  ],
  "generation-prefix": [
    ["same", CHATML],
    ["same", INST],
    ["differs", CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")],
    ["unknown", NEVER],
  ],
  "prefix-preserving": [
    ["yes", CHATML],
    ["no", each("{{ m.content }}{% if loop.last %}</s>{% else %}|{% endif %}")],
    // The system's text moves to the last question.
    ["no", each("{{ '>' if loop.last }}{{ m.content }}")],
    ["unknown", NEVER],
  ],
  "tool-prefix-preserving": [
    ["yes", CALLS],
    ["no", each("{{ m.content }}{{ m.tool_calls|tojson if m.tool_calls }}{% if loop.last %}</s>{% endif %}")],
    ["unknown", each("{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}{{ m.content }}")],
  ],
  "end-of-turn": [
    ["token", CHATML],
    ["eos", INST],
    ["eos", CHATML.replace("<|im_end|>", "{{ eos_token }}")],
    ["eos", CHATML, { variables: { eos_token: "<|im_end|>" } }],
    ["token", CHATML.replace("<|im_end|>", "END"), { specialTokens: ["END"] }],
    ["text", CHATML.replaceAll("<|im_end|>", "--")],
    ["none", each("{{ m.role }}: {{ m.content }}\n")],
    // The next question's header is no end of the answer.
    ["none", each("<|{{ m.role }}|>{{ m.content }}")],
    ["none", `${each("<|{{ m.role }}|>{{ m.content }}")}<|assistant|>`],
    ["last-only", `${each("{{ m.role }}: {{ m.content }}\n")}</s>`],
    ["history-only", each("<|im_start|>{{ m.role }}\n{{ m.content }}{% if not loop.last %}<|im_end|>\n{% endif %}")],
    ["varies", each("<|im_start|>{{ m.role }}\n{{ m.content }}{{ '<|return|>' if loop.last else '<|end|>' }}")],
    ["unknown", NEVER],
  ],
  "end-of-tool-turn": [
    ["same", CALLS],
    ["other", each("<|im_start|>{{ m.role }}\n{{ m.content or '' }}{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments|tojson }}<|call|>{% else %}<|im_end|>{% endfor %}\n")],
    ["none", each("<|im_start|>{{ m.role }}\n{% if m.tool_calls %}{{ m.tool_calls|tojson }}{% else %}{{ m.content }}<|im_end|>{% endif %}\n")],
    ["unknown", INST],
  ],
  "generation-tag": [
    ["yes", masked("<|im_end|>")],
    ["no", CHATML],
    ["unseen", masked("<|im_end|>").replace("{% generation", "{%+ generation")],
    ["wrong", `{% generation %}${CHATML}{% endgeneration %}`],
    ["wrong", each("{% if m.role == 'user' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}")],
    ["unknown", `{% generation %}{% endgeneration %}${NEVER}`],
  ],
  "end-of-turn-mask": [
    ["inside", masked("<|im_end|>")],
    ["outside", masked("", "<|im_end|>")],
    ["no-mask", CHATML],
    ["unknown", masked("")],
  ],
  "continue-final": [
    ["works", CHATML],
    ["trimmed", CHATML.replace("m.content", "m.content|trim")],
    ["refused", each("{{ m.role }}")],
    ["wrong", each("{{ m.content }}|{{ m.content|replace('eat', 'ate') }}")],
    ["unknown", NEVER],
  ],
  "double-bos": [
    ["template", `{{ bos_token }}${CHATML}`],
    ["template", `{{ bos_token }}${CHATML}`, { addsBos: false }],
    ["double", `{{ bos_token }}${CHATML}`, { addsBos: true }],
    ["double", `\n\n{{ bos_token }}${CHATML}`, { addsBos: true }],
    ["double", `{{ bos_token }}${CHATML}`, { encode: (text) => [1, ...Array.from(text.split("<s>").slice(1), () => 1), 7] }],
    ["template", `{{ bos_token }}${CHATML}`, { encode: (text) => (text.startsWith("<s>") ? [1, 7] : [7]) }],
    ["tokenizer", CHATML, { addsBos: true }],
    ["none", CHATML, { addsBos: false }],
    ["unknown", CHATML],
    ["unknown", `<s>${CHATML}`, { variables: {} }],
  ],
  tools: [
    ["rendered", `{% if tools %}{{ tools|tojson }}{% endif %}${CHATML}`],
    ["rendered", `{% for t in tools or [] %}{{ t.name }}: {{ t.description }} {{ t.parameters }}{% endfor %}${CHATML}`],
    ["rendered", each("{{ m.content }}{% if m.role == 'system' and tools %}{{ tools|tojson }}{% endif %}")],
    ["partial", `{% for t in tools or [] %}{{ t.function.name }}{% endfor %}${CHATML}`],
    ["dropped", CHATML],
    ["refused", `{% if tools %}{{ raise_exception('no tools') }}{% endif %}${CHATML}`],
    ["unknown", NEVER],
  ],
  "empty-tools": [
    ["ignored", `{% if tools %}Tools:{% endif %}${CHATML}`],
    ["announced", `{% if tools is not none %}Tools:{% endif %}${CHATML}`],
    ["refused", `{% if tools is not none %}{{ tools|first + 1 }}{% endif %}${CHATML}`],
    ["unknown", NEVER],
  ],
  "tool-calls": [
    ["kept", CALLS],
    ["kept", calls("{{ c.function.arguments }}").replace("{{ c.function.name }}", "{% if c.id|length != 9 %}{{ raise_exception('nine') }}{% endif %}{{ c.function.name }}")],
    // A null content that is printed, or an empty one that is refused.
    ["kept", each("{% if m.tool_calls %}{% if m.content is not none %}{{ raise_exception('either') }}{% endif %}{{ m.tool_calls|tojson }}{% else %}{{ m.content }}{% endif %}")],
    ["partial", CHATML],
    ["partial", each("{% if m.role != 'tool' %}{{ m.content }}{{ m.tool_calls|tojson if m.tool_calls }}{% endif %}")],
    ["dropped", each("{% if m.role == 'user' or (m.role == 'assistant' and not m.tool_calls) %}{{ m.content }}{% endif %}")],
    ["refused", each(`${ONLY_USER_AND_ASSISTANT}{{ m.content }}`)],
    ["unknown", NEVER],
  ],
  "tool-arguments": [
    ["mapping", CALLS],
    ["mapping", calls("{% for k, v in c.function.arguments.items() %}{{ k }}={{ v }}{% endfor %}")],
    ["string", calls("{{ '' + c.function.arguments }}")],
    ["string", calls("{{ c.function.arguments }}")],
    ["both", calls("{{ c.function.arguments if c.function.arguments is string else c.function.arguments|tojson }}")],
    ["neither", calls("{% if c.function.arguments is string %}{{ c.function.arguments|tojson }}{% else %}{{ c.function.arguments }}{% endif %}")],
    ["dropped", CHATML],
    ["unknown", NEVER],
  ],
  "thinking-switch": [
    ["none", CHATML],
    ["on", thinking("{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}")],
    ["off", thinking("{% if enable_thinking %}<think>{% endif %}")],
    ["off", thinking("{% if thinking %}<think>{% endif %}")],
    ["own", thinking("{% if enable_thinking is not defined %}?{% elif enable_thinking %}<think>{% endif %}")],
    // What the caller has set makes no difference.
    ["off", thinking("{% if enable_thinking %}<think>{% endif %}"), { variables: { ...VARIABLES, enable_thinking: true } }],
    ["unknown", NEVER],
  ],
  "thinking-history": [
    ["kept", CHATML],
    ["last-only", each("{{ m.content if loop.last else m.content.split('</think>')[-1] }}")],
    ["stripped", each("{{ m.content.split('</think>')[-1] }}")],
    ["unknown", NEVER],
  ],
  "reasoning-field": [
    ["none", CHATML],
    ["kept", each("{{ m.reasoning_content }}{{ m.content }}")],
    ["kept", each("{{ m.thinking }}{{ m.content }}")],
    ["last-only", each("{% if loop.last %}{{ m.reasoning }}{% endif %}{{ m.content }}")],
    ["kept", each("{{ m.content }}{% if m.tool_calls %}{{ m.reasoning }}{{ m.tool_calls|tojson }}{% endif %}")],
    ["unknown", NEVER],
  ],
  "empty-thinking": [
    ["none", CHATML],
    ["every", each("{% if m.role == 'assistant' %}<think>\n\n</think>\n\n{% endif %}{{ m.content }}")],
    ["last-only", each("{% if loop.last %}<think></think>{% endif %}{{ m.content }}")],
    ["unknown", NEVER],
  ],
};

/** Every verdict that there is: a case for each. */
const VERDICTS: { readonly [Id in ProbeId]: readonly Verdicts[Id][] } = {
  "content-string": ["yes", "repr", "dropped", "refused", "unknown"],
  "content-parts": ["yes", "repr", "dropped", "refused", "unknown"],
  "system-role": ["kept", "merged", "dropped", "refused", "unknown"],
  "unknown-role": ["rendered", "dropped", "refused", "unknown"],
  alternation: ["enforced", "drops", "free", "unknown"],
  "generation-prompt": ["honoured", "implicit", "ignored", "rewrites", "unknown"],
  "generation-prefix": ["same", "differs", "unknown"],
  "prefix-preserving": ["yes", "no", "unknown"],
  "tool-prefix-preserving": ["yes", "no", "unknown"],
  "end-of-turn": ["eos", "token", "text", "none", "last-only", "history-only", "varies", "unknown"],
  "end-of-tool-turn": ["same", "other", "none", "unknown"],
  "generation-tag": ["yes", "no", "unseen", "wrong", "unknown"],
  "end-of-turn-mask": ["inside", "outside", "no-mask", "unknown"],
  "continue-final": ["works", "trimmed", "refused", "wrong", "unknown"],
  "double-bos": ["double", "template", "tokenizer", "none", "unknown"],
  tools: ["rendered", "partial", "dropped", "refused", "unknown"],
  "empty-tools": ["ignored", "announced", "refused", "unknown"],
  "tool-calls": ["kept", "partial", "dropped", "refused", "unknown"],
  "tool-arguments": ["mapping", "string", "both", "neither", "dropped", "unknown"],
  "thinking-switch": ["none", "on", "off", "own", "unknown"],
  "thinking-history": ["kept", "last-only", "stripped", "unknown"],
  "reasoning-field": ["kept", "last-only", "none", "unknown"],
  "empty-thinking": ["none", "last-only", "every", "unknown"],
};

for (const id of Object.keys(CASES) as ProbeId[]) {
  describe(id, () => {
    for (const [verdict, source, options] of CASES[id]) {
      it(`${verdict}: ${source.slice(0, 100)}`, () => {
        const result: ProbeResult = probe(source, options)[id];
        assert.equal(result.verdict, verdict, JSON.stringify(result.evidence?.probed.outcome));
      });
    }
    it("has a case for every verdict", () => {
      const verdicts: readonly string[] = VERDICTS[id];
      assert.deepEqual([...new Set<string>(CASES[id].map(([verdict]) => verdict))].sort(), [...verdicts].sort());
    });
  });
}

test("the evidence is the pair of renderings that differ", () => {
  const { "system-role": system, "generation-prompt": generation } = probe(each(`${ONLY_USER_AND_ASSISTANT}{{ m.role }}: {{ m.content }}\n`));
  const { base, probed } = system.evidence ?? {};
  assert.equal(base?.outcome.kind, "prompt");
  assert.deepEqual(base.input.messages.map((message) => (message as { role: string }).role), ["user"]);
  assert.deepEqual(probed?.input.messages.map((message) => (message as { role: string }).role), ["system", "user"]);
  assert.ok(probed.outcome.kind === "refusal");
  assert.equal(probed.outcome.type, "TemplateError");
  assert.equal(probed.outcome.message, "Only user and assistant roles are supported!");
  assert.equal(probed.outcome.place?.line, 1);
  assert.equal(generation.evidence?.probed.input.addGenerationPrompt, true);
});

test("details say what a verdict is made of", () => {
  const results = probe(CALLS);
  assert.deepEqual(results["tool-arguments"].details, { mapping: "good", string: "encoded", same: false });
  assert.deepEqual(results["tool-calls"].details?.["missing"], []);
  assert.equal(results["tool-calls"].details["id"], false);
  assert.deepEqual(results["generation-prompt"].details, { adds: "<|im_start|>assistant\n" });
  assert.deepEqual(results["end-of-turn"].details, { last: "<|im_end|>", earlier: "<|im_end|>", text: "<|im_end|>\n" });
  assert.deepEqual(probe(CHATML)["tool-calls"].details?.["missing"], ["name", "argument", "value"]);
  assert.deepEqual(probe(each("{{ m.reasoning }}{{ m.thinking }}{{ m.content }}"))["reasoning-field"].details, { calls: false, fields: ["reasoning", "thinking"] });
  const alternation = probe(each("{% if not loop.first and m.role == loop.previtem.role %}{{ raise_exception('twice') }}{% endif %}{{ m.content }}")).alternation;
  assert.deepEqual(alternation.details, { refused: ["two users", "two assistants"], dropped: [] });
});
