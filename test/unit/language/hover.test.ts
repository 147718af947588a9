import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { traceRow } from "../../../extension/core/analysis/rowTrace";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { RowSource } from "../../../extension/core/jsonl/rowSource";
import { hoverAt, type RowHover } from "../../../extension/core/language/dataset/hover";
import { hoverMarkdown } from "../../../extension/core/language/dataset/hoverText";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { promptModel } from "../../support/promptModel";
import { marked } from "./marked";

let model: PromptModel;
before(async () => {
  model = await promptModel();
});

function hover(row: string): RowHover | undefined {
  const { text, offset } = marked(row);
  return hoverAt(traceRow(new RowSource(text), model, DEFAULT_FIELDS), offset, { prompts: model, verdicts: undefined });
}

/** The prompt at the cursor, the place marked with brackets. */
function shown(found: RowHover | undefined): string | undefined {
  return typeof found?.prompt === "object" ? `${found.prompt.before}[${found.prompt.marked}]${found.prompt.after}` : found?.prompt;
}

/** The characters that the hover is about. */
function covered(row: string): string {
  const { text } = marked(row);
  const span = hover(row)?.span;
  return span === undefined ? "" : text.slice(span.start, span.end);
}

void describe("the hover of a dataset", () => {
  void it("shows the prompt around the character, its token, and whether it is trained on", () => {
    const row = `{"messages":[{"role":"user","content":"Hi th$0ere"},{"role":"assistant","content":"Hello"}]}`;
    const found = hover(row);
    assert.match(shown(found) ?? "", /^<\|begin\|><\|user\|>.*\[.*e.*\].*<\|end\|><\|assistant\|>Hello<\|end\|>$/);
    assert.equal(found?.token?.trained, false);
    assert.equal(found.token.special, false);
    assert.deepEqual(found.turn, { role: "user", index: 0, count: 2, variant: undefined });
    assert.equal(found.token.text, model.tokenizer.decode([found.token.id]));
    assert.equal(found.counts.length, 1);
    assert.equal(found.counts[0]?.tokens, model.tokenizer.count("<|begin|><|user|>Hi there<|end|><|assistant|>Hello<|end|>", { specialTokens: false }));
    assert.equal(hover(`{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"He$0llo"}]}`)?.token?.trained, true);
  });

  void it("names a token by what it stands for, with every space in it to be seen", () => {
    const markdown = (row: string): string => {
      const found = hover(row);
      return found === undefined ? "" : hoverMarkdown(found, { row: 1, maxLength: undefined, selectModel: "", number: String });
    };
    const rowOf = (content: string): string => `{"messages":[{"role":"user","content":"${content}"},{"role":"assistant","content":"x"}]}`;
    assert.match(markdown(rowOf("the $0chain")), /Token `␣c\w*` · id \*\*\d+\*\* · \d bytes `20 63/);
    assert.match(markdown(rowOf("one\\$0ntwo")), /Token `↵` · id \*\*\d+\*\* · 1 byte `0A`/);
    assert.match(markdown(rowOf("a$0😀")), /Token, a part of a character · id \*\*\d+\*\* · \d bytes? `F0/);
  });

  void it("covers a character with the whole of its escape", () => {
    assert.equal(covered(`{"messages":[{"role":"user","content":"a\\u$000e9b"},{"role":"assistant","content":"x"}]}`), "\\u00e9");
    assert.equal(covered(`{"messages":[{"role":"user","content":"a\\$0nb"},{"role":"assistant","content":"x"}]}`), "\\n");
  });

  void it("finds the place of a role and of a whole turn", () => {
    assert.match(shown(hover(`{"messages":[{"role":"us$0er","content":"Hi"},{"role":"assistant","content":"x"}]}`)) ?? "", /<\|begin\|>\[?/);
    assert.match(shown(hover(`{"messages":[$0{"role":"user","content":"Hi"},{"role":"assistant","content":"x"}]}`)) ?? "", /\[Hi\]|\[user\]/);
  });

  void it("says so where the template leaves something out", () => {
    assert.equal(hover(`{"messages":[{"role":"user","content":"Hi","name":"An$0n"},{"role":"assistant","content":"x"}]}`)?.prompt, "dropped");
  });

  void it("shows the token that a number of a tokenized row stands for, between its neighbours", () => {
    const ids = [...model.tokenizer.encode("Hello there", { specialTokens: false }).ids];
    const found = hover(`{"input_ids":[${ids[0]!},$0${ids.slice(1).join(",")}],"labels":[-100,${ids.slice(1).join(",")}]}`);
    assert.equal(shown(found), `${model.tokenizer.decode(ids.slice(0, 1))}[${model.tokenizer.decode(ids.slice(1, 2))}]${model.tokenizer.decode(ids.slice(2))}`);
    assert.deepEqual([found?.token?.id, found?.token?.index, found?.token?.trained], [ids[1], 1, true]);
    assert.equal(hover(`{"input_ids":[$0${ids[0]!}],"labels":[-100]}`)?.token?.trained, false);
    assert.equal(hover(`{"input_ids":[1],"attention_mask":[$01]}`)?.prompt, undefined);
  });

  void it("says why there is no prompt", () => {
    const found = hover(`{"messages":[{"role":"user","content":"H$0i"},{"role":"tool","content":"r"},{"role":"assistant","content":"x"}]}`);
    assert.equal(found?.prompt, undefined);
    assert.equal(found?.missing?.kind, "refused");
  });

  void it("knows which answer of a preference row it is about", () => {
    const found = hover(`{"prompt":"q","chosen":"good","rejected":"b$0ad"}`);
    assert.match(shown(found) ?? "", /<\|user\|>q<\|end\|><\|assistant\|>.*\[.*a.*\]/);
    assert.equal(found?.turn?.variant, "rejected");
    assert.deepEqual(found.counts.map(({ variant }) => variant), ["chosen", "rejected"]);
  });

  void it("shows a bounded part of a long prompt", () => {
    const long = "line\\n".repeat(2000);
    const found = hover(`{"messages":[{"role":"user","content":"${long}here $0is it${long}"},{"role":"assistant","content":"x"}]}`);
    const text = shown(found) ?? "";
    assert.ok(text.length < 700, String(text.length));
    assert.ok(text.split("\n").length <= 14, text);
    assert.ok(typeof found?.prompt === "object" && !found.prompt.fromStart && !found.prompt.toEnd);
  });

  void it("is Markdown that data cannot break out of", () => {
    const evil = "``` [x](command:evil) ````` $(bug) <b>  & </code>";
    const found = hover(`{"messages":[{"role":"user","content":"${evil}$0 "},{"role":"assistant","content":"x"}]}`);
    assert.ok(found !== undefined);
    const markdown = hoverMarkdown(found, { row: 3, maxLength: 5, selectModel: "", number: String });
    const inside = /<p><code>(.*)<\/code><\/p>/.exec(markdown)?.[1] ?? "";
    assert.ok(inside.includes("command:evil"));
    assert.ok(!markdown.replace(inside, "").includes("command:evil"), markdown);
    const text = inside.replaceAll(/<[^<>]*>/g, "").replaceAll("&nbsp;", " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
    assert.ok(typeof found.prompt === "object");
    assert.equal(text, found.prompt.before + found.prompt.marked + found.prompt.after);
    assert.match(markdown, /^\*\*user\*\*, turn 1 of 2 · row 3 · \d+ tokens, \d+ trained, \d+ over the limit of 5/);
  });
});
