import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { createHash } from "node:crypto";
import { JinjaLimitError } from "../../extension/core/jinja/errors";
import { readData } from "../../extension/cli/render/request";
import { type JinjaChatTemplate, parseChatTemplate } from "../../extension/core/template/environment";
import { TemplateRefusal } from "../../extension/core/template/renderer";
import { FIXTURES, filesBelow } from "../support/fixtures";
import { ExactJson, type Failure, judge, type Outcome, summarise } from "../support/jinja/case";
import { unitAt } from "../support/jinja/golden";
import { Random } from "../support/random";
import { DataGenerator } from "./data";
import { Grammar } from "./grammar";
import { knownDifference } from "./known";
import { minimise } from "./minimise";
import { mutate } from "./mutate";
import { type FuzzCase, NOW, Reference, type ReferenceAnswer } from "./reference";

export interface FuzzOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Stop after this many cases; without it, when the time is over. */
  readonly cases: number | undefined;
}

/** Of one kind of difference this many are made small and written. */
const WRITTEN_PER_KIND = 3;

/** Other texts are all of one kind until they are small. */
const WRITTEN_TEXTS = 60;

/** Renders random templates with both engines until the time is over. Returns the number of kinds of difference. */
export async function fuzz({ minutes, seed, cases }: FuzzOptions): Promise<number> {
  const random = new Random(seed);
  const fuzzer = new Fuzzer(random);
  await fuzzer.start();
  const end = Date.now() + minutes * 60_000;
  let nextReport = Date.now() + 60_000;
  while (Date.now() < end && (cases === undefined || fuzzer.done < cases)) {
    await fuzzer.step();
    if (Date.now() < nextReport) continue;
    nextReport = Date.now() + 60_000;
    console.log(fuzzer.line());
  }
  fuzzer.stop();
  console.log(summarise(fuzzer.failures, 60));
  console.log(fuzzer.line());
  return fuzzer.groups;
}

