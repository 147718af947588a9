import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CheckContext, checkRow } from "../../../extension/core/analysis/checkRow";
import { checkSlice } from "../../../extension/core/analysis/checkSlice";
import type { Finding } from "../../../extension/core/analysis/finding";
import { fieldsFrom } from "../../../extension/core/dataset/fields";
import type { FileShape } from "../../../extension/core/jsonl/rows";
import { TemplateRefusal } from "../../../extension/core/template/renderer";
import { promptModel } from "../../support/promptModel";
import { memoryFile } from "../../support/memoryFile";

const CONTEXT: CheckContext = { fields: fieldsFrom({}), counter: undefined, maxLength: undefined, expectedFormat: undefined };

async function findingsOf(content: string | Uint8Array, shape: FileShape = "lines", context = CONTEXT): Promise<Finding[]> {
  const findings: Finding[] = [];
  await checkSlice(memoryFile(content), context, {
    shape,
    severities: {},
    onFindings: (batch) => {
      findings.push(...batch);
      return Promise.resolve();
    },
    onProgress: () => undefined,
  });
  return findings;
}

/** What the finding's lines and columns, and its bytes, cover; they must agree. */
function marked(content: string, finding: Finding): string {
  const lines = content.split(/\r\n|\r|\n/);
  const { start, end } = finding.range;
  const rest = lines[start.line - 1] ?? "";
  const byColumn = start.line === end.line ? rest.slice(start.column - 1, end.column - 1) : undefined;
  const bytes = new TextEncoder().encode(content).subarray(finding.byteOffset, finding.byteOffset + finding.byteLength);
  const byByte = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (byColumn !== undefined) assert.equal(byColumn, byByte);
  return byByte;
}

const USER = '{"role": "user", "content": "Grüße 😀"}';
const ASSISTANT = '{"role": "assistant", "content": "Hi"}';

/** A row with one fault, the rule that must find it, and the faulty characters. */
const FAULTS: readonly (readonly [string, string, string])[] = [
  [`{"messages": [${USER}, ${ASSISTANT}`, "json/syntax", "}"],
  [`{"messages": [${USER}, ${ASSISTANT}],}`, "json/syntax", ","],
  [`{"messages": [${USER}, ${ASSISTANT}], "id": 1, "id": 2}`, "json/duplicate-key", '"id"'],
  [`{"messages": [${USER}, {"role": "assistant", "content": "é \\ud83d"}]}`, "json/lone-surrogate", "\\ud83d"],
  [`{"messages": [${USER}, ${ASSISTANT}], "n": 1e999}`, "json/number-range", "1e999"],
  [`{"messages": [${USER}, {"role": "asistant", "content": "Hi"}]}`, "role/unknown", '"asistant"'],
  [`{"messages": [${USER}, {"content": "Hi"}]}`, "role/missing", '{"content": "Hi"}'],
  [`{"messages": [${USER}, {"role": "assistant"}]}`, "content/missing", '{"role": "assistant"}'],
  [`{"messages": [${USER}, {"role": "assistant", "content": ""}]}`, "content/empty", '""'],
  [`{"messages": [${USER}, ${USER}, ${ASSISTANT}]}`, "conversation/alternation", '"user"'],
  [`{"messages": [${USER}]}`, "conversation/no-assistant", '"user"'],
  ['{"foo": "é"}', "format/unknown", '{"foo": "é"}'],
];

