import * as assert from "node:assert/strict";
import { test } from "node:test";
import { bindArguments } from "../../../extension/core/jinja/filter/arguments";
import { JinjaError } from "../../../extension/core/jinja/errors";
import type { Value } from "../../../extension/core/jinja/value/types";

const PARAMETERS = [{ name: "a" }, { name: "b", optional: true }, { name: "k", optional: true, keywordOnly: true }];

function bind(positional: readonly Value[], named: Readonly<Record<string, Value>> = {}): readonly (Value | undefined)[] {
  return bindArguments("f", PARAMETERS, { positional, named: new Map(Object.entries(named)) });
}

function refuses(message: string, work: () => unknown): void {
  assert.throws(work, (error: unknown) => error instanceof JinjaError && error.type === "TypeError" && error.message === message);
}

test("arguments go to parameters by position and name, None included", () => {
  assert.deepEqual(bind([1]), [1, undefined, undefined]);
  assert.deepEqual(bind([null], { k: 3 }), [null, undefined, 3]);
  assert.deepEqual(bind([], { b: 2, a: null }), [null, 2, undefined]);
});

test("calls that do not fit are refused with CPython's messages", () => {
  refuses("f() missing 1 required positional argument: 'a'", () => bind([]));
  refuses("f() got an unexpected keyword argument 'y'", () => bind([1], { y: 1 }));
  refuses("f() got multiple values for argument 'a'", () => bind([1], { a: 1 }));
  refuses("f() takes from 1 to 2 positional arguments but 3 were given", () => bind([1, 2, 3]));
  refuses("f() takes from 1 to 2 positional arguments but 3 positional arguments (and 1 keyword-only argument) were given", () =>
    bind([1, 2, 3], { k: 1 }),
  );
});

test("several missing arguments are listed, and counts agree in number", () => {
  const named = new Map<string, Value>();
  const parameters = [{ name: "a" }, { name: "b" }, { name: "c" }];
  refuses("g() missing 2 required positional arguments: 'b' and 'c'", () => bindArguments("g", parameters, { positional: [1], named }));
  refuses("g() missing 3 required positional arguments: 'a', 'b', and 'c'", () => bindArguments("g", parameters, { positional: [], named }));
  refuses("h() takes 1 positional argument but 2 were given", () => bindArguments("h", [{ name: "a" }], { positional: [1, 2], named }));
  refuses("h() takes 0 positional arguments but 1 was given", () => bindArguments("h", [], { positional: [1], named }));
  refuses("h() missing 1 required keyword-only argument: 'k'", () =>
    bindArguments("h", [{ name: "k", keywordOnly: true }], { positional: [], named }),
  );
  refuses("h() got some positional-only arguments passed as keyword arguments: 's'", () =>
    bindArguments("h", [{ name: "s", positionalOnly: true }], { positional: [1], named: new Map([["s", 1]]) }),
  );
});
