import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Segment } from "../../extension/core/jinja/runtime/template";
import { pointerSteps } from "../../extension/core/jsonl/pointer";
import type { RenderedPrompt } from "../../extension/core/template/environment";
import { haveFixtures } from "../support/fixtures";
import { Golden } from "../support/jinja/golden";

interface TracedRender {
  readonly name: string;
  readonly context: string;
  readonly source: string;
  readonly prompt: RenderedPrompt;
}

if (haveFixtures("renders of the reference")) {
  describe("the origins of every character of the golden prompts", () => {
    const golden = new Golden();
    let traced: TracedRender[] = [];
    before(() => {
      traced = golden.renders.flatMap(({ template, context, text }) => {
        if (text === undefined) return [];
        const parsed = golden.template(template);
        const prompt = golden.render(parsed, context, { provenance: true });
        return [{ name: `${template} × ${context}`, context, source: parsed.source, prompt }];
      });
    });

    it("are asked for without changing the prompt", () => {
      const texts = golden.renders.flatMap(({ text }) => text ?? []);
      const changed = traced.filter(({ prompt }, i) => prompt.text !== texts[i]);
      assert.deepEqual(changed.map(({ name }) => name), []);
    });

    it("cover it without gap or overlap", () => {
      for (const { name, prompt } of traced) {
        let at = 0;
        for (const { start, end } of prompt.segments ?? []) {
          assert.equal(start, at, name);
          assert.ok(end > start, name);
          at = end;
        }
        assert.equal(at, prompt.text.length, name);
      }
    });

    it("lie in the template", () => {
      for (const { name, source, prompt } of traced) {
        for (const { template: [start, end] } of prompt.segments ?? []) assert.ok(0 <= start && start <= end && end <= source.length, name);
      }
    });

    it("hold the very characters where they say so", () => {
      for (const { name, context, prompt } of traced) {
        for (const segment of prompt.segments ?? []) {
          if (segment.pointer === undefined || segment.source === undefined) continue;
          const written = stringAt(golden, context, segment.pointer);
          assert.equal(written?.slice(...segment.source), prompt.text.slice(segment.start, segment.end), `${name} ${segment.pointer}`);
        }
      }
    });

    it("attribute what messages say to the message that says it: at least 99.9 % of the characters", () => {
      let found = 0;
      let own = 0;
      const lost = new Map<string, number>();
      for (const { name, context, prompt } of traced) {
        for (const { text, pointer, at } of contentsOf(golden, context, prompt.text)) {
          const attributed = charactersFrom(prompt.segments ?? [], pointer, at, at + text.length);
          found += text.length;
          own += attributed;
          if (attributed < text.length) lost.set(name, (lost.get(name) ?? 0) + text.length - attributed);
        }
      }
      const worst = [...lost].sort((a, b) => b[1] - a[1]).slice(0, 10).map(([name, count]) => `${count} in ${name}`);
      assert.ok(own / found >= 0.999, `${own} of ${found} characters; lost: ${worst.join("; ")}`);
    });
  });
}

function stringAt(golden: Golden, context: string, pointer: string): string | undefined {
  let value: unknown = golden.contexts[context];
  for (const step of pointerSteps(pointer)) value = (value as Record<string, unknown> | undefined)?.[step];
  return typeof value === "string" ? value : undefined;
}

/** A text is only looked for where nothing else could have printed it. */
const DISTINCT = 8;

/** The contents of messages that stand in the prompt, each once, as they are written. */
function contentsOf(golden: Golden, context: string, prompt: string): { readonly text: string; readonly pointer: string; readonly at: number }[] {
  return (golden.contexts[context]?.messages ?? []).flatMap((message, i) => {
    const { content } = message as { readonly content?: unknown };
    // Thoughts are taken out and put in again, with tags that the template writes.
    if (typeof content !== "string" || content.trim().length < DISTINCT || content.includes("<think>")) return [];
    const text = content.trim();
    const at = prompt.indexOf(text);
    return at === -1 || prompt.includes(text, at + 1) ? [] : [{ text, pointer: `/messages/${i}/content`, at }];
  });
}

function charactersFrom(segments: readonly Segment[], pointer: string, from: number, to: number): number {
  let count = 0;
  for (const segment of segments) {
    const own = segment.pointer === pointer || segment.pointers?.includes(pointer) === true;
    if (own) count += Math.max(0, Math.min(to, segment.end) - Math.max(from, segment.start));
  }
  return count;
}