describe("checkRow", () => {
  it("finds nothing in a good row", async () => {
    assert.deepEqual(await findingsOf(`{"messages": [${USER}, ${ASSISTANT}]}\n`), []);
  });

  for (const [row, rule, characters] of FAULTS) {
    it(`finds exactly ${rule} in ${row.slice(0, 60)}…, wherever the row stands`, async () => {
      for (const before of ["", "\uFEFF", `{"messages": [${USER}, ${ASSISTANT}]}\r\n\n`]) {
        const content = `${before}${row}\n`;
        const findings = await findingsOf(content);
        assert.deepEqual(findings.map((finding) => finding.rule), [rule]);
        assert.equal(marked(content, shiftBom(findings[0] as Finding, before === "\uFEFF")), characters);
      }
    });
  }

  it("reports every syntax problem of a row, and the rows after it", async () => {
    const findings = await findingsOf(`{"a": tru, 'b': 01}\n{"messages": [${USER}]}`);
    assert.deepEqual(findings.map(({ rule, row }) => [rule, row]), [
      ["json/syntax", 1],
      ["json/syntax", 1],
      ["json/syntax", 1],
      ["conversation/no-assistant", 2],
    ]);
  });

  it("names the bytes that are not UTF-8", async () => {
    const bytes = Uint8Array.from([...Buffer.from('{"text": "aé'), 0xff, 0xe2, 0x82, ...Buffer.from('b"}')]);
    const findings = await findingsOf(bytes);
    assert.deepEqual(findings.map(({ rule, byteOffset, byteLength }) => [rule, byteOffset, byteLength]), [
      ["json/utf8", 13, 1],
      ["json/utf8", 14, 2],
    ]);
  });

  it("places findings inside an element of an array, over several lines", async () => {
    const content = `[\n  {"messages": [${USER}, ${ASSISTANT}]}, {\n    "messages": [\n      ${USER},\n      {"role": "bot", "content": "x"}\n    ]\n  }\n]`;
    const findings = await findingsOf(content, "array");
    assert.equal(findings.length, 1);
    const [finding] = findings as [Finding];
    assert.deepEqual([finding.rule, finding.row, finding.pointer, finding.range.start.line], ["role/unknown", 2, "/messages/1/role", 5]);
    assert.equal(marked(content, finding), '"bot"');
  });

  for (const [text, expectedFormat, member] of [
    ['{"id": 1, "text": "hello"}', "messages", '"text"'],
    [`{"messages": [${USER}, ${ASSISTANT}], "label": true}`, "messages", '"label"'],
    [`{"messages": [${USER}, ${ASSISTANT}]}`, "kto", '"messages"'],
    ['{"messages": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}', "messages", '"from"'],
    [`{"conversations": [${USER}, ${ASSISTANT}]}`, "sharegpt", '"role"'],
    ['{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}', "messages", '"conversations"'],
    ['{"chosen": null, "prompt": "a", "completion": "b"}', "messages", '"prompt"'],
    ['{"prompt": "a", "chosen": "b", "rejected": "c"}', "prompt_completion", '"chosen"'],
    ['{"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []}', "text", '"preferred_output"'],
    ['{"input": "", "instruction": "a", "output": "b"}', "text", '"instruction"'],
    ['{"question": "a", "answer": "b"}', "text", '"question"'],
    ['{"input_ids": [1, 2]}', "text", '"input_ids"'],
    ['{"text": null}', "messages", '"text"'],
  ] as const) {
    it(`reports a row whose format is not that of its file, at the member that makes it so: ${text}`, () => {
      const { findings } = checkRow({ text, invalid: [] }, { ...CONTEXT, expectedFormat });
      const found = findings.filter(({ rule }) => rule.id === "format/mixed");
      assert.deepEqual(found.map(({ span }) => text.slice(span.start, span.end)), [member]);
    });
  }

  it("counts tokens, reports what is too long, and carries what the template says", () => {
    const counter = {
      countConversation: (): number => 12,
      countText: (text: string): number => text.length,
    };
    const row = { text: `{"messages": [${USER}, ${ASSISTANT}]}`, invalid: [] };
    const result = checkRow(row, { ...CONTEXT, counter, maxLength: 10 });
    assert.equal(result.tokens, 12);
    assert.deepEqual(result.findings.map(({ rule, data }) => [rule.id, data["tokens"]]), [["tokens/over-length", 12]]);
    assert.deepEqual(checkRow(row, { ...CONTEXT, counter, maxLength: 12 }).findings, []);
    const refusing = {
      ...counter,
      countConversation: () => {
        throw new TemplateRefusal("Roles must alternate!");
      },
    };
    const refused = checkRow(row, { ...CONTEXT, counter: refusing });
    assert.equal(refused.tokens, undefined);
    assert.ok(refused.findings.length === 1 && refused.findings[0]?.message.includes("Roles must alternate!"));
  });

  const LOOP = "{% for m in messages[1:] %}{% for c in m.content %}{% if c == '!' %}{{ raise_exception('loud') }}{% endif %}{% endfor %}{% endfor %}";
  const SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}";
  /** A template, a row that it refuses, and what is underlined. */
  const REFUSALS: readonly (readonly [string, string, string])[] = [
    [LOOP, `{"messages": [${USER}, ${ASSISTANT}, {"role": "user", "content": "No!"}, ${ASSISTANT}]}`, '"user"'],
    [LOOP, '{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a!"}]}', '"gpt"'],
    [LOOP, '{"instruction": "q", "output": "a!"}', '"output"'],
    [LOOP, '{"prompt": [{"role": "user", "content": "q"}, {"role": "user", "content": "r!"}], "chosen": "a", "rejected": "b"}', '"user"'],
    [LOOP, '{"prompt": "q", "chosen": "a", "rejected": "b!"}', '"rejected"'],
    [SYSTEM, `{"messages": [{"role": "system", "content": "s"}, ${USER}, ${ASSISTANT}]}`, '"system"'],
    ["{{ raise_exception('never') }}", `{"messages": [${USER}, ${ASSISTANT}]}`, '"messages"'],
    ["{{ raise_exception('never') }}", '{"instruction": "q", "output": "a"}', '"instruction"'],
  ];
  for (const [template, row, characters] of REFUSALS) {
    it(`underlines ${characters} of ${row.slice(0, 40)}… where ${template.slice(0, 40)}… refuses it`, async () => {
      const findings = await findingsOf(row, "lines", { ...CONTEXT, counter: await promptModel(template) });
      const refused = findings.filter(({ rule }) => rule === "template/refused");
      assert.deepEqual(refused.map((finding) => marked(row, finding)), [characters]);
      assert.equal(refused[0]?.data["templateLine"], 1);
    });
  }
});

/** Columns do not count a byte order mark; give it back to compare with the text that has it. */
function shiftBom(finding: Finding, bom: boolean): Finding {
  if (!bom) return finding;
  const { start, end } = finding.range;
  return { ...finding, range: { start: { ...start, column: start.column + 1 }, end: { ...end, column: end.column + 1 } } };
}
