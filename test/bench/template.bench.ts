import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { JsonValue } from "../../extension/core/dataset/conversation";
import { JinjaChatTemplate } from "../../extension/core/template/environment";
import { parseTemplate } from "../../extension/core/jinja/syntax/parser";
import { parseWithHfJinja } from "../../extension/core/template/hfJinja";
import type { ChatTemplate, RenderInput } from "../../extension/core/template/renderer";
import { FIXTURES } from "../support/fixtures";
import { Golden } from "../support/jinja/golden";

/** One render that every engine can do, and does alike. */
interface Job {
  readonly source: string;
  readonly input: RenderInput;
  readonly ours: JinjaChatTemplate;
  readonly theirs: ChatTemplate;
}

/** Processor time that each measurement takes at least, after as long a warm-up: on a busy machine the clock measures the others. */
const SECONDS = 2;

/** Renders a second of processor time with parsed templates, on the goldens that all engines render: ours, `@huggingface/jinja`, CPython's Jinja2; and how fast they parse. */
export async function bench(): Promise<void> {
  const jobs = commonJobs();
  console.log(`  ${jobs.length} renders of ${new Set(jobs.map(({ source }) => source)).size} templates`);
  const ours = rate("ours", jobs.length, () => {
    for (const { ours: template, input } of jobs) template.render(input);
  });
  const traced = rate("ours, with provenance", jobs.length, () => {
    for (const { ours: template, input } of jobs) template.renderInput(input, { provenance: true });
  });
  const theirs = rate("@huggingface/jinja", jobs.length, () => {
    for (const { theirs: template, input } of jobs) template.render(input);
  });
  const python = pythonRate(jobs);
  console.log(`  ours / @huggingface/jinja  ${(ours / theirs).toFixed(2)}    with provenance ${(traced / theirs).toFixed(2)}`);
  if (python !== undefined) console.log(`  ours / CPython's Jinja2    ${(ours / python).toFixed(2)}    with provenance ${(traced / python).toFixed(2)}`);
  const sources = [...new Set(jobs.map(({ source }) => source))];
  const compile = rate("parse and compile: ours", sources.length, () => {
    for (const source of sources) new JinjaChatTemplate(source, { name: "bench" });
  });
  const parse = rate("parse: ours", sources.length, () => {
    for (const source of sources) parseTemplate(source);
  });
  const parseTheirs = rate("parse: @huggingface/jinja", sources.length, () => {
    for (const source of sources) parseWithHfJinja(source, { name: "bench" });
  });
  console.log(`  ours / @huggingface/jinja  ${(parse / parseTheirs).toFixed(2)}    compiled too ${(compile / parseTheirs).toFixed(2)}`);
  await Promise.resolve();
}

/** The goldens that both JavaScript engines render to the reference's text. */
function commonJobs(): Job[] {
  const golden = new Golden();
  const contexts = JSON.parse(readFileSync(path.join(FIXTURES, "golden/transformers/contexts.json"), "utf8")) as {
    contexts: Record<string, Record<string, JsonValue>>;
    special_tokens: Record<string, JsonValue>;
    now: string;
  };
  const engines = new Map<string, { readonly ours: JinjaChatTemplate; readonly theirs: ChatTemplate } | undefined>();
  return golden.renders.flatMap(({ template, context, text }) => {
    if (text === undefined || context === "continue_final") return [];
    const source = golden.source(template);
    if (!engines.has(source)) engines.set(source, enginesOf(source, Date.parse(contexts.now)));
    const both = engines.get(source);
    const { messages, tools, documents, add_generation_prompt: add, ...rest } = contexts.contexts[context] ?? {};
    const input: RenderInput = {
      messages: messages as readonly JsonValue[],
      tools: tools as readonly JsonValue[] | undefined,
      documents: documents as readonly JsonValue[] | undefined,
      addGenerationPrompt: add === true,
      variables: { ...contexts.special_tokens, ...rest },
    };
    return both !== undefined && gives(both.ours, input, text) && gives(both.theirs, input, text) ? [{ source, input, ...both }] : [];
  });
}

function enginesOf(source: string, now: number): { readonly ours: JinjaChatTemplate; readonly theirs: ChatTemplate } | undefined {
  try {
    return { ours: new JinjaChatTemplate(source, { name: "bench", now }), theirs: parseWithHfJinja(source, { name: "bench", now }) };
  } catch {
    return undefined;
  }
}

function gives(template: ChatTemplate, input: RenderInput, text: string): boolean {
  try {
    return template.render(input) === text;
  } catch {
    return false;
  }
}

function rate(name: string, count: number, work: () => void): number {
  repeat(work);
  const { rounds, seconds } = repeat(work);
  const perSecond = (rounds * count) / seconds;
  print(name, perSecond);
  return perSecond;
}

function repeat(work: () => void): { readonly rounds: number; readonly seconds: number } {
  const started = process.cpuUsage();
  let rounds = 0;
  let seconds = 0;
  while (seconds < SECONDS) {
    work();
    rounds++;
    const { user, system } = process.cpuUsage(started);
    seconds = (user + system) / 1e6;
  }
  return { rounds, seconds };
}

function print(name: string, perSecond: number): void {
  console.log(`  ${name.padEnd(28)}${Math.round(perSecond).toLocaleString("en").padStart(10)} a second`);
}

/** The same renders by Jinja2 with its compiled templates kept, or undefined without a Python that has it. */
function pythonRate(jobs: readonly Job[]): number | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), "tunesmith-bench-"));
  try {
    const file = path.join(folder, "jobs.json");
    const rows = jobs.map(({ source, input }) => ({
      source,
      variables: { ...input.variables, messages: input.messages, tools: input.tools ?? null, documents: input.documents ?? null, add_generation_prompt: input.addGenerationPrompt },
    }));
    writeFileSync(file, JSON.stringify(rows));
    const { status, stdout } = spawnSync(process.env["PYTHON"] ?? "python3", [path.resolve("test/bench/template.py"), file, String(SECONDS)], { encoding: "utf8" });
    if (status !== 0) {
      console.log("  (no python3 with Jinja2 here)");
      return undefined;
    }
    const perSecond = Number(stdout);
    print("CPython's Jinja2", perSecond);
    return perSecond;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
