import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { parseTemplate } from "../../extension/core/jinja/syntax/parser";
import type { Token, TokenKind } from "../../extension/core/jinja/syntax/token";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";
import { loadGrammar, tokenizeText } from "../support/grammar";

/** What the scopes of a token of the engine must match; what is not here is blank, or does not stand in a sound template. */
const EXPECTED: Partial<Record<TokenKind, RegExp>> = {
  text: /^text\.jinja\.chat-template( constant\.language\.special-token\.jinja| meta\.raw\.jinja)?$/,
  comment: / comment\.block\.jinja/,
  commentBegin: / punctuation\.definition\.comment\.begin/,
  commentEnd: / punctuation\.definition\.comment\.end/,
  rawBegin: / meta\.tag\.jinja/,
  rawEnd: / meta\.tag\.jinja/,
  blockBegin: / meta\.tag\.jinja (punctuation\.section\.embedded\.begin|keyword\.operator\.whitespace-control)/,
  blockEnd: / meta\.tag\.jinja (punctuation\.section\.embedded\.end|keyword\.operator\.whitespace-control)/,
  variableBegin: / meta\.tag\.jinja (punctuation\.section\.embedded\.begin|keyword\.operator\.whitespace-control)/,
  variableEnd: / meta\.tag\.jinja (punctuation\.section\.embedded\.end|keyword\.operator\.whitespace-control)/,
  name: / meta\.tag\.jinja (variable|keyword\.control|keyword\.operator\.logical|support|entity|constant\.language)/,
  string: / meta\.tag\.jinja string\.quoted\./,
  integer: / meta\.tag\.jinja (constant\.numeric|variable\.other\.property)/,
  float: / meta\.tag\.jinja constant\.numeric/,
  operator: / meta\.tag\.jinja (keyword\.operator|punctuation)/,
};

if (haveFixtures("chat templates")) {
  const templates = filesBelow("templates").filter((file) => file.endsWith(".jinja"));

  describe("the grammar and the engine's lexer", () => {
    it(`see the same in all ${templates.length} real templates, and nothing invalid`, async () => {
      const grammar = await loadGrammar("jinja-chat-template.tmLanguage.json");
      assert.ok(templates.length >= 258);
      for (const name of templates) {
        const source = readFileSync(path.join(FIXTURES, "templates", name), "utf8");
        const scopes = scopesByOffset(source, tokenizeText(grammar, source));
        for (const token of parseTemplate(source).tokens) check(name, source, token, scopes);
      }
    });
  });
}

/** The scopes of every character, those of line ends left out. */
function scopesByOffset(source: string, lines: ReturnType<typeof tokenizeText>): (string | undefined)[] {
  const scopes = new Array<string | undefined>(source.length);
  let offset = 0;
  for (const { line, tokens } of lines) {
    for (const token of tokens) scopes.fill(token.scopes.join(" "), offset + token.start, offset + token.end);
    offset += line.length + (source.startsWith("\r\n", offset + line.length) ? 2 : 1);
  }
  return scopes;
}

function check(name: string, source: string, { kind, start, end }: Token, scopes: readonly (string | undefined)[]): void {
  const expected = EXPECTED[kind];
  assert.notEqual(kind, "error", name);
  for (let at = start; at < end; at++) {
    const found = scopes[at];
    if (found === undefined) continue;
    assert.doesNotMatch(found, /invalid/, name);
    if (expected !== undefined && source[at]?.trim() !== "") assert.match(found, expected, `${name} at ${at}: ${JSON.stringify(source.slice(start, end).slice(0, 60))}`);
  }
}
