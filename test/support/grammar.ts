import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type * as Oniguruma from "vscode-oniguruma";
import type * as Textmate from "vscode-textmate";
import { root } from "./paths";

// Both packages are CommonJS and find their parts beside themselves.
const load = createRequire(path.join(root, "package.json"));
const textmate = load("vscode-textmate") as typeof Textmate;
const oniguruma = load("vscode-oniguruma") as typeof Oniguruma;

/** A stretch `[start, end)` of one line with its scopes, the outermost first. */
export interface ScopedToken {
  readonly start: number;
  readonly end: number;
  readonly scopes: readonly string[];
}

/** Loads a grammar of `syntaxes/` with the engine that VS Code colours with. */
export async function loadGrammar(file: string): Promise<Textmate.IGrammar> {
  const wasm = readFileSync(load.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const content = readFileSync(path.join(root, "syntaxes", file), "utf8");
  const raw = textmate.parseRawGrammar(content, file);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => Promise.resolve(scope === raw.scopeName ? raw : null),
  });
  const grammar = await registry.loadGrammar(raw.scopeName);
  if (grammar === null) throw new Error(`${file} holds no grammar`);
  return grammar;
}

/** The tokens of a text, line by line. Lines end at LF or CRLF, which belong to none. */
export function tokenizeText(grammar: Textmate.IGrammar, text: string): { readonly line: string; readonly tokens: readonly ScopedToken[] }[] {
  let state = textmate.INITIAL;
  return text.split(/\r\n|\n|\r/).map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return {
      line,
      tokens: tokens.map(({ startIndex, endIndex, scopes }) => ({ start: startIndex, end: Math.min(endIndex, line.length), scopes })),
    };
  });
}
