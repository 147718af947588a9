import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Conversation, JsonObject, Sample, Turn } from "../../../extension/core/dataset/conversation";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { readSample } from "../../../extension/core/dataset/formats";
import { valueAt } from "../../../extension/core/dataset/values";

function read(row: JsonObject): Sample {
  const sample = readSample(row, DEFAULT_FIELDS);
  assert.ok(sample !== undefined);
  // Whatever the format, a piece of text is the text at its pointer.
  for (const turn of sample.conversations.flatMap((conversation) => conversation.turns)) {
    for (const piece of [...turn.content, ...turn.reasoning]) {
      if (piece.pointer !== null) assert.equal(valueAt(row, piece.pointer), piece.text);
    }
  }
  return sample;
}

function only(row: JsonObject): Conversation {
  const [conversation, ...others] = read(row).conversations;
  assert.ok(conversation !== undefined && others.length === 0);
  return conversation;
}

/** `role pointer: text` of each turn. */
function outline(conversation: Conversation | undefined): string[] | undefined {
  return conversation?.turns.map((turn) => `${turn.role} ${turn.pointer}: ${turn.content.map((piece) => piece.text).join("|")}`);
}

function lastTurn(row: JsonObject): Turn {
  const turn = only(row).turns.at(-1);
  assert.ok(turn !== undefined);
  return turn;
}

const user = { role: "user", content: "q" };
const answer = (content: string): JsonObject => ({ role: "assistant", content });

describe("messages", () => {
  test("the template is given the row's own objects", () => {
    const messages = [{ role: "user", content: "q", extra: { a: 1 } }, answer("a")];
    const conversation = only({ messages, tools: [{ type: "function" }] });
    assert.equal(conversation.messages, messages);
    assert.equal(conversation.pointer, "/messages");
    assert.deepEqual(conversation.tools, [{ type: "function" }]);
  });

  test("parts keep their pointers, in OpenAI's and LLaMA-Factory's form", () => {
    const content = [{ type: "text", text: "x" }, { type: "image_url", image_url: { url: "u" } }, { type: "text", value: "y" }, { type: "input_audio" }];
    const turn = lastTurn({ messages: [{ role: "user", content }] });
    assert.deepEqual(turn.content, [
      { text: "x", pointer: "/messages/0/content/0/text" },
      { text: "y", pointer: "/messages/0/content/2/value" },
    ]);
    assert.deepEqual(turn.media, [
      { type: "image", pointer: "/messages/0/content/1" },
      { type: "audio", pointer: "/messages/0/content/3" },
    ]);
  });

  test("reasoning and calls among the parts", () => {
    const content = [
      { type: "reasoning", value: "hm" },
      { type: "tool_call", value: '{"name": "f", "arguments": {"x": 1}}' },
    ];
    const turn = lastTurn({ messages: [user, { role: "assistant", content }] });
    assert.deepEqual(turn.reasoning, [{ text: "hm", pointer: "/messages/1/content/0/value" }]);
    assert.deepEqual(turn.toolCalls, [{ pointer: "/messages/1/content/1", name: { text: "f", pointer: null }, arguments: { x: 1 } }]);
  });

  test("tool calls, with arguments as an object or a text", () => {
    const tool_calls = [{ id: "1", function: { name: "f", arguments: '{"x":1}' } }, { name: "g", arguments: { y: 2 } }];
    const turn = lastTurn({ messages: [user, { role: "assistant", content: null, tool_calls }] });
    assert.deepEqual(turn.toolCalls, [
      { pointer: "/messages/1/tool_calls/0", name: { text: "f", pointer: "/messages/1/tool_calls/0/function/name" }, arguments: '{"x":1}' },
      { pointer: "/messages/1/tool_calls/1", name: { text: "g", pointer: "/messages/1/tool_calls/1/name" }, arguments: { y: 2 } },
    ]);
    assert.equal(turn.contentPointer, "/messages/1/content");
  });

  test("what a message says about itself", () => {
    const message = { role: "assistant", content: "a", name: "Ada", thinking: "hm", weight: 0 };
    const turn = lastTurn({ messages: [user, message] });
    assert.deepEqual(turn.name, { text: "Ada", pointer: "/messages/1/name" });
    assert.deepEqual(turn.reasoning, [{ text: "hm", pointer: "/messages/1/thinking" }]);
    assert.equal(turn.trained, false);
    assert.equal(lastTurn({ messages: [user, { ...answer("a"), loss_weight: 1 }] }).trained, true);
    assert.equal(lastTurn({ messages: [user, { ...answer("a"), train: false }] }).trained, false);
    assert.equal(lastTurn({ messages: [user, answer("a")] }).trained, undefined);
  });

  test("tools may be a JSON text", () => {
    assert.deepEqual(only({ messages: [user], tools: '[{"name":"f"}]' }).tools, [{ name: "f" }]);
    assert.equal(only({ messages: [user], tools: null }).tools, undefined);
    assert.deepEqual(only({ messages: [user], functions: [{ name: "f" }] }).tools, [{ name: "f" }]);
  });
});

