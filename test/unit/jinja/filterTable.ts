import * as assert from "node:assert/strict";
import { JinjaError } from "../../../extension/core/jinja/errors";
import { compileTemplate } from "../../../extension/core/jinja/runtime/template";
import { fromJson } from "../../../extension/core/jinja/value/json";

/** A template and what Python makes of it: the output, or `Class: message`. */
export type Row = readonly [template: string, python: string];

/** The variables of all rows. */
const WORDS = ["alpha", "Beta", "gamma", "Delta", "alpha", "beta", "GAMMA", "x y", "zeta", "eta", "Theta"];
const LONG =
  "The quick brown fox jumps over the lazy dog. It's \"quoted\" and 'single'.\n" +
  "Second line with a verylongwordthatdoesnotfitanywhereatall-and-hyphens and 😀 emoji.\n\nLast";

function run(template: string, provenance: boolean): string {
  const variables = { words: fromJson(WORDS, ...(provenance ? ["/words"] : [])), long: fromJson(LONG, ...(provenance ? ["/long"] : [])) };
  try {
    return compileTemplate(template).render({ variables, provenance }).text;
  } catch (error) {
    if (error instanceof JinjaError) return `${error.type}: ${error.message}`;
    throw error;
  }
}

/** Renders each template, with and without provenance, which must not change what is printed. */
export function checkResults(rows: readonly Row[]): void {
  for (const [template, python] of rows) {
    assert.equal(run(template, false), python, template);
    assert.equal(run(template, true), python, `${template} (traced)`);
  }
}

/** As {@link checkResults}, for templates that end in an error. */
export const checkErrors = checkResults;
