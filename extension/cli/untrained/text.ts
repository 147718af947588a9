import type { PlacedTraining } from "../../core/training/placedTraining";
import { describeTraining } from "../../core/training/trainingConfig";
import type { Severity } from "../../core/rules/rule";
import type { RowKind } from "../../core/weights/verdict/judge";
import { TokenDisplay } from "../../core/weights/verdict/tokenDisplay";
import { noteText } from "../../core/weights/verdict/trainer/notes";
import type { ModelVerdicts } from "../../node/weights/modelVerdicts";
import { displayWidth, fit, padEnd, padStart, visible, wrap } from "../terminal/display";
import type { Style } from "../terminal/style";
import { count, counted, duration } from "../terminal/units";

/** How many lines of tokens a section has; a line may stand for many tokens in a row. */
const SHOWN_LINES = 12;
const SHOWN_SUSPECTS = 8;

export interface UntrainedTextOptions {
  readonly style: Style;
  readonly columns: number;
  readonly seconds: number;
  /** What the project that the command is run in says of how such a model is trained. */
  readonly training: readonly PlacedTraining[];
}

/** A group of tokens that the same is to be said of. */
interface Section {
  readonly kind: RowKind;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
}

const SECTIONS: readonly Section[] = [
  { kind: "no-row", severity: "error", title: "without a row", why: "The matrix ends before their ids, so using one reads outside of it." },
  { kind: "non-finite", severity: "error", title: "with infinite values or NaN", why: "One of them in a batch makes the loss NaN." },
  { kind: "zero", severity: "error", title: "untrained", why: "No value of their input rows is above 1e-16. A run that uses one and does not train embed_tokens and lm_head ends in NaN, or the model never learns the token." },
  { kind: "zero-output", severity: "warning", title: "never trained as output", why: "Their input rows are trained, but no value of their output rows is above 1e-16: all are zero or negative." },
  { kind: "near-zero", severity: "warning", title: "near zero", why: "The norms of their input rows are less than a hundredth of what 98 % of the tokens have." },
];

/** The report for people, in lines of at most `columns`. */
export function untrainedText(model: ModelVerdicts, options: UntrainedTextOptions): string {
  return new UntrainedText(model, options).blocks().map((lines) => `${lines.join("\n")}\n`).join("\n");
}

class UntrainedText {
  readonly #model: ModelVerdicts;
  readonly #options: UntrainedTextOptions;
  readonly #display: TokenDisplay;

  constructor(model: ModelVerdicts, options: UntrainedTextOptions) {
    this.#model = model;
    this.#options = options;
    this.#display = new TokenDisplay(model.vocabulary);
  }

