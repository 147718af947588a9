import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Origin, PromptTrace } from "../../../extension/core/analysis/promptTrace";
import { type RowTrace, type TraceOptions, traceRow } from "../../../extension/core/analysis/rowTrace";
import { fieldsFrom } from "../../../extension/core/dataset/fields";
import { RowSource } from "../../../extension/core/jsonl/rowSource";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { modelWithoutTemplate, promptModel } from "../../support/promptModel";

const CHATML = [
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}",
  "{% for call in m.tool_calls or [] %}[{{ call.function.name }}{{ call.function.arguments | tojson }}]{% endfor %}<|im_end|>\n{% endfor %}",
  "{% if tools %}{{ tools | tojson }}{% endif %}{% if enable_thinking %}<think>{% endif %}",
].join("");

let chatml: PromptModel;
before(async () => {
  chatml = await promptModel(CHATML);
});

function trace(row: string | object, model = chatml, options: TraceOptions = {}): RowTrace {
  return traceRow(new RowSource(typeof row === "string" ? row : JSON.stringify(row)), model, fieldsFrom({}), options);
}

function promptOf(row: RowTrace, index = 0): PromptTrace {
  const prompt = row.prompts[index];
  assert.ok(prompt?.kind === "prompt", prompt?.kind);
  return prompt.trace;
}

/** The origin of a text of the prompt, as one word for each piece: where in the row, `derived`, or the template's characters. */
function origins(row: RowTrace, needle: string, index = 0): string[] {
  const prompt = promptOf(row, index);
  const at = prompt.text.indexOf(needle);
  assert.ok(at !== -1, `${needle} is not in ${prompt.text}`);
  return prompt.originsOf(at, at + needle.length).map((origin) => describeOrigin(origin, prompt, row));
}

function describeOrigin(origin: Origin, prompt: PromptTrace, row: RowTrace): string {
  const shown = prompt.text.slice(origin.prompt.start, origin.prompt.end);
  if (origin.kind === "derived") return `${shown} from ${origin.pointers.join(" ")}`;
  if (origin.kind === "template") return `${shown} by ${prompt.template?.slice(origin.template.start, origin.template.end) ?? "nothing"}`;
  const range = row.source.rangeOf(origin.pointer, origin.start, origin.end);
  return `${shown} = ${origin.pointer} ${range === undefined ? "nowhere" : row.source.text.slice(range.start, range.end)}`;
}

/** The texts of the prompt that characters of the row went to. */
function goneTo(row: RowTrace, pointer: string, start?: number, end?: number, index = 0): string[] {
  const prompt = promptOf(row, index);
  return prompt.spansOf(pointer, start, end).map((span) => prompt.text.slice(span.start, span.end));
}

