import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { errorFindings, unknownFilters } from "../../extension/core/language/template/findings/errors";
import { foldsOf } from "../../extension/core/language/template/folding";
import { hoverTargetAt } from "../../extension/core/language/template/hoverTarget";
import { liveValues } from "../../extension/core/language/template/liveValues";
import type { OutlineEntry } from "../../extension/core/language/template/outline";
import { outlineOf } from "../../extension/core/language/template/outline";
import { renamingAt } from "../../extension/core/language/template/references";
import { TemplateText } from "../../extension/core/language/template/templateText";
import { parseForCompiler } from "../../extension/core/jinja/runtime/template";
import { parseTemplate } from "../../extension/core/jinja/syntax/parser";
import { parseChatTemplate } from "../../extension/core/template/environment";
import { TemplateRefusal } from "../../extension/core/template/renderer";
import { inputOfSample } from "../../extension/core/template/samples/sample";
import { SAMPLES } from "../../extension/core/template/samples/samples";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";
import { Random } from "../support/random";

const TOKENS = { bos_token: "<s>", eos_token: "</s>" };

/** Every so many templates are gone through where each takes many renders. */
const STRIDE = 16;

if (haveFixtures("chat templates")) {
  const names = filesBelow("templates").filter((file) => file.endsWith(".jinja"));
  const sources = new Map(names.map((name) => [name, readFileSync(path.join(FIXTURES, "templates", name), "utf8")]));

  describe("the language features on real templates", () => {
    it(`see no syntax error in any of ${names.length}, and no unknown filter but one`, () => {
      assert.ok(names.length >= 258);
      const unknown = new Set<string>();
      for (const [name, source] of sources) {
        assert.deepEqual(errorFindings(parseForCompiler(source).errors, source), [], name);
        for (const { message } of unknownFilters(parseTemplate(source).tree)) unknown.add(message);
      }
      // transformers does not have it either: these templates are for another engine, and say so in a branch.
      assert.deepEqual([...unknown], ["No filter named 'from_json'."]);
    });

    it("nest outlines and order folds", () => {
      for (const [name, source] of sources) {
        const template = new TemplateText(source);
        assertNested(outlineOf(template), { start: 0, end: source.length }, name);
        const lines = source.split(/\r\n|\r|\n/).length;
        for (const { startLine, endLine } of foldsOf(template)) assert.ok(startLine < endLine && endLine < lines, name);
      }
    });

    it("rename without changing a prompt", () => {
      let renamed = 0;
      for (const [at, [name, source]] of [...sources].entries()) {
        if (at % STRIDE !== 0) continue;
        const template = new TemplateText(source);
        const before = rendersOf(source);
        for (const variable of template.names.all()) {
          const [use] = variable.uses;
          if (use === undefined || renamingAt(template, use.start).kind === "refused") continue;
          let text = source;
          for (const span of variable.uses.toReversed()) {
            assert.equal(source.slice(span.start, span.end), variable.name, name);
            text = `${text.slice(0, span.start)}renamed_variable${text.slice(span.end)}`;
          }
          assert.deepEqual(rendersOf(text).map(withoutNames), before.map(withoutNames), `${name}: ${variable.name}`);
          renamed++;
        }
      }
      assert.ok(renamed > 40, `only ${renamed} variables were renamed`);
    });

    it("watch values without changing what happens", () => {
      const random = new Random(20261128);
      let seen = 0;
      for (const [at, [name, source]] of [...sources].entries()) {
        if (at % STRIDE !== 1) continue;
        const template = new TemplateText(source);
        for (let i = 0; i < 20; i++) {
          const target = hoverTargetAt(template, random.int(source.length));
          if (target?.watch === undefined) continue;
          const sample = SAMPLES[0];
          const input = inputOfSample(sample, TOKENS);
          const values = liveValues(source, target.watch, input, 0);
          const [outcome] = rendersOf(source);
          assert.equal(values.error === undefined, outcome?.startsWith("prompt") === true, `${name}: ${source.slice(target.span.start, target.span.end)}: ${values.error ?? ""}`);
          seen += values.count;
        }
      }
      assert.ok(seen > 80, `only ${seen} values were seen`);
    });
  });
}

function assertNested(entries: readonly OutlineEntry[], within: { readonly start: number; readonly end: number }, name: string): void {
  for (const { span, selection, children } of entries) {
    assert.ok(within.start <= span.start && span.end <= within.end, name);
    assert.ok(span.start <= selection.start && selection.end <= span.end, name);
    assertNested(children, span, name);
  }
}

/** What comes of every sample. */
function rendersOf(source: string): string[] {
  const template = parseChatTemplate(source, { name: "template", now: 0 });
  return SAMPLES.map((sample) => {
    try {
      return `prompt ${template.render(inputOfSample(sample, TOKENS))}`;
    } catch (error) {
      if (!(error instanceof TemplateRefusal)) throw error;
      return `${error.type}: ${error.message}`;
    }
  });
}

/** Messages about undefined variables name them. */
function withoutNames(outcome: string): string {
  return outcome.startsWith("prompt") ? outcome : outcome.replaceAll(/'\w+'/g, "'…'");
}
