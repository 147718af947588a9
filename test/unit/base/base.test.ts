import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DisposableStore, toDisposable } from "../../../extension/base/disposable";
import { LineMap, utf8Length } from "../../../extension/base/text";
import { Random } from "../../support/random";

describe("DisposableStore", () => {
  it("ends what it owns in reverse order, once, and everything although some fail", () => {
    const ended: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => ended.push("first")));
    store.add({
      dispose: () => {
        ended.push("second");
        throw new Error("second failed");
      },
    });
    store.add(toDisposable(() => ended.push("third")));
    assert.throws(() => {
      store.dispose();
    }, /second failed/);
    store.dispose();
    assert.deepEqual(ended, ["third", "second", "first"]);
  });

  it("ends at once what is registered too late", () => {
    const store = new DisposableStore();
    store.dispose();
    let ended = false;
    store.add(toDisposable(() => (ended = true)));
    assert.ok(ended);
  });
});

describe("text positions", () => {
  it("count lines as editors do: LF, CRLF and a lone CR", () => {
    const map = new LineMap("a\nb\r\nc\rd");
    assert.equal(map.lineCount, 4);
    assert.deepEqual([0, 2, 5, 7].map((offset) => map.positionAt(offset)), [
      { line: 1, column: 1 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
    ]);
    assert.deepEqual(map.positionAt(8), { line: 4, column: 2 });
  });

  it("measure UTF-8 as TextEncoder does, also for lone surrogates", () => {
    const random = new Random(30);
    const encoder = new TextEncoder();
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: random.int(8) }, () => random.pick(["a", "é", "日", "😀", "\ud83d", "\ude00"])).join("");
      assert.equal(utf8Length(text), encoder.encode(text).length, JSON.stringify(text));
    }
  });
});