describe("traceRow", () => {
  it("leads through escapes and surrogates to the characters of the row", () => {
    const row = trace(String.raw`{"messages": [{"role": "user", "content": " a\n\u00e9\ud83d\ude00b "}]}`);
    assert.deepEqual(origins(row, "a\né😀b"), [String.raw`${"a\né😀b"} = /messages/0/content a\n\u00e9\ud83d\ude00b`]);
    assert.deepEqual(origins(row, "😀"), [String.raw`😀 = /messages/0/content \ud83d\ude00`]);
    assert.deepEqual(origins(row, "r\na"), ["r = /messages/0/role r", "\n by \n", "a = /messages/0/content a"]);
    assert.deepEqual(goneTo(row, "/messages/0/content", 4, 6), ["😀"]);
    assert.deepEqual(goneTo(row, "/messages/0/content", 0, 1), [], "the template trims it");
    assert.deepEqual(goneTo(row, "/messages/0"), ["user", "a\né😀b"]);
    assert.deepEqual(goneTo(row, "/nothing"), []);
  });

  it("covers the prompt with pieces, whatever is asked for", () => {
    const prompt = promptOf(trace({ messages: [{ role: "user", content: "one" }, { role: "assistant", content: "two" }] }));
    for (let start = 0; start <= prompt.text.length; start++) {
      for (let end = start; end <= prompt.text.length; end++) {
        let at = start;
        for (const { prompt: piece } of prompt.originsOf(start, end)) {
          assert.ok(piece.start === at && piece.end > at);
          at = piece.end;
        }
        assert.equal(at, end);
      }
    }
  });

  it("leads from ShareGPT turns to their own strings, and from a role to the name it was made of", () => {
    const row = trace({ system: "Be brief.", conversations: [{ from: "human", value: "Hi" }, { from: "gpt", value: "Yo" }] });
    assert.deepEqual(origins(row, "Be brief."), ["Be brief. = /system Be brief."]);
    assert.deepEqual(origins(row, "Hi"), ["Hi = /conversations/0/value Hi"]);
    assert.deepEqual(origins(row, "assistant"), ["assistant from /conversations/1/from"]);
    assert.deepEqual(origins(row, "system"), ["system by m.role"]);
    assert.deepEqual(goneTo(row, "/conversations/1/value"), ["Yo"]);
    assert.deepEqual(goneTo(row, "/conversations/1/from", 0, 1), ["assistant"]);
  });

  it("leads into the JSON text of a ShareGPT call and of tools", () => {
    const call = { name: "get", arguments: { city: 'Par"is', days: 1.5 } };
    const row = trace(
      `{"conversations": [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": ${JSON.stringify(JSON.stringify(call).replace("1.5", "2.0"))}}],
        "tools": ${JSON.stringify('[{"name": "get", "n": 1.0}]')}}`,
    );
    assert.deepEqual(origins(row, "get{"), ["get = /conversations/1/value get", "{ by call.function.arguments | tojson"]);
    assert.deepEqual(origins(row, "Par"), ["Par = /conversations/1/value Par"]);
    assert.deepEqual(origins(row, '\\"is'), ['\\" from /conversations/1/value', "is = /conversations/1/value is"]);
    assert.match(promptOf(row).text, /"days": 2\.0\}\]/, "floats stay floats");
    assert.match(promptOf(row).text, /\[\{"name": "get", "n": 1\.0\}\]/);
    assert.deepEqual(origins(row, 'get", "n"')[0], "get = /tools get");
  });

  it("leads from the user turn of an Alpaca row to both of its fields", () => {
    const row = trace({ instruction: "Add", input: "1 2", output: "3", history: [["q", "a"]] });
    assert.deepEqual(origins(row, "Add\n1 2"), ["Add = /instruction Add", "\n by m.content | trim", "1 2 = /input 1 2"]);
    assert.deepEqual(goneTo(row, "/output"), ["3"]);
    assert.deepEqual(goneTo(row, "/history/0/1"), ["a"]);
  });

  it("traces both conversations of a preference row", () => {
    const row = trace({ prompt: "Why?", chosen: "Because.", rejected: [{ role: "assistant", content: "No." }], tools: [{ name: "f" }] });
    assert.equal(row.prompts.length, 2);
    assert.deepEqual(goneTo(row, "/prompt", 0, 3, 1), ["Why"]);
    assert.deepEqual(origins(row, "Because."), ["Because. = /chosen Because."]);
    assert.deepEqual(origins(row, "No.", 1), ["No. = /rejected/0/content No."]);
    assert.deepEqual(goneTo(row, "/tools/0/name", undefined, undefined, 1), ["f"]);
  });

  it("keeps to the turns when a turn cannot be read", () => {
    const row = trace({ prompt: 3, completion: [{ role: "assistant", content: "Yo" }] });
    assert.deepEqual(origins(row, "Yo"), ["Yo = /completion/0/content Yo"]);
  });

  it("reads numbers and the order of members as Python does, with and without origins", async () => {
    const model = await promptModel("{{ messages[0].n }} {{ messages[0] | tojson }}");
    const text = '{"messages": [{"role": "user", "b": 1, "2": 3.0, "1": 12345678901234567890, "n": 1.0}]}';
    const expected = '1.0 {"role": "user", "b": 1, "2": 3.0, "1": 12345678901234567890, "n": 1.0}';
    const row = trace(text, model);
    assert.equal(promptOf(row).text, expected);
    const [conversation] = row.sample?.conversations ?? [];
    assert.ok(conversation !== undefined);
    assert.equal(model.renderRow(conversation, row.source)?.text, expected);
  });

  it("takes keyword arguments and the generation prompt", async () => {
    const model = await promptModel("{{ bos_token }}{{ enable_thinking }}{% if add_generation_prompt %}>{% endif %}");
    const row = { messages: [{ role: "user", content: "Hi" }] };
    assert.equal(promptOf(trace(row, model)).text, model.variables.bos_token);
    assert.equal(promptOf(trace(row, model, { addGenerationPrompt: true, variables: { enable_thinking: true, bos_token: "B" } })).text, "BTrue>");
  });

  it("gives a text row as its own prompt, with the tokens that the tokenizer adds", () => {
    const row = trace({ text: "Hé" });
    const prompt = promptOf(row);
    assert.deepEqual([prompt.text, prompt.mask, prompt.template], ["Hé", undefined, undefined]);
    assert.deepEqual(origins(row, "é"), ["é = /text é"]);
    assert.equal(prompt.encoding.length, chatml.countText("Hé"));
    const plain = traceRow(new RowSource("Hé", { plain: true }), chatml, fieldsFrom({}));
    assert.deepEqual(origins(plain, "é"), ["é =  é"]);
  });

  it("says why there is no prompt", async () => {
    const row = { messages: [{ role: "user", content: "Hi" }] };
    assert.equal(trace(row, await modelWithoutTemplate()).prompts[0]?.kind, "no-template");
    const [refused] = trace(row, await promptModel("{{ raise_exception('no') }}")).prompts;
    assert.ok(refused?.kind === "refused");
    assert.equal(refused.refusal.message, "no");
    assert.deepEqual(trace("{").prompts, []);
    assert.deepEqual(trace('{"x": 1}').prompts, []);
    assert.deepEqual(trace("[]").prompts, []);
  });
});

