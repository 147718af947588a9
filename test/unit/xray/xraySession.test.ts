import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ROW_KINDS, TokenVerdicts } from "../../../extension/core/analysis/tokenVerdicts";
import type { XrayAnswer, XrayRequest } from "../../../extension/core/xray/contract";
import { MARK } from "../../../extension/core/xray/marks";
import type { XrayModel } from "../../../extension/core/xray/renderSide";
import { SHOWN_LENGTH } from "../../../extension/core/xray/showPrompt";
import { XraySession } from "../../../extension/core/xray/xraySession";
import type { SentPrompt } from "../../../extension/protocol/webview/promptChange";
import type { ShownPrompt } from "../../../extension/protocol/webview/promptData";
import { promptModel } from "../../support/promptModel";

const ROW = String.raw`{"messages": [{"role": "user", "content": "Say \"hi\""}, {"role": "assistant", "content": "hi"}]}`;
const CHATML = "{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

let model: XrayModel;
before(async () => {
  model = { name: "tiny", prompts: await promptModel(), verdicts: undefined };
});

function request(change: Partial<XrayRequest> = {}): XrayRequest {
  return {
    session: "s",
    version: 1,
    base: null,
    row: { text: ROW, plain: false },
    fields: {},
    variant: 0,
    left: { model: { source: "" }, template: null, engine: "jinja2" },
    right: null,
    addGenerationPrompt: false,
    tools: true,
    variables: {},
    cursor: null,
    ...change,
  };
}

const withTemplate = (source: string, engine: "jinja2" | "transformers.js" = "jinja2"): XrayRequest["left"] => ({ model: null, template: { name: "t.jinja", source }, engine });

function shown(result: SentPrompt | null): ShownPrompt {
  assert.ok(result?.kind === "prompt", JSON.stringify(result));
  return result;
}

function render(change: Partial<XrayRequest> = {}, models: { left?: XrayModel; right?: XrayModel } = { left: model }): { session: XraySession; answer: XrayAnswer } {
  const session = new XraySession();
  return { session, answer: session.render(request(change), { left: models.left, right: models.right }) };
}

/** The stretches as `text kind turn`. */
function stretches({ text, stretches: all }: ShownPrompt): string[] {
  let start = 0;
  return all.map(({ end, kind, turn }) => {
    const described = `${text.slice(start, end)} ${kind}${turn === null ? "" : ` ${turn}`}`;
    start = end;
    return described;
  });
}

function marked({ text, tokens }: ShownPrompt, mark: number): string[] {
  assert.ok(tokens !== null);
  return Array.from(tokens.ids).flatMap((_, i) => (((tokens.marks[i] ?? 0) & mark) === 0 ? [] : [text.slice(tokens.starts[i], tokens.ends[i])]));
}

