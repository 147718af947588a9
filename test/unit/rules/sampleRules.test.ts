import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { assistant, calls, chat, judge, shareGpt, system, tool, user, verdict } from "./judge";

const answer = assistant("Four.");
const question = user("Two and two?");

/** A row without fault, the same row with one, and the one finding that it must have: rule, pointer. */
type Case = readonly [good: JsonObject, faulty: JsonObject, rule: string, pointer: string];

const openAi = (input: JsonObject, preferred: JsonObject[]): JsonObject => ({
  input,
  preferred_output: preferred,
  non_preferred_output: [assistant("Five.")],
});

const CASES: Readonly<Record<string, Case>> = {
  "messages is a text": [chat(question, answer), { messages: "Hi" }, "format/invalid-field", "/messages"],
  "messages is null": [chat(question, answer), { messages: null }, "format/invalid-field", "/messages"],
  "conversations is an object": [shareGpt(["human", "a"], ["gpt", "b"]), { conversations: {} }, "format/invalid-field", "/conversations"],
  "a message is a text": [chat(question, answer), chat(question, "Four."), "format/invalid-field", "/messages/1"],
  "the first message is null": [chat(question, answer), chat(null, answer), "format/invalid-field", "/messages/0"],
  "a ShareGPT turn is a list": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    { conversations: [{ from: "human", value: "a" }, []] },
    "format/invalid-field",
    "/conversations/1",
  ],
  "text is a number": [{ text: "a" }, { text: 123 }, "format/invalid-field", "/text"],
  "prompt is a number": [{ prompt: "a", completion: "b" }, { prompt: 1, completion: "b" }, "format/invalid-field", "/prompt"],
  "completion is null": [{ prompt: "a", completion: "b" }, { prompt: "a", completion: null }, "format/invalid-field", "/completion"],
  "instruction is a list": [{ instruction: "a", output: "b" }, { instruction: ["a"], output: "b" }, "format/invalid-field", "/instruction"],
  "input is an object": [
    { instruction: "a", input: "", output: "b" },
    { instruction: "a", input: {}, output: "b" },
    "format/invalid-field",
    "/input",
  ],
  "output is a number": [{ instruction: "a", output: "4" }, { instruction: "a", output: 4 }, "format/invalid-field", "/output"],
  "history is a text": [
    { instruction: "a", output: "b", history: [["q", "a"]] },
    { instruction: "a", output: "b", history: "q" },
    "format/invalid-field",
    "/history",
  ],
  "a history entry has one text": [
    { instruction: "a", output: "b", history: [["q", "a"]] },
    { instruction: "a", output: "b", history: [["q"]] },
    "format/invalid-field",
    "/history/0",
  ],
  "chosen is a number": [
    { prompt: "a", chosen: "b", rejected: "c" },
    { prompt: "a", chosen: 1, rejected: "c" },
    "format/invalid-field",
    "/chosen",
  ],
  "rejected is null": [
    { prompt: "a", chosen: "b", rejected: "c" },
    { prompt: "a", chosen: "b", rejected: null },
    "format/invalid-field",
    "/rejected",
  ],
  "a shared prompt message is a text": [
    { prompt: [question], chosen: [answer], rejected: [answer] },
    { prompt: ["Hi"], chosen: [answer], rejected: [answer] },
    "format/invalid-field",
    "/prompt/0",
  ],
  "OpenAI input is a text": [
    openAi({ messages: [question] }, [answer]),
    { input: "a", preferred_output: [answer], non_preferred_output: [answer] },
    "format/invalid-field",
    "/input",
  ],
  "OpenAI input has no messages": [openAi({ messages: [question] }, [answer]), openAi({}, [answer]), "format/invalid-field", "/input"],
  "OpenAI output is a text": [
    openAi({ messages: [question] }, [answer]),
    { input: { messages: [question] }, preferred_output: "Four.", non_preferred_output: [answer] },
    "format/invalid-field",
    "/preferred_output",
  ],
  "tool_calls is a text": [
    chat(question, calls(null)),
    chat(question, { role: "assistant", content: null, tool_calls: "add" }),
    "format/invalid-field",
    "/messages/1/tool_calls",
  ],
  "tools is not JSON": [
    { ...chat(question, answer), tools: "[]" },
    { ...chat(question, answer), tools: "[" },
    "format/invalid-field",
    "/tools",
  ],
  "a function call is no JSON": [
    shareGpt(["human", "a"], ["function_call", '{"name":"f","arguments":{}}'], ["observation", "1"], ["gpt", "b"]),
    shareGpt(["human", "a"], ["function_call", "f()"], ["observation", "1"], ["gpt", "b"]),
    "format/invalid-field",
    "/conversations/1/value",
  ],

  "a message without role": [chat(question, answer), chat(question, { content: "Four." }), "role/missing", "/messages/1"],
  "a null role": [chat(question, answer), chat({ role: null, content: "a" }, answer), "role/missing", "/messages/0/role"],
  "a ShareGPT turn without from": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    { conversations: [{ from: "human", value: "a" }, { value: "b" }] },
    "role/missing",
    "/conversations/1",
  ],
  "a role in a shared prompt is missing": [
    { prompt: [question], chosen: [answer], rejected: [answer] },
    { prompt: [{ content: "a" }], chosen: [answer], rejected: [answer] },
    "role/missing",
    "/prompt/0",
  ],
  "an unknown role": [chat(question, answer), chat(question, { role: "invalid", content: "a" }), "role/unknown", "/messages/1/role"],
  "the role `human` in messages": [chat(question, answer), chat({ role: "human", content: "a" }, answer), "role/unknown", "/messages/0/role"],
  "a role that is a number": [chat(question, answer), chat(question, { role: 7, content: "a" }), "role/unknown", "/messages/1/role"],
  "a role named like a built-in": [
    chat(question, answer),
    chat(question, { role: "constructor", content: "a" }),
    "role/unknown",
    "/messages/1/role",
  ],
  "an unknown ShareGPT speaker": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    shareGpt(["human", "a"], ["claude", "b"]),
    "role/unknown",
    "/conversations/1/from",
  ],
  "the only speaker is unknown": [chat(question, answer), chat({ role: "usr", content: "a" }), "role/unknown", "/messages/0/role"],

  "a message without content": [chat(question, answer), chat(question, { role: "assistant" }), "content/missing", "/messages/1"],
  "null content without a call": [chat(question, answer), chat(question, assistant(null)), "content/missing", "/messages/1/content"],
  "null system content": [
    chat(system("Be brief."), question, answer),
    chat(system(null), question, answer),
    "content/missing",
    "/messages/0/content",
  ],
  "content is a number": [chat(question, answer), chat(user(123), answer), "content/missing", "/messages/0/content"],
  "content is an object": [chat(question, answer), chat(user({ text: "a" }), answer), "content/missing", "/messages/0/content"],
  "a content part is a text": [
    chat(user([{ type: "text", text: "a" }]), answer),
    chat(user(["a"]), answer),
    "content/missing",
    "/messages/0/content/0",
  ],
  "the text of a part is a number": [
    chat(user([{ type: "text", text: "a" }]), answer),
    chat(user([{ type: "text", text: 5 }]), answer),
    "content/missing",
    "/messages/0/content/0/text",
  ],
  "a text part without text": [
    chat(user([{ type: "text", text: "a" }]), answer),
    chat(user([{ type: "text" }]), answer),
    "content/missing",
    "/messages/0/content/0",
  ],
  "a ShareGPT turn without value": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    { conversations: [{ from: "human", value: "a" }, { from: "gpt" }] },
    "content/missing",
    "/conversations/1",
  ],

  "an empty answer": [chat(question, answer), chat(question, assistant("")), "content/empty", "/messages/1/content"],
  "a blank question": [chat(question, answer), chat(user(" \n\t"), answer), "content/empty", "/messages/0/content"],
  "no content parts": [chat(question, answer), chat(user([]), answer), "content/empty", "/messages/0/content"],
  "an empty completion": [{ prompt: "a", completion: "b" }, { prompt: "a", completion: "" }, "content/empty", "/completion"],
  "an empty instruction": [{ instruction: "a", output: "b" }, { instruction: "", input: "", output: "b" }, "content/empty", "/instruction"],
  "an empty ShareGPT value": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    shareGpt(["human", "a"], ["gpt", ""]),
    "content/empty",
    "/conversations/1/value",
  ],
  "a blank text": [{ text: "a" }, { text: " " }, "content/empty", "/text"],

  "no messages": [chat(question, answer), chat(), "conversation/empty", "/messages"],
  "no messages in OpenAI input": [openAi({ messages: [question] }, [answer]), openAi({ messages: [] }, [answer]), "conversation/empty", "/input/messages"],
  "no preferred output": [openAi({ messages: [question] }, [answer]), openAi({ messages: [question] }, []), "conversation/empty", "/preferred_output"],
  "an empty prompt list": [
    { prompt: [question], completion: [answer] },
    { prompt: [], completion: [answer] },
    "conversation/empty",
    "/prompt",
  ],

  "two user turns": [chat(question, answer), chat(question, question, answer), "conversation/alternation", "/messages/1/role"],
  "two assistant turns": [chat(question, answer), chat(question, answer, answer), "conversation/alternation", "/messages/2/role"],
  "two user turns at the end": [
    chat(question, answer, question, answer),
    chat(question, answer, question, question),
    "conversation/alternation",
    "/messages/3/role",
  ],
  "the assistant begins": [chat(question, answer), chat(answer), "conversation/alternation", "/messages/0/role"],
  "the assistant begins after the system": [
    chat(system("s"), question, answer),
    chat(system("s"), answer),
    "conversation/alternation",
    "/messages/1/role",
  ],
  "a tool turn without a call": [
    chat(question, calls(null), tool("2"), answer),
    chat(question, assistant("Let me see."), tool("2"), answer),
    "conversation/alternation",
    "/messages/2/role",
  ],
  "a tool turn after the user": [chat(question, answer), chat(question, tool("2"), answer), "conversation/alternation", "/messages/1/role"],
  "a call without result": [
    chat(question, calls(null), tool("2"), answer, question, answer),
    chat(question, calls(null), question, answer),
    "conversation/alternation",
    "/messages/2/role",
  ],
  "a call that the assistant answers itself": [
    chat(question, calls(null), tool("2"), answer),
    chat(question, calls(null), answer),
    "conversation/alternation",
    "/messages/2/role",
  ],
  "ShareGPT: two human turns": [
    shareGpt(["human", "a"], ["gpt", "b"]),
    shareGpt(["human", "a"], ["human", "a"], ["gpt", "b"]),
    "conversation/alternation",
    "/conversations/1/from",
  ],
  "a prompt that ends with the assistant": [
    { prompt: [question, answer, question], completion: "b" },
    { prompt: [question, answer], completion: "b" },
    "conversation/alternation",
    "/completion",
  ],
  "two user turns in a shared prompt": [
    { prompt: [question], chosen: [answer], rejected: [answer] },
    { prompt: [question, question], chosen: [answer], rejected: [answer] },
    "conversation/alternation",
    "/prompt/1/role",
  ],
  "a rejected answer of two messages": [
    { prompt: [question], chosen: [answer], rejected: [answer] },
    { prompt: [question], chosen: [answer], rejected: [answer, answer] },
    "conversation/alternation",
    "/rejected/1/role",
  ],

  "a system turn in the middle": [
    chat(system("s"), question, answer),
    chat(question, system("s"), answer),
    "conversation/system-first",
    "/messages/1/role",
  ],
  "a system turn at the end": [chat(question, answer), chat(question, answer, system("s")), "conversation/system-first", "/messages/2/role"],
  "a second system turn": [
    chat(system("s"), question, answer),
    chat(system("s"), system("t"), question, answer),
    "conversation/system-first",
    "/messages/1/role",
  ],

  "only a question": [chat(question, answer), chat(question), "conversation/no-assistant", "/messages/0/role"],
  "only questions": [chat(question, answer), chat(question, question), "conversation/no-assistant", "/messages/1/role"],
  "only a system turn": [chat(system("s"), question, answer), chat(system("s")), "conversation/no-assistant", "/messages/0/role"],
  "a rejected conversation without answer": [
    { chosen: [question, answer], rejected: [question, answer] },
    { chosen: [question, answer], rejected: [question] },
    "conversation/no-assistant",
    "/rejected/0/role",
  ],

  "the user has the last word": [
    chat(question, answer, question, answer),
    chat(question, answer, question),
    "conversation/ends-before-assistant",
    "/messages/2/role",
  ],
  "a tool has the last word": [
    chat(question, calls(null), tool("2"), answer),
    chat(question, calls(null), tool("2")),
    "conversation/ends-before-assistant",
    "/messages/2/role",
  ],
};