  blocks(): readonly (readonly string[])[] {
    const sections = SECTIONS.map((section) => ({ section, ids: this.#idsOf(section.kind) })).filter(({ ids }) => ids.length > 0);
    const blocks = [this.#head(), ...sections.map(({ section, ids }) => this.#section(section, ids))];
    if (sections.length === 0) blocks.push([this.#options.style.good("Every token's rows are trained.")]);
    return [...blocks, this.#padding(), this.#suspects(), this.#noToken(), this.#trainers(), this.#project(), this.#end()].filter((lines) => lines.length > 0);
  }

  #head(): string[] {
    const { name, report, dtype, input, output } = this.#model;
    const { style } = this.#options;
    const matrices = [["input", input], ["output", output ?? input]] as const;
    const tied = report.tied ? ", tied" : "";
    const shape = `${counted(report.rows, "row")} of ${count(report.columns)} values, ${visible(dtype)}${tied}`;
    const oneLine = displayWidth(name) + 2 + displayWidth(shape) <= this.#options.columns;
    return [
      ...(oneLine ? [`${style.strong(visible(name))}  ${shape}`] : [style.strong(this.#fit(name)), ...this.#wrapped(shape)]),
      ...matrices.slice(0, report.tied ? 1 : 2).map(([what, { file, tensor }]) => style.faint(this.#fit(`  ${padEnd(what, 6)}  ${tensor} in ${file}`))),
    ];
  }

  #section({ kind, severity, title, why }: Section, ids: readonly number[]): string[] {
    const headline = this.#headline(severity, `${counted(ids.length, "token")} ${title}`);
    return [...headline, ...this.#wrapped(why), ...(kind === "zero" ? this.#notCounted(ids) : []), ...this.#ranges(ids)];
  }

  #headline(severity: Severity, title: string): string[] {
    const { style, columns } = this.#options;
    const indent = " ".repeat(severity.length + 2);
    const lines = wrap(title, columns - indent.length, "").split("\n");
    return lines.map((line, i) => (i === 0 ? `${style.severity[severity](severity)}  ${style.strong(line)}` : indent + style.strong(line)));
  }

  /** Which of the untrained ones Unsloth's rule leaves out, and why. */
  #notCounted(ids: readonly number[]): string[] {
    const { unsloth, exempt } = this.#model.report;
    const counted = new Set([...unsloth, ...exempt]);
    const trainedOutput = ids.filter((id) => !counted.has(id));
    const because: string[] = [];
    if (exempt.length > 0) because.push(`${this.#named(exempt)}, because of what the tokenizer uses ${exempt.length === 1 ? "it" : "them"} for`);
    if (trainedOutput.length > 0) because.push(`${this.#named(trainedOutput)}, whose output ${trainedOutput.length === 1 ? "row is" : "rows are"} trained`);
    return because.length === 0 ? [] : this.#wrapped(`Unsloth does not count ${because.join("; nor ")}.`);
  }

  #named(ids: readonly number[]): string {
    const shown = ids.slice(0, 3).map((id) => `${visible(this.#display.of(id))} (${id})`);
    const rest = ids.length - shown.length;
    return rest > 0 ? `${shown.join(", ")} and ${count(rest)} more` : shown.join(shown.length === 2 ? " and " : ", ");
  }

  /** Neighbours on one line. */
  #ranges(ids: readonly number[]): string[] {
    const runs = runsOf(ids);
    const shown = runs.slice(0, SHOWN_LINES);
    const places = shown.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
    const width = Math.max(...places.map((place) => place.length));
    const lines = shown.map(([first, last], i) => {
      const tokens = first === last ? this.#display.of(first) : `${this.#display.of(first)} … ${this.#display.of(last)}`;
      return this.#fit(`  ${padEnd(places[i] ?? "", width)}  ${tokens}`);
    });
    const rest = runs.slice(SHOWN_LINES).reduce((sum, [first, last]) => sum + last - first + 1, 0);
    return rest === 0 ? lines : [...lines, this.#options.style.faint(`  … ${count(rest)} more; --format json lists all`)];
  }

  /** An untrained row that no loss depends on. */
  #padding(): string[] {
    const { special, verdicts } = this.#model;
    if (special.pad === undefined || verdicts.kinds.of(special.pad) !== "zero") return [];
    return this.#wrapped(`The padding token ${this.#named([special.pad])} is untrained too, which does no harm: padding is left out of the loss.`, "");
  }

  #suspects(): string[] {
    const { suspects, threshold, indicator } = this.#model.report;
    const tail = suspects.filter(({ id }) => this.#model.verdicts.kinds.of(id) === "tail");
    if (tail.length === 0) return [];
    const what = indicator.kind === "l2" ? "The norms of their input rows are" : "The distances of their output rows to rows that were never trained are";
    const shown = tail.slice(0, SHOWN_SUSPECTS);
    const idWidth = Math.max(...shown.map(({ id }) => String(id).length));
    const values = shown.map(({ indicator: value }) => value.toPrecision(3));
    const valueWidth = Math.max(...values.map((value) => value.length));
    return [
      ...this.#headline("hint", `${counted(tail.length, "token")} possibly under-trained`),
      ...this.#wrapped(`${what} among the lowest 2 %, up to ${threshold.toPrecision(3)}. That is a reason to look, no more. The lowest:`),
      ...shown.map(({ id }, i) => this.#fit(`  ${padStart(String(id), idWidth)}  ${padStart(values[i] ?? "", valueWidth)}  ${this.#display.of(id)}`)),
    ];
  }

  #noToken(): string[] {
    const { noToken } = this.#model.report;
    const [first] = noToken;
    const last = noToken.at(-1);
    if (first === undefined || last === undefined) return [];
    const where = noToken.length === last - first + 1 ? (first === last ? `${first}` : `${first}–${last}`) : `between ${first} and ${last}`;
    return this.#wrapped(`${counted(noToken.length, "row")} without a token (${where}), which only ${noToken.length === 1 ? "fills" : "fill"} the matrix up.`, "");
  }

  #trainers(): string[] {
    const { report, verdicts } = this.#model;
    const [example] = report.unsloth;
    if (example === undefined) return [];
    const notes = verdicts.explainToken(example).trainers;
    const unsloth = notes.filter(({ trainer }) => trainer === "unsloth").slice(-2);
    const others = notes.filter(({ trainer }) => trainer !== "unsloth");
    return [
      ...this.#wrapped("When data uses an untrained token and embed_tokens is not trained", "").map((line) => this.#options.style.strong(line)),
      ...[...unsloth, ...others].flatMap((note) => this.#wrapped(noteText(note), "    ").map((line, i) => (i === 0 ? `  - ${line.slice(4)}` : line))),
    ];
  }

  #project(): string[] {
    const { training, style } = this.#options;
    if (training.length === 0 || this.#model.report.zeroInput.length === 0) return [];
    const told = training.flatMap(({ name, config }) => this.#wrapped(visible(`${name} ${describeTraining(config)}.`), "    ").map((line, i) => this.#fit(i === 0 ? `  - ${line.slice(4)}` : line)));
    return [style.strong("Here"), ...told];
  }

  #end(): string[] {
    const { report, verdicts, notes } = this.#model;
    const { style, seconds } = this.#options;
    const [example] = report.zeroInput;
    const advice = example === undefined ? undefined : verdicts.explainToken(example).advice;
    return [
      ...notes.flatMap((note) => this.#wrapped(visible(note), "")),
      ...(advice === undefined ? [] : this.#wrapped(advice, "")),
      style.faint(`${counted(report.rows, "row")} looked at in ${duration(seconds)}.`),
    ];
  }

  #idsOf(kind: RowKind): number[] {
    const { report, verdicts } = this.#model;
    const lists: Partial<Record<RowKind, readonly number[]>> = { "no-row": report.noRow, "non-finite": report.nonFinite, zero: report.zeroInput, "zero-output": report.zeroOutput, "near-zero": report.nearZero };
    return (lists[kind] ?? []).filter((id) => verdicts.kinds.of(id) === kind && verdicts.kinds.severityOf(id) !== "info");
  }

  #wrapped(text: string, indent = "  "): string[] {
    return wrap(text, this.#options.columns - indent.length, "").split("\n").map((line) => indent + line);
  }

  #fit(text: string): string {
    return fit(text, this.#options.columns);
  }
}

/** Neighbours up to this many are told one by one: what stands between the first and the last of more is clear mostly. */
const SHORT_RUN = 3;

/** Ascending ids as runs of neighbours; those that are short are taken apart. */
function runsOf(ids: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const runs: [number, number][] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  return runs.flatMap(([first, last]) => (last - first < SHORT_RUN ? Array.from({ length: last - first + 1 }, (_, i): [number, number] => [first + i, first + i]) : [[first, last]]));
}
