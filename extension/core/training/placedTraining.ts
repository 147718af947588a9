import { LineMap } from "../../base/text";
import type { FilePlace } from "../analysis/finding";
import { describeTraining, type TrainingConfig, trainsToken } from "./trainingConfig";

/** What a file says of how a model is trained, and where it says so. */
export interface PlacedTraining extends FilePlace {
  /** What people call the file. */
  readonly name: string;
  readonly config: TrainingConfig;
}

/** One that was come upon, with what tells whether it is about a dataset. */
export interface FoundTraining extends PlacedTraining {
  /** The names of the datasets that the file mentions. */
  readonly datasets: ReadonlySet<string>;
}

const DATASET_NAME = /[\w.-]{1,200}\.(?:jsonl|ndjson|json|txt|parquet)\b/g;

/** @param file absolute. @param name what people call it. @param text the file's, which `configs` were read from. */
export function placeTraining(file: string, name: string, text: string, configs: readonly TrainingConfig[]): readonly FoundTraining[] {
  if (configs.length === 0) return [];
  const lines = new LineMap(text);
  const datasets = new Set(text.match(DATASET_NAME));
  // The places of a notebook's configurations are counted in the code of its cells.
  const isNotebook = /\.ipynb$/i.test(file);
  const start = { line: 1, column: 1 };
  return configs.map((config) => {
    const range = isNotebook ? { start, end: start } : { start: lines.positionAt(config.span.start), end: lines.positionAt(config.span.end) };
    return { file, name, config, range, datasets };
  });
}

/** A menu, or a message, of more is no help. */
const MAX_CHOSEN = 5;

/**
 * Those that datasets are most probably trained with: that mention one of them, or are of the same model, or else the nearest.
 * Several that are equally probable are all given.
 * @param datasets absolute paths. @param model the name of the model that the datasets are checked against
 */
export function trainingFor(found: readonly FoundTraining[], datasets: readonly string[], model: string | undefined): readonly PlacedTraining[] {
  const names = datasets.map((path) => partsOf(path).at(-1) ?? "");
  const ranked = found.map((placed) => ({
    placed,
    rank: [
      names.some((name) => placed.datasets.has(name)) ? 0 : 1,
      model !== undefined && placed.config.model !== undefined && sameModel(placed.config.model, model) ? 0 : 1,
      Math.min(...datasets.map((path) => distance(placed.file, path))),
    ],
  }));
  const best = ranked.map(({ rank }) => rank).sort(byRank)[0];
  return best === undefined ? [] : ranked.filter(({ rank }) => byRank(rank, best) === 0).slice(0, MAX_CHOSEN).map(({ placed: { file, name, range, config } }) => ({ file, name, range, config }));
}

function byRank(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - (b[i] ?? 0);
  return 0;
}

/** Owners, and what is only said of how the weights are stored, are left out: `unsloth/llama-3-8b-bnb-4bit` is Llama 3 8B. */
function sameModel(a: string, b: string): boolean {
  const bare = (name: string): string => (partsOf(name).at(-1) ?? "").toLowerCase().replace(/(?:-unsloth)?-bnb-4bit$|\.gguf$/, "").replace(/^meta-/, "");
  return bare(a) === bare(b);
}

/** How many folders lie between two files. */
function distance(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  let shared = 0;
  while (shared < Math.min(one.length, other.length) - 1 && one[shared] === other[shared]) shared++;
  return one.length + other.length - 2 * shared - 2;
}

function partsOf(path: string): readonly string[] {
  return path.split(/[/\\]/).filter((part) => part !== "");
}

/** What training configurations do about the rows of a token. */
export interface TokenTraining {
  /** Whether the rows are trained; undefined where that cannot be told, or one says so and another does not. */
  readonly trains: boolean | undefined;
  /** For people: what the configurations do, and what follows. */
  readonly sentence: string;
  /** Those that decide it. */
  readonly decisive: readonly PlacedTraining[];
}

/** What the configurations do about a token's rows; undefined where there are none. */
export function tokenTraining(training: readonly PlacedTraining[], id: number): TokenTraining | undefined {
  const told = training.map((placed) => ({ placed, trains: trainsToken(placed.config, id) }));
  const [worst] = [false, undefined, true].flatMap((trains) => told.find((each) => each.trains === trains) ?? []);
  if (worst === undefined) return undefined;
  const other = told.find(({ trains }) => trains !== worst.trains);
  const decisive = [worst, ...(other === undefined ? [] : [other])].map(({ placed }) => placed);
  const does = decisive.map(({ name, config }) => `${name} ${describeTraining(config)}`).join("; ");
  const advice = worst.trains === true ? "so that its rows are learnt." : "so use the instruct version of the model, or train both matrices.";
  return { trains: other === undefined ? worst.trains : undefined, sentence: `${does}, ${advice}`, decisive };
}
