import { messageOf } from "../../base/errors";
import type { NoPrompt, PromptDiff, PromptNote, PromptPlaces, TokenDetails } from "../../protocol/webview/promptData";
import { fieldsFrom } from "../dataset/fields";
import { readSample } from "../dataset/formats";
import { isObject } from "../dataset/values";
import { RowSource } from "../jsonl/rowSource";
import { engineDiffers } from "../template/secondOpinion";
import { comparePrompts } from "./comparePrompts";
import type { XrayAnswer, XrayPlace, XrayRange, XrayRequest } from "./contract";
import { describePlace, findRowRange, findTemplateRange } from "./describe";
import { type RenderedSide, type Subject, TemplateCache, type XrayModel, renderSide } from "./renderSide";
import { sentPrompt } from "./sentPrompt";

/** The prompts of one X-ray: what was rendered last, and the answers to what is asked about it. */
export class XraySession {
  readonly #templates = new TemplateCache();
  #source = new RowSource("{}");
  #sides: { readonly version: number; readonly left: RenderedSide; readonly right: RenderedSide | undefined } | undefined;

  /** Renders both sides. @param models those of the request's sides */
  render(request: XrayRequest, models: { readonly left: XrayModel | undefined; readonly right: XrayModel | undefined }): XrayAnswer {
    const subject = this.#subject(request);
    if ("problem" in subject) {
      this.#sides = undefined;
      const left: NoPrompt = { kind: "none", source: { template: null, model: models.left?.name ?? null }, notes: [{ severity: "info", text: subject.problem, action: null }], place: null };
      return { base: null, left, right: null, diff: null, variants: [], toolsAvailable: false, highlights: null };
    }
    const left = renderSide(subject.chosen, request.left, models.left, request, this.#templates);
    const right = request.right === null ? undefined : renderSide(subject.chosen, request.right, models.right, request, this.#templates);
    const before = this.#sides?.version === request.base ? this.#sides : undefined;
    this.#sides = { version: request.version, left, right };
    const toolsAvailable = subject.chosen.kind === "conversation" && (subject.chosen.conversation.tools?.length ?? 0) > 0;
    const highlights = request.cursor === null ? null : this.find(request.version, request.cursor);
    const sent = {
      base: before === undefined ? null : before.version,
      left: sentPrompt(left.result, before?.left.result),
      right: right === undefined ? null : sentPrompt(right.result, before?.right?.result),
    };
    return { ...sent, diff: diffOf(left, right), variants: subject.variants, toolsAvailable, highlights };
  }

  /** What transformers.js does otherwise with the left side's conversation. */
  opinion(version: number): PromptNote | null {
    const left = this.#sides?.version === version ? this.#sides.left : undefined;
    if (left?.template === undefined || left.input === undefined || left.trace === undefined) return null;
    const difference = engineDiffers(left.template, left.input, left.trace.text);
    if (difference === undefined) return null;
    if (difference.kind === "refuses") {
      return { severity: "warning", text: `transformers.js (@huggingface/jinja) cannot render this: ${difference.message}`, action: "compareEngine" };
    }
    const { at, expected, found } = difference;
    const text = `transformers.js (@huggingface/jinja) renders this differently from character ${at + 1}: ${quoted(found)} instead of ${quoted(expected)}.`;
    return { severity: "warning", text, action: "compareEngine" };
  }

  describe({ version, side, offset }: XrayPlace): TokenDetails | null {
    const rendered = this.#sides?.version === version ? this.#sides[side] : undefined;
    return rendered === undefined ? null : describePlace(rendered, this.#source, offset);
  }

  find(version: number, { in: place, range }: XrayRange): PromptPlaces | null {
    const sides = this.#sides;
    if (sides?.version !== version) return null;
    const find = (side: RenderedSide | undefined): PromptPlaces["left"] => {
      if (side?.trace === undefined) return [];
      return place === "row" ? findRowRange(side.trace, this.#source, range) : findTemplateRange(side.trace, range);
    };
    // The editors show the left side's template.
    return { left: find(sides.left), right: place === "row" ? find(sides.right) : [] };
  }

  #subject({ row, fields, variant }: XrayRequest): { readonly chosen: Subject; readonly variants: readonly string[] } | { readonly problem: string } {
    // What was read of the row serves as long as it is the same.
    if (this.#source.text !== row.text || this.#source.plain !== row.plain) this.#source = new RowSource(row.text, { plain: row.plain });
    const source = this.#source;
    if (row.plain) return { chosen: { source, kind: "text", text: { text: row.text, pointer: "" } }, variants: [""] };
    if (row.text.trim() === "") return { problem: "The cursor is in an empty line. Move it into a row." };
    let value;
    try {
      value = source.value;
    } catch (error) {
      return { problem: `The row is not JSON: ${source.parsed.problems[0]?.message ?? messageOf(error)}` };
    }
    const sample = isObject(value) ? readSample(value, fieldsFrom(fields)) : undefined;
    if (sample === undefined) return { problem: "No training format has the keys of this row, so there is no conversation to render." };
    const texts: Subject[] = sample.text === undefined ? [] : [{ source, kind: "text", text: sample.text }];
    const subjects: readonly Subject[] = [...texts, ...sample.conversations.map((conversation) => ({ source, kind: "conversation", conversation }) as const)];
    const chosen = subjects[variant] ?? subjects[0];
    if (chosen === undefined) return { problem: "The row holds no conversation." };
    return { chosen, variants: subjects.map((subject) => (subject.kind === "conversation" ? (subject.conversation.variant ?? "") : "text")) };
  }
}

function diffOf(left: RenderedSide, right: RenderedSide | undefined): PromptDiff | null {
  if (right === undefined || left.result.kind !== "prompt" || right.result.kind !== "prompt") return null;
  return comparePrompts(left.result, right.result, left.tokenizer === right.tokenizer);
}

function quoted(text: string): string {
  return text === "" ? "its end" : JSON.stringify(text);
}