describe("sharegpt", () => {
  test("speakers become roles, and the system member the first turn", () => {
    const conversation = only({
      system: "s",
      conversations: [{ from: "human", value: "q" }, { from: "gpt", value: "a" }],
    });
    assert.deepEqual(outline(conversation), ["system /system: s", "user /conversations/0: q", "assistant /conversations/1: a"]);
    assert.deepEqual(conversation.messages, [{ role: "system", content: "s" }, { role: "user", content: "q" }, { role: "assistant", content: "a" }]);
    assert.equal(conversation.turns[1]?.rolePointer, "/conversations/0/from");
    assert.equal(conversation.turns[0]?.rolePointer, null);
  });

  test("a system turn in the list comes before the system member", () => {
    const conversations = [{ from: "system", value: "own" }, { from: "human", value: "q" }, { from: "gpt", value: "a" }];
    assert.equal(outline(only({ system: "s", conversations }))?.[0], "system /conversations/0: own");
  });

  test("a function call becomes an assistant message with a tool call", () => {
    const conversation = only({
      conversations: [
        { from: "human", value: "q" },
        { from: "function_call", value: '{"name": "f", "arguments": {"x": 1}}' },
        { from: "observation", value: "2" },
        { from: "gpt", value: "a" },
      ],
      tools: "[]",
    });
    assert.deepEqual(conversation.turns.map((turn) => turn.role), ["user", "assistant", "tool", "assistant"]);
    assert.deepEqual(conversation.messages[1], {
      role: "assistant",
      content: "",
      tool_calls: [{ type: "function", function: { name: "f", arguments: { x: 1 } } }],
    });
    assert.deepEqual(conversation.turns[1]?.toolCalls[0]?.pointer, "/conversations/1/value");
    assert.deepEqual(conversation.tools, []);
  });
});

describe("instruction formats", () => {
  test("instruction and input make one turn, with a newline of nobody's between", () => {
    const conversation = only({ instruction: "i", input: "x", output: "o", system: "s", history: [["q", "a"]] });
    assert.deepEqual(outline(conversation), [
      "system /system: s",
      "user /history/0/0: q",
      "assistant /history/0/1: a",
      "user /instruction: i|\n|x",
      "assistant /output: o",
    ]);
    assert.deepEqual(conversation.turns[3]?.content.map((piece) => piece.pointer), ["/instruction", null, "/input"]);
    assert.deepEqual(conversation.messages[3], { role: "user", content: "i\nx" });
  });

  test("an empty input leaves no newline", () => {
    assert.deepEqual(only({ instruction: "i", input: "", output: "o" }).messages[0], { role: "user", content: "i" });
  });

  test("prompt and completion, as texts, as messages and as parts", () => {
    assert.deepEqual(outline(only({ prompt: "q", response: "a" })), ["user /prompt: q", "assistant /response: a"]);
    assert.deepEqual(outline(only({ prompt: [user], completion: [answer("a")] })), ["user /prompt/0: q", "assistant /completion/0: a"]);
    const parts = [{ type: "text", text: "q" }, { type: "image_url", image_url: { url: "u" } }];
    const conversation = only({ prompt: parts, completion: "a" });
    assert.deepEqual(outline(conversation), ["user /prompt: q", "assistant /completion: a"]);
    assert.deepEqual(conversation.messages[0], { role: "user", content: parts });
  });

  test("question and answer", () => {
    assert.deepEqual(outline(only({ problem: "q", solution: "a" })), ["user /problem: q", "assistant /solution: a"]);
  });

  test("text", () => {
    const sample = read({ text: "t" });
    assert.deepEqual(sample.text, { text: "t", pointer: "/text" });
    assert.deepEqual(sample.conversations, []);
  });
});

