import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { turnProblems } from "../../../extension/core/playground/turnProblems";
import { ChatTurns, messagesOf, type NewTurn } from "../../../extension/core/playground/turns";

const user = (content: string): NewTurn => ({ role: "user", content });
const assistant = (content: string): NewTurn => ({ role: "assistant", content });

describe("the turns of a conversation that is tried", () => {
  it("every change can be taken back, one at a time", () => {
    const turns = new ChatTurns();
    const first = turns.add(user("Hi"));
    turns.add(assistant("Hello"));
    turns.edit(first.id, { content: "Hey" });
    turns.remove(first.id);
    assert.deepEqual(messagesOf(turns.all), [{ role: "assistant", content: "Hello" }]);
    turns.undo();
    turns.undo();
    assert.deepEqual(messagesOf(turns.all), [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello" }]);
    turns.undo();
    turns.undo();
    assert.deepEqual([turns.all, turns.canUndo], [[], false]);
    turns.undo();
    assert.deepEqual(turns.all, []);
  });

  it("text that arrives bit by bit is one change", () => {
    const turns = new ChatTurns();
    turns.add(user("Hi"));
    const answer = turns.add(assistant(""));
    for (const bit of ["He", "l", "lo"]) turns.append(answer.id, bit);
    assert.equal(turns.find(answer.id)?.content, "Hello");
    turns.undo();
    assert.deepEqual(messagesOf(turns.all), [{ role: "user", content: "Hi" }]);
  });

  it("an answer that is to be given anew leaves with what follows, and its reference stays", () => {
    const turns = new ChatTurns();
    turns.replace([user("Hi"), { ...assistant("Hello"), reference: "Good day" }, user("Bye")]);
    const answer = turns.all[1]!;
    assert.equal(turns.cutBefore(answer.id), "Good day");
    assert.deepEqual(messagesOf(turns.all), [{ role: "user", content: "Hi" }]);
    assert.equal(turns.cutBefore(answer.id), undefined);
    turns.undo();
    assert.equal(turns.all.length, 3);
  });

  it("what changes nothing needs no undo", () => {
    const turns = new ChatTurns();
    const turn = turns.add(user("Hi"));
    turns.edit(turn.id, { content: "Hi" });
    turns.edit(99, { content: "x" });
    turns.remove(99);
    turns.undo();
    assert.equal(turns.canUndo, false);
  });
});

describe("what is wrong with turns", () => {
  it("nothing, while an answer is awaited", () => {
    assert.deepEqual([...turnProblems([{ role: "system", content: "Be kind." }, user("Hi")])], []);
    assert.deepEqual([...turnProblems([])], []);
  });

  it("two questions of which none is answered yet", () => {
    assert.deepEqual([...turnProblems([user("Hi"), user("Again")]).keys()], [1]);
  });

  it("roles that do not alternate, a system turn behind others, empty turns: at the turn", () => {
    const problems = turnProblems([user("Hi"), user("Again"), assistant(""), { role: "system", content: "Late." }]);
    assert.deepEqual([...problems.keys()].sort(), [1, 2, 3]);
    assert.match(problems.get(1) ?? "", /user/);
  });
});
