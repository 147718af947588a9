import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import type { IGrammar } from "vscode-textmate";
import { loadGrammar, tokenizeText } from "../../support/grammar";
import { root } from "../../support/paths";

const folder = path.join(root, "test", "unit", "syntaxes", "samples");

/** Writes the snapshots anew; look at what changed. */
const update = process.env["UPDATE_SNAPSHOTS"] === "1";

describe("the grammar of chat templates", () => {
  let grammar: IGrammar;
  before(async () => {
    grammar = await loadGrammar("jinja-chat-template.tmLanguage.json");
  });

  for (const name of readdirSync(folder).filter((file) => file.endsWith(".jinja"))) {
    it(`gives ${name} the scopes of its snapshot`, () => {
      const file = path.join(folder, `${name}.snapshot`);
      const actual = describeScopes(grammar, readFileSync(path.join(folder, name), "utf8"));
      if (update) writeFileSync(file, actual);
      assert.ok(existsSync(file), `${file} is missing`);
      assert.equal(actual, readFileSync(file, "utf8"));
    });
  }

  it("comes back to plain text after every tag, also a broken one", () => {
    const sources = ["{{ [ {'a': 1}, (2) ] }}x", "{{ 'a }}' }}x", "{% set x = '%}' %}x", "{{ {'a': {}}}}x", "{% if (x %}x", "{# {{ #}x", "{%+ if x +%}x"];
    for (const source of sources) {
      const [line] = tokenizeText(grammar, source);
      assert.deepEqual(line?.tokens.at(-1)?.scopes, ["text.jinja.chat-template"], source);
    }
  });

  it("gets to the end of long and broken lines", () => {
    for (const part of ["{{", "{%", "{#", "'", '"\\', "((((", "{{ a|", "<|"]) {
      const [line] = tokenizeText(grammar, part.repeat(2_000));
      assert.equal(line?.tokens.at(-1)?.end, part.length * 2_000, part);
    }
  });
});

/** Each line, and under it a line for every scope it holds. */
function describeScopes(grammar: IGrammar, text: string): string {
  const lines = tokenizeText(grammar, text).flatMap(({ line, tokens }) => {
    const notes = tokens
      .filter(({ start, end, scopes }) => line.slice(start, end).trim() !== "" && scopes.length > 1)
      .map(({ start, end, scopes }) => `#${" ".repeat(start)}${"^".repeat(end - start)} ${scopes.slice(1).map((scope) => scope.replace(/\.jinja$/, "")).join(" ")}`);
    return [`>${line}`, ...notes];
  });
  return `${lines.join("\n")}\n`;
}