describe("a prompt of the X-ray", () => {
  it("is cut by where it comes from, and by whose turn it is", () => {
    const prompt = shown(render({ left: withTemplate(CHATML) }, {}).answer.left);
    assert.deepEqual(stretches(prompt), [
      "<| template", "user data 0", "|> template", 'Say "hi" data 0', "<|end|>\n<| template", "assistant data 1", "|> template", "hi data 1", "<|end|>\n template",
    ]);
    assert.deepEqual(prompt.roles, ["user", "assistant"]);
    assert.deepEqual([prompt.tokens, prompt.counts.tokens], [null, null]);
    assert.deepEqual(prompt.notes.map(({ action }) => action), ["selectModel"]);
  });

  it("tells of its tokens which are special, trained on, and begin or end something", () => {
    const prompt = shown(render().answer.left);
    assert.deepEqual(marked(prompt, MARK.bos), ["<|begin|>"]);
    assert.deepEqual(marked(prompt, MARK.endOfTurn), ["<|end|>"]);
    assert.deepEqual(marked(prompt, MARK.eos), ["<|end|>", "<|end|>"]);
    assert.equal(marked(prompt, MARK.trained).join(""), "hi<|end|>");
    assert.equal(prompt.counts.trained, marked(prompt, MARK.trained).length);
    assert.equal(prompt.tokens?.ids.length, prompt.counts.tokens);
  });

  it("tells which tokens are untrained, and why", () => {
    const [space] = model.prompts.tokenizer.encodeIds("hi", { specialTokens: false });
    assert.ok(space !== undefined);
    const kinds = new Uint8Array(model.prompts.tokenizer.vocabularySize);
    kinds[space] = ROW_KINDS.indexOf("zero");
    const verdict = { id: space, token: "hi", kind: "zero", severity: "error", input: undefined, output: undefined, indicator: undefined, why: "It is zero.", advice: "Train it.", trainers: [] } as const;
    const judged = { ...model, verdicts: new TokenVerdicts({ rows: kinds.length, tied: true, kinds, verdicts: [verdict] }) };
    const { session, answer } = render({}, { left: judged });
    const prompt = shown(answer.left);
    const flagged = marked(prompt, MARK.error);
    assert.equal(prompt.counts.untrained, flagged.length);
    assert.ok(flagged.length >= 2 && flagged.every((text) => text === flagged[0]), flagged.join());
    const details = session.describe({ session: "s", version: 1, side: "left", offset: prompt.tokens?.starts[prompt.tokens.ids.indexOf(space)] ?? 0 });
    assert.deepEqual(details?.token?.verdict, { severity: "error", why: "It is zero.", advice: "Train it." });
    assert.equal(shown(render().answer.left).counts.untrained, null);
  });

  it("says why there is none, and where the template refused", () => {
    const none = (change: Partial<XrayRequest>, left?: XrayModel): string => {
      const { left: result } = render(change, left === undefined ? {} : { left }).answer;
      assert.ok(result.kind === "none", result.kind);
      return `${result.notes.map(({ text }) => text).join(" ")} ${result.place?.start ?? ""}`.trim();
    };
    assert.match(none({ left: withTemplate("{{ raise_exception('no') }}") }), /refuses this conversation \(line 1, column \d+\): no \d+$/);
    assert.match(none({ left: withTemplate("{% for %}") }), /cannot be parsed \(line 1/);
    assert.match(none({ left: withTemplate("{{ messages[0].content + 1 }}") }), /fails with TypeError/);
    assert.match(none({ left: { model: null, template: null, engine: "jinja2" } }), /no template/);
    assert.match(none({ row: { text: "{", plain: false } }), /not JSON/);
    assert.match(none({ row: { text: "  ", plain: false } }), /empty line/);
    assert.match(none({ row: { text: '{"colour": 1}', plain: false } }), /No training format/);
  });

  it("is cut off where it is too long, and says so; its counts are of all", () => {
    const row = JSON.stringify({ messages: [{ role: "user", content: `${"word ".repeat(SHOWN_LENGTH / 5 - 10)}${"😀".repeat(90)}` }] });
    const prompt = shown(render({ row: { text: row, plain: false } }).answer.left);
    assert.ok(prompt.text.length <= SHOWN_LENGTH && prompt.text.isWellFormed());
    assert.ok(prompt.counts.characters > SHOWN_LENGTH);
    assert.ok((prompt.counts.tokens ?? 0) > (prompt.tokens?.ids.length ?? 0));
    assert.ok((prompt.tokens?.ends.at(-1) ?? 0) <= prompt.text.length);
    assert.ok(prompt.stretches.at(-1)?.end === prompt.text.length);
    assert.match(prompt.notes[0]?.text ?? "", /Only the first/);
  });

  it("is made of what the user chose", () => {
    const text = (change: Partial<XrayRequest>): string => shown(render({ left: withTemplate("{{ tools }}|{{ add_generation_prompt }}|{{ enable_thinking }}|{{ documents }}"), ...change }, {}).answer.left).text;
    const row = { text: '{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function"}]}', plain: false };
    assert.equal(text({ row }), "[{'type': 'function'}]|False||None");
    assert.equal(text({ row, tools: false, addGenerationPrompt: true, variables: { enable_thinking: false, documents: [{ title: "t" }] } }), "None|True|False|[{'title': 't'}]");
  });

  it("is one of several in a preference row", () => {
    const row = { text: '{"prompt": "q", "chosen": "yes", "rejected": "no"}', plain: false };
    const { answer } = render({ row, variant: 1 });
    assert.deepEqual(answer.variants, ["chosen", "rejected"]);
    assert.match(shown(answer.left).text, /no<\|end\|>$/);
  });

  it("is the text itself where the row is a text", () => {
    const prompt = shown(render({ row: { text: '{"text": "a\\nb"}', plain: false } }).answer.left);
    assert.equal(prompt.text, "a\nb");
    assert.deepEqual(stretches(prompt), ["a\nb data"]);
  });
});

describe("the way from the prompt", () => {
  it("leads to the template and to the row's characters, through escapes", () => {
    const { session, answer } = render({ left: { ...withTemplate(CHATML), model: { source: "" } } });
    const { text } = shown(answer.left);
    const details = session.describe({ session: "s", version: 1, side: "left", offset: text.indexOf('"hi"') });
    assert.ok(details !== null && details.token !== null);
    const quote = details.origins.find(({ row }) => row.length > 0);
    assert.ok(quote !== undefined);
    assert.equal(ROW.slice(quote.row[0]?.start, quote.row[0]?.end).replaceAll("\\", ""), text.slice(quote.prompt.start, quote.prompt.end));
    assert.equal(CHATML.slice(quote.template?.span.start, quote.template?.span.end), "m.content | trim");
    assert.equal(details.token.id, shown(answer.left).tokens?.ids[details.token.index]);
  });

  it("leads nowhere from a prompt that is no longer shown", () => {
    const { session } = render();
    assert.equal(session.describe({ session: "s", version: 2, side: "left", offset: 0 }), null);
    assert.equal(session.describe({ session: "s", version: 1, side: "right", offset: 0 }), null);
    assert.equal(session.describe({ session: "s", version: 1, side: "left", offset: 1e9 }), null);
    assert.equal(session.find(2, { in: "row", range: { start: 0, end: 0 } }), null);
  });

  it("tells of a stretch where there are no tokens", () => {
    const { session } = render({ left: withTemplate(CHATML) }, {});
    const details = session.describe({ session: "s", version: 1, side: "left", offset: 3 });
    assert.deepEqual([details?.token, details?.span], [null, { start: 2, end: 6 }]);
  });
});

describe("the way to the prompt", () => {
  const found = (place: "template" | "row", start: number, end = start): string[] => {
    const { session, answer } = render({ left: withTemplate(CHATML) }, {});
    const { text } = shown(answer.left);
    return (session.find(1, { in: place, range: { start, end } })?.left ?? []).map((span) => text.slice(span.start, span.end));
  };

  it("comes with the prompt, for the cursor that the prompt was asked for with", () => {
    const cursor = { in: "template", range: { start: CHATML.indexOf("m.content"), end: CHATML.indexOf("m.content") } } as const;
    const { session, answer } = render({ left: withTemplate(CHATML), cursor }, {});
    assert.equal(answer.highlights?.left.length, 2);
    assert.deepEqual(answer.highlights, session.find(1, cursor));
  });

  it("leads from an expression to all that it printed", () => {
    assert.deepEqual(found("template", CHATML.indexOf("m.content") + 2), ['Say "hi"', "hi"]);
    assert.deepEqual(found("template", CHATML.indexOf("m.role")), ["user", "assistant"]);
  });

  it("leads from the template's text to the same characters", () => {
    assert.deepEqual(found("template", CHATML.indexOf("<|end|>") + 2, CHATML.indexOf("<|end|>") + 5), ["end", "end"]);
    assert.deepEqual(found("template", CHATML.indexOf("<|assistant|>")), []);
  });

  it("leads from behind what was written last to it", () => {
    assert.deepEqual(found("template", CHATML.indexOf("{% endfor")), ["\n", "\n"]);
  });

  it("leads from the row's characters, selected or at the cursor", () => {
    const at = ROW.indexOf('\\"hi');
    assert.deepEqual(found("row", at), ['"']);
    assert.deepEqual(found("row", at, at + 4), ['"hi']);
    assert.deepEqual(found("row", 0), []);
  });
});

describe("a prompt that changes", () => {
  const edited = { text: ROW.replace('"hi"}', '"hello"}'), plain: false };

  it("is answered by what has changed since the one that is shown", () => {
    const { session } = render();
    const { base, left } = session.render(request({ version: 2, base: 1, row: edited }), { left: model, right: undefined });
    assert.equal(base, 1);
    assert.ok(left.kind === "change", left.kind);
    assert.equal(left.shift, "hello".length - "hi".length);
    assert.ok(left.text.put.length <= "hello".length);
    assert.equal(left.counts.tokens, shown(render({ row: edited }).answer.left).counts.tokens);
  });

  it("is answered whole where another one is shown, or none was made", () => {
    const { session } = render();
    for (const [version, base] of [[2, null], [3, 1], [4, 7]] as const) {
      const answer = session.render(request({ version, base, row: edited }), { left: model, right: undefined });
      assert.deepEqual([answer.base, answer.left.kind], [null, "prompt"]);
    }
    session.render(request({ version: 5, base: 4, row: { text: "{", plain: false } }), { left: model, right: undefined });
    assert.equal(session.render(request({ version: 6, base: 5 }), { left: model, right: undefined }).base, null);
  });
});

describe("two prompts", () => {
  it("are compared in text and in tokens", () => {
    const right = { ...withTemplate(CHATML.replace("| trim", "")), model: { source: "" } };
    const row = { text: '{"messages": [{"role": "user", "content": "a b "}]}', plain: false };
    const { answer } = render({ row, left: { ...withTemplate(CHATML), model: { source: "" } }, right }, { left: model, right: model });
    const [left, other] = [shown(answer.left), shown(answer.right)];
    assert.ok(answer.diff !== null);
    const changes = answer.diff.parts.filter(({ same }) => !same).map((part) => [left.text.slice(part.left.start, part.left.end), other.text.slice(part.right.start, part.right.end)]);
    assert.deepEqual(changes, [["", " "]]);
    for (const { same, left: l, right: r } of answer.diff.parts) if (same) assert.equal(left.text.slice(l.start, l.end), other.text.slice(r.start, r.end));
    assert.equal(answer.diff.parts.at(-1)?.left.end, left.text.length);
    assert.deepEqual(answer.diff.leftTokens, []);
    assert.deepEqual(answer.diff.rightTokens.map((token) => other.text.slice(other.tokens?.starts[token], other.tokens?.ends[token])), [" "]);
  });

  it("are the same where they are, also in characters of several tokens", () => {
    const row = { text: '{"messages": [{"role": "user", "content": "x\u0304 🙂🙂"}]}', plain: false };
    const { answer } = render({ row, right: request().left }, { left: model, right: model });
    assert.deepEqual([answer.diff?.parts.length, answer.diff?.leftTokens, answer.diff?.rightTokens], [1, [], []]);
  });

  it("can be two engines', whose difference is told before", () => {
    const source = "{{ messages[0].n }}";
    const row = { text: '{"messages": [{"role": "user", "content": "a", "n": 1.0}]}', plain: false };
    const { session, answer } = render({ row, left: withTemplate(source), right: withTemplate(source, "transformers.js") }, {});
    assert.deepEqual([shown(answer.left).text, shown(answer.right).text], ["1.0", "1"]);
    assert.match(session.opinion(1)?.text ?? "", /differently from character 2: its end instead of "\.0"/);
    assert.equal(render().session.opinion(1), null);
  });
});
