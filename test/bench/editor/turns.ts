import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";
import { type PerformanceEntry, PerformanceObserver, performance } from "node:perf_hooks";

/** A turn of the event loop, in milliseconds. */
export interface Turn {
  readonly wall: number;
  /** Processor time of the thread, to a few milliseconds: what else the machine did meanwhile is not in it. */
  readonly busy: number;
  /** Of the time by the clock, how much the collection of garbage took. */
  readonly garbage: number;
  /** Something of note happened in it. */
  readonly noted: boolean;
  /** What it was made of, where a profile was taken: the extension's own calls, and all that they called; collecting garbage; the rest. */
  readonly made?: { readonly own: number; readonly garbage: number; readonly rest: number };
}

export interface RecordOptions {
  /** Takes a profile beside, which makes everything slower: a function says whether code of this address is the extension's. */
  readonly own?: (url: string) => boolean;
}

/** Every so many microseconds the profiler looks at what is running. */
const SAMPLING_US = 200;
/** Shorter turns are not kept. */
const MIN_TURN_MS = 5;

interface RawTurn {
  /** Microseconds, on the profiler's clock. */
  readonly start: number;
  readonly end: number;
  readonly busy: number;
  readonly noted: boolean;
}

/** The turns of this thread's event loop during `work`, which is given a function that notes the turn it is called in. */
export async function recordTurns(work: (note: () => void) => Promise<unknown>, { own }: RecordOptions = {}): Promise<readonly Turn[]> {
  const profiling = own === undefined ? undefined : await Profiling.start();
  const turns: RawTurn[] = [];
  const collections: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const origin = microseconds() - performance.now() * 1000;
  let running = true;
  let noted = false;
  let start = microseconds();
  let spent = spentMicroseconds();
  const turn = (): void => {
    if (!running) return;
    const end = microseconds();
    const spentNow = spentMicroseconds();
    if (end - start >= MIN_TURN_MS * 1000) turns.push({ start, end, busy: spentNow - spent, noted });
    noted = false;
    start = end;
    spent = spentNow;
    setImmediate(turn);
  };
  setImmediate(turn);
  await work(() => {
    noted = true;
  });
  running = false;
  collections.push(...observer.takeRecords());
  observer.disconnect();
  const collectedIn = (from: number, to: number): number => {
    const within = collections.filter(({ startTime }) => origin + startTime * 1000 >= from && origin + startTime * 1000 < to);
    return within.reduce((sum, { duration }) => sum + duration, 0);
  };
  const parts = own === undefined ? undefined : partsOf((await profiling?.stop()) ?? [], own);
  return turns.map(({ start: from, end: to, busy, noted: isNoted }) => {
    const made = parts === undefined ? undefined : madeOf(parts, from, to);
    return { wall: (to - from) / 1000, busy: busy / 1000, garbage: collectedIn(from, to), noted: isNoted, ...(made === undefined ? {} : { made }) };
  });
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Of this thread where Node can tell, else of the clock. */
function spentMicroseconds(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (threadCpuUsage === undefined) return performance.now() * 1000;
  const { user, system } = threadCpuUsage.call(process);
  return user + system;
}

/** What ran in a span of the profiler's clock: the innermost function is the first. */
interface Sample {
  readonly start: number;
  readonly end: number;
  readonly stack: readonly Profiler.ProfileNode[];
}

/** A profile of the thread that takes it. */
class Profiling {
  readonly #session = new Session();

  private constructor() {
    this.#session.connect();
  }

  static async start(): Promise<Profiling> {
    const profiling = new Profiling();
    await profiling.#session.post("Profiler.enable");
    await profiling.#session.post("Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await profiling.#session.post("Profiler.start");
    return profiling;
  }

  async stop(): Promise<readonly Sample[]> {
    const { profile } = await this.#session.post("Profiler.stop");
    this.#session.disconnect();
    return samplesOf(profile);
  }
}

function samplesOf({ nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile): readonly Sample[] {
  const stacks = new Map<number, readonly Profiler.ProfileNode[]>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const walk = (node: Profiler.ProfileNode, outer: readonly Profiler.ProfileNode[]): void => {
    const stack = [node, ...outer];
    stacks.set(node.id, stack);
    for (const child of node.children ?? []) walk(byId.get(child)!, stack);
  };
  if (nodes[0] !== undefined) walk(nodes[0], []);
  let at = startTime;
  const starts = timeDeltas.map((delta) => (at += delta));
  return samples.map((id, i) => ({ start: starts[i]!, end: starts[i + 1] ?? starts[i]!, stack: stacks.get(id) ?? [] }));
}

type Part = keyof NonNullable<Turn["made"]>;

interface PartSample {
  readonly start: number;
  readonly end: number;
  readonly part: Part;
}

/** Whose each sample is. Garbage that is collected in the middle of the extension's calls counts as the extension's. */
function partsOf(samples: readonly Sample[], own: (url: string) => boolean): readonly PartSample[] {
  let before: Part = "rest";
  return samples.map(({ start, end, stack }) => {
    if (stack[0]?.callFrame.functionName !== "(garbage collector)") before = stack.some(({ callFrame }) => own(callFrame.url)) ? "own" : "rest";
    else if (before !== "own") return { start, end, part: "garbage" };
    return { start, end, part: before };
  });
}

function madeOf(parts: readonly PartSample[], from: number, to: number): NonNullable<Turn["made"]> {
  const made = { own: 0, garbage: 0, rest: 0 };
  for (const { start, end, part } of parts) {
    if (end <= from) continue;
    if (start >= to) break;
    made[part] += (Math.min(end, to) - Math.max(start, from)) / 1000;
  }
  return made;
}