class Fuzzer {
  readonly failures: Failure[] = [];
  readonly #random: Random;
  readonly #grammar: Grammar;
  readonly #data: DataGenerator;
  readonly #corpus: readonly string[];
  readonly #reference = new Reference();
  readonly #known = new Map<string, number>();
  readonly #byKind = new Map<string, number>();
  done = 0;
  #more = 0;
  #skipped = 0;
  #rendered = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#grammar = new Grammar(random);
    this.#data = new DataGenerator(random);
    this.#corpus = filesBelow("templates").filter((file) => file.endsWith(".jinja")).map((file) => readFileSync(path.join(FIXTURES, "templates", file), "utf8"));
  }

  async start(): Promise<void> {
    await this.#reference.start();
    const { jinja2, python } = this.#reference.versions;
    console.log(`Jinja2 ${jinja2} on Python ${python}, ${this.#corpus.length} templates as corpus`);
  }

  stop(): void {
    this.#reference.stop();
  }

  get groups(): number {
    return new Set(this.failures.map(({ group }) => group)).size;
  }

  line(): string {
    const known = [...this.#known.values()].reduce((a, b) => a + b, 0);
    return `${this.done} cases, ${this.#rendered} rendered by both, ${this.#skipped} skipped, ${known} known differences, ${this.failures.length + this.#more} differences of ${this.groups} kinds`;
  }

  async step(): Promise<void> {
    const test = this.#makeCase();
    this.done++;
    const { failure, answer } = await this.#compare(test);
    if ("skip" in answer) this.#skipped++;
    if ("text" in answer && failure === undefined) this.#rendered++;
    if (failure === undefined) return;
    const reason = knownDifference({ test, answer, ours: outcomeOf(failure) }, this.#reference.versions) ?? (await this.#changing(test, answer));
    if (reason !== undefined) {
      this.#known.set(reason, (this.#known.get(reason) ?? 0) + 1);
      return;
    }
    const kind = kindOf(failure);
    const count = (this.#byKind.get(kind) ?? 0) + 1;
    this.#byKind.set(kind, count);
    if (count <= (kind === TEXT_KIND ? WRITTEN_TEXTS : WRITTEN_PER_KIND)) this.failures.push(await this.#write(test, failure));
    else this.#more++;
  }

  /** What a process of its own, with other memory addresses, prints otherwise depends on them: in other letters, sorted, … */
  async #changing(test: FuzzCase, answer: ReferenceAnswer): Promise<string | undefined> {
    const other = new Reference();
    const again = await other.render(test);
    other.stop();
    return "skip" in again || JSON.stringify(again) === JSON.stringify(answer) ? undefined : "the reference prints something else every time";
  }

  #makeCase(): FuzzCase {
    const random = this.#random;
    const source = random.int(3) === 0 ? mutate(random.pick(this.#corpus), this.#corpus, random, this.#grammar) : this.#grammar.template();
    const plain = random.int(8) === 0;
    const options = plain ? { trim_blocks: random.int(2) === 0, lstrip_blocks: random.int(2) === 0, keep_trailing_newline: random.int(2) === 0 } : {};
    const dataJson = this.#data.json();
    return { source, dataJson, data: JSON.parse(dataJson) as FuzzCase["data"], options };
  }

  async #compare(test: FuzzCase): Promise<{ readonly failure: Failure | undefined; readonly answer: ReferenceAnswer }> {
    const answer = await this.#reference.render(test);
    if ("skip" in answer) return { failure: undefined, answer };
    const failure = judge({ suite: "fuzz", name: test.source.slice(0, 160), expected: expectedOf(answer), messageLimit: 2000, run: () => renderOurs(test) ?? expectedOf(answer) });
    return { failure, answer };
  }

  /** Makes the case small and writes it down. */
  async #write(test: FuzzCase, failure: Failure): Promise<Failure> {
    const stillFails = async (source: string): Promise<boolean> => {
      const attempt = await this.#compare({ ...test, source });
      return attempt.failure !== undefined && kindOf(attempt.failure) === kindOf(failure);
    };
    const source = await minimise(test.source, stillFails);
    const small = { ...test, source };
    const { failure: found, answer } = await this.#compare(small);
    const smallFailure = { ...(found ?? failure), group: groupOf(found ?? failure, source) };
    const folder = path.resolve("out/fuzz");
    mkdirSync(folder, { recursive: true });
    const name = createHash("sha256").update(source + test.dataJson).digest("hex").slice(0, 12);
    const record = { source, options: test.options, data: test.data, reference: answer, group: smallFailure.group, detail: smallFailure.detail };
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(record, undefined, 1)}\n`);
    return smallFailure;
  }
}

const TEXT_KIND = "text";

/** Which differences a small case may stand for. */
function kindOf({ group }: Failure): string {
  return group.startsWith("text: ") ? TEXT_KIND : group;
}

/** A small case whose text differs is named after the words of the language in it. */
function groupOf(failure: Failure, source: string): string {
  if (kindOf(failure) !== TEXT_KIND) return failure.group;
  const words = source.match(/(?<=\{%[-+]?\s*)\w+|(?<=\|\s*)\w+|(?<=\.)[a-z]\w+/g) ?? [];
  return `text: ${[...new Set(words)].sort().join(" ")}`;
}

function expectedOf(answer: Exclude<ReferenceAnswer, { readonly skip: string }>): Outcome {
  if ("error" in answer) return answer;
  return { text: answer.text, generation: answer.generation?.map(([start, end]) => [unitAt(answer.text, start), unitAt(answer.text, end)] as const) };
}

/** What ours made of the case that failed. */
function outcomeOf({ test }: Failure): Outcome {
  try {
    return test.run();
  } catch (error) {
    return { error: "Error", message: String(error) };
  }
}

/** Undefined where a bound of the engine was reached that Python does not have. */
function renderOurs({ source, dataJson, options }: FuzzCase): Outcome | undefined {
  try {
    const template = parseChatTemplate(source, {
      name: "fuzz",
      now: Date.parse(NOW),
      trimBlocks: options.trim_blocks,
      lstripBlocks: options.lstrip_blocks,
      keepTrailingNewline: options.keep_trailing_newline,
    });
    const { text, generation } = template.renderPlain(new ExactJson(dataJson).variables(""));
    checkProvenance(template, dataJson, text);
    return { text, generation };
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) throw error;
    if (error.cause instanceof JinjaLimitError) return undefined;
    return { error: error.type, message: error.message };
  }
}

/** Tracing origins must not change what is printed, and must account for every character. */
function checkProvenance(template: JinjaChatTemplate, dataJson: string, text: string): void {
  const traced = template.renderPlain(readData(dataJson, true).variables, { provenance: true });
  if (traced.text !== text) throw new Error("with provenance the text is another");
  let at = 0;
  for (const { start, end } of traced.segments ?? []) {
    if (start !== at || end <= start) throw new Error("the segments have a gap or overlap");
    at = end;
  }
  if (at !== text.length) throw new Error("the segments end before the text");
}