describe("the tokens of a traced prompt", () => {
  it("lead to the row and back", async () => {
    const model = await promptModel();
    const row = trace({ messages: [{ role: "user", content: "What is it?" }, { role: "assistant", content: "It is red." }] }, model);
    const prompt = promptOf(row);
    const [range] = prompt.tokensOf("/messages/1/content");
    assert.ok(range !== undefined);
    const [from, to] = range;
    const origin = prompt.originsOfToken(from)[0];
    assert.deepEqual([origin?.kind, origin?.kind === "data" && origin.pointer], ["data", "/messages/1/content"]);
    const { mask } = prompt;
    assert.ok(mask !== undefined);
    assert.deepEqual(Array.from(mask.mask.subarray(from, to)), Array.from({ length: to - from }, () => 1));
    assert.equal(mask.mask[prompt.tokensOf("/messages/0/content")[0]?.[0] ?? -1], 0);
    assert.equal(mask.trained, to - from + 1, "and the end of the turn");
    assert.equal(prompt.mask, mask, "made once");
  });

  it("have no mask where the template has no generation blocks", () => {
    const prompt = promptOf(trace({ messages: [{ role: "assistant", content: "Hi" }] }));
    assert.deepEqual([prompt.hasGeneration, prompt.mask, prompt.maskRefusal], [false, undefined, undefined]);
  });

  it("have no mask where the reference fails to make one", async () => {
    const model = await promptModel("{% generation %}{% endgeneration %}{{ messages[0].content }}");
    const prompt = promptOf(trace({ messages: [{ role: "assistant", content: "Hi" }] }, model));
    assert.equal(prompt.mask, undefined);
    assert.equal(prompt.maskRefusal?.type, "OverflowError");
  });

  it("are found in every place that the template prints a string", async () => {
    const model = await promptModel("{{ messages[0].content }}|{{ messages[0].content[1:] }}|{{ messages[0].content | upper }}");
    const row = trace({ messages: [{ role: "user", content: "abcd" }] }, model);
    assert.deepEqual(promptOf(row).spansOf("/messages/0/content", 2, 3), [
      { start: 2, end: 3, verbatim: true },
      { start: 6, end: 7, verbatim: true },
      { start: 9, end: 13, verbatim: false },
    ]);
  });
});

it("an engine's difference is judged by the prompt that Python makes of the row's own numbers", async () => {
  const differs = async (template: string): Promise<unknown> => {
    const model = await promptModel(template);
    const row = trace('{"messages": [{"role": "user", "content": "a", "n": 1.0}]}', model);
    const [conversation] = row.sample?.conversations ?? [];
    assert.ok(conversation !== undefined);
    return model.engineDifference(conversation, row.source);
  };
  assert.deepEqual(await differs("{{ messages[0].n }}"), { kind: "text", at: 1, expected: ".0", found: "" });
  assert.equal(await differs("{{ messages[0].content }}"), undefined);
  assert.equal(await differs("{{ raise_exception('no') }}"), undefined, "the reference refuses it too");
});