describe("one fault, one finding", () => {
  for (const [name, [good, faulty, rule, pointer]] of Object.entries(CASES)) {
    test(name, () => {
      assert.deepEqual(verdict(good), [], "the row without fault");
      assert.deepEqual(verdict(faulty), [`${rule} ${pointer}`]);
    });
  }
});

describe("rows without fault", () => {
  const rows: Readonly<Record<string, JsonObject>> = {
    "several calls, several results": chat(question, calls(""), tool("1"), tool("2"), answer, question, answer),
    "a user turn after a tool result": chat(question, calls(null), tool("1"), question, answer),
    "a call at the end": chat(question, calls(null)),
    "an old function_call": chat(question, { role: "assistant", function_call: { name: "f", arguments: "{}" } }, { role: "function", name: "f", content: "1" }, answer),
    "an ipython turn after a written call": chat(question, assistant("<|python_tag|>1+1"), { role: "ipython", content: "2" }, answer),
    "an empty tool result": chat(question, calls(null), tool(""), answer),
    "a picture and no text": chat(user([{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }]), answer),
    "reasoning and an empty answer": chat(question, { role: "assistant", content: "", reasoning_content: "2+2" }),
    "system and developer": chat(system("s"), { role: "developer", content: "d" }, question, answer),
    "a prompt for reinforcement learning": { ...chat(question), ground_truth: "4" },
    "parts with null members": chat(user([{ type: "text", text: "a", image_url: null }]), assistant([{ type: "text", value: "b" }])),
    "a prompt of content parts": { prompt: [{ type: "text", text: "a" }, { type: "image_url", image_url: {} }], completion: "b" },
    "two texts without prompt": { chosen: "Human: a Assistant: b", rejected: "Human: a Assistant: c" },
    "names of built-ins as data": JSON.parse('{"messages":[{"role":"user","content":"a","__proto__":{"role":1}},{"role":"assistant","content":"b","constructor":1}]}') as JsonObject,
  };
  for (const [name, row] of Object.entries(rows)) test(name, () => assert.deepEqual(verdict(row), []));
});

