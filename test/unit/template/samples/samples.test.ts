import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { parseChatTemplate } from "../../../../extension/core/template/environment";
import { inputOfSample } from "../../../../extension/core/template/samples/sample";
import { SAMPLES, sampleById } from "../../../../extension/core/template/samples/samples";
import { root } from "../../../support/paths";

const ECHO = "{% for m in messages %}{{ m.role }}:{{ m.content }}{% for c in m.tool_calls or [] %}{{ c.function.name }}{% endfor %};{% endfor %}";

describe("sample conversations", () => {
  it("have ids of their own", () => {
    assert.equal(new Set(SAMPLES.map(({ id }) => id)).size, SAMPLES.length);
  });

  it("call tools that they define, and answer every call", () => {
    for (const { id, tools = [], messages } of SAMPLES) {
      const defined = JSON.stringify(tools);
      const calls = messages.flatMap((message) => (message["tool_calls"] ?? []) as readonly { id: string; function: { name: string } }[]);
      const answers = messages.filter(({ role }) => role === "tool").map((message) => message["tool_call_id"]);
      for (const call of calls) assert.ok(defined.includes(`"name":"${call.function.name}"`), id);
      assert.deepEqual(answers, calls.map((call) => call.id), id);
    }
  });

  it("render with any template that takes messages as they are", () => {
    const template = parseChatTemplate(ECHO, { name: "echo", now: 0 });
    for (const sample of SAMPLES) assert.notEqual(template.render(inputOfSample(sample, {})), "", sample.id);
  });

  it("render with the template of the model that comes along, where it knows the roles", () => {
    const file = path.join(root, "extension", "assets", "model", "chat_template.jinja");
    const template = parseChatTemplate(readFileSync(file, "utf8"), { name: "default", now: 0 });
    for (const id of ["single-turn", "multi-turn", "question", "system"]) {
      const sample = sampleById(id);
      const prompt = template.render(inputOfSample(sample, { bos_token: "<s>", eos_token: "</s>" }));
      for (const { content } of sample.messages) assert.ok(prompt.includes(content as string), id);
    }
  });

  it("let the user's variables win over their own", () => {
    const sample = sampleById("thinking");
    assert.equal(inputOfSample(sample, {}).variables["enable_thinking"], true);
    assert.equal(inputOfSample(sample, { enable_thinking: false }).variables["enable_thinking"], false);
  });

  it("fall back to the first for an id of another version", () => {
    assert.equal(sampleById("gone"), SAMPLES[0]);
    assert.equal(sampleById(undefined), SAMPLES[0]);
  });
});