describe("preference", () => {
  const cases: Readonly<Record<string, readonly [row: JsonObject, chosen: string[], rejected: string[]]>> = {
    "texts with a prompt": [
      { prompt: "q", chosen: "a", rejected: "b" },
      ["user /prompt: q", "assistant /chosen: a"],
      ["user /prompt: q", "assistant /rejected: b"],
    ],
    "messages with a prompt": [
      { prompt: [user], chosen: [answer("a")], rejected: [answer("b")] },
      ["user /prompt/0: q", "assistant /chosen/0: a"],
      ["user /prompt/0: q", "assistant /rejected/0: b"],
    ],
    "answers that repeat the prompt": [
      { prompt: "q", chosen: [user, answer("a")], rejected: [{ role: "system", content: "s" }, user, answer("b")] },
      ["user /chosen/0: q", "assistant /chosen/1: a"],
      ["system /rejected/0: s", "user /rejected/1: q", "assistant /rejected/2: b"],
    ],
    "whole conversations": [
      { chosen: { messages: [user, answer("a")] }, rejected: { messages: [user, answer("b")] } },
      ["user /chosen/messages/0: q", "assistant /chosen/messages/1: a"],
      ["user /rejected/messages/0: q", "assistant /rejected/messages/1: b"],
    ],
    "OpenAI": [
      { input: { messages: [user] }, preferred_output: [answer("a")], non_preferred_output: [answer("b")] },
      ["user /input/messages/0: q", "assistant /preferred_output/0: a"],
      ["user /input/messages/0: q", "assistant /non_preferred_output/0: b"],
    ],
    "ShareGPT": [
      { conversations: [{ from: "human", value: "q" }], chosen: { from: "gpt", value: "a" }, rejected: { from: "gpt", value: "b" } },
      ["user /conversations/0: q", "assistant /chosen: a"],
      ["user /conversations/0: q", "assistant /rejected: b"],
    ],
    "a question with two responses": [
      { question: "q", response_j: "a", response_k: "b" },
      ["user /question: q", "assistant /response_j: a"],
      ["user /question: q", "assistant /response_k: b"],
    ],
    "an instruction with a system text": [
      { system: "s", instruction: "i", input: "x", chosen: "a", rejected: "b" },
      ["system /system: s", "user /instruction: i|\n|x", "assistant /chosen: a"],
      ["system /system: s", "user /instruction: i|\n|x", "assistant /rejected: b"],
    ],
  };
  for (const [name, [row, chosen, rejected]] of Object.entries(cases)) {
    test(name, () => {
      const { conversations, faults } = read(row);
      assert.deepEqual(conversations.map((conversation) => conversation.variant), ["chosen", "rejected"]);
      assert.deepEqual(outline(conversations[0]), chosen);
      assert.deepEqual(outline(conversations[1]), rejected);
      assert.deepEqual(conversations.map((conversation) => conversation.messages.length), [chosen.length, rejected.length]);
      assert.deepEqual(faults, []);
    });
  }
});

describe("kto", () => {
  test("a chat or a prompt with its completion", () => {
    assert.deepEqual(outline(only({ messages: [user, answer("a")], label: true })), ["user /messages/0: q", "assistant /messages/1: a"]);
    assert.deepEqual(outline(only({ prompt: "q", completion: "a", label: false })), ["user /prompt: q", "assistant /completion: a"]);
  });
});