describe("messages", () => {
  const suggestions: readonly (readonly [JsonObject, string])[] = [
    [chat({ role: "human", content: "a" }, answer), "`user`"],
    [chat({ role: "User", content: "a" }, answer), "`user`"],
    [chat({ role: " user ", content: "a" }, answer), "`user`"],
    [chat(question, { role: "gpt", content: "a" }), "`assistant`"],
    [chat(question, { role: "asistant", content: "a" }), "`assistant`"],
    [shareGpt(["Human", "a"], ["gpt", "b"]), "`human`"],
    [shareGpt(["human", "a"], ["ai", "b"]), "`gpt`"],
  ];
  for (const [row, suggestion] of suggestions) {
    test(`suggest ${suggestion}`, () => {
      const [finding] = judge(row) ?? [];
      assert.equal(finding?.rule, "role/unknown");
      assert.ok(finding.message.includes(suggestion), finding.message);
    });
  }

  test("a misplaced turn names the turn before", () => {
    const [finding] = judge(chat(system("s"), question, question, answer)) ?? [];
    assert.deepEqual(finding?.related?.map((related) => related.place.pointer), ["/messages/1/role"]);
  });

  test("an endless role is cut", () => {
    const [finding] = judge(chat(question, { role: "x".repeat(10_000), content: "a" })) ?? [];
    assert.ok((finding?.message.length ?? Infinity) < 200);
  });
});
