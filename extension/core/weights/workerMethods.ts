import type { Device } from "../../protocol/sidecar";
import type { HubRunnable } from "../inference/modelFiles";
import type { EmbeddingStatistics } from "./statistics/embeddingStatistics";
import type { RowStatistics } from "./statistics/rowStatistics";
import type { UntrainedReport } from "./verdict/judge";
import type { SpecialIds } from "./verdict/vocabulary";

/** A matrix of a file on disk, as a thread needs it to read its rows; see `RowMatrix`. */
export interface MatrixPlace {
  /** Absolute. */
  readonly path: string;
  readonly file: string;
  readonly tensor: string;
  readonly dtype: string;
  readonly rows: number;
  readonly columns: number;
  readonly byteOffset: number;
  readonly bigEndian: boolean;
}

/** Which model's rows are to be judged, and how; everything can be sent to a thread. */
export interface VerdictsRequest {
  /** A folder, a file, or a model of the hub, as `resolveModel` takes it. */
  readonly model: string;
  /** The ids whose rows are read; all when left out. All are known in any case where they were measured before. */
  readonly ids?: readonly number[] | undefined;
  /** How the hub is asked, where it is another way than the environment says. */
  readonly hub?: HubAccess | undefined;
  /** How many threads measure rows; 1 when left out. */
  readonly threads?: number | undefined;
  /** The folder where statistics are kept; the usual place when left out. */
  readonly cache?: string | undefined;
}

export interface HubAccess {
  readonly token?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly offline?: boolean | undefined;
}

/** How far the reading of a model is. */
export interface VerdictsProgress {
  readonly file: string;
  readonly doneBytes: number;
  /** Undefined where nobody knows yet. */
  readonly totalBytes: number | undefined;
}

/** A matrix by its names, for people. */
export interface TensorName {
  readonly file: string;
  readonly tensor: string;
}

/** What the rows of a model are like, and what is to be said of them, as plain data. */
export interface UntrainedModel {
  /** What people call the model. */
  readonly name: string;
  readonly dtype: string;
  readonly input: TensorName;
  /** Undefined where the two matrices are one. */
  readonly output: TensorName | undefined;
  readonly statistics: EmbeddingStatistics;
  readonly report: UntrainedReport;
  readonly special: SpecialIds;
  /** By id, as the tokenizer writes them. Undefined where the model has no tokenizer; see `unknownVocabulary`. */
  readonly tokens: readonly (string | undefined)[] | undefined;
  /** `_name_or_path` of config.json, which trainers look up. */
  readonly nameOrPath: string | undefined;
  /** Sentences for people: what is missing, and what that means. */
  readonly notes: readonly string[];
}

/** What threads that read weights answer. */
export interface WeightsContract {
  readonly methods: Omit<WeightsMethods, "scanRows">;
  readonly events: Readonly<Record<never, never>>;
}

/** What threads that measure rows answer. */
export interface RowsContract {
  readonly methods: Pick<WeightsMethods, "scanRows">;
  readonly events: Readonly<Record<never, never>>;
}

/** What their host answers: nothing. */
export interface WeightsHostContract {
  readonly methods: Readonly<Record<never, never>>;
  readonly events: Readonly<Record<never, never>>;
}

/** What they do for the verdicts on a model's rows, and with the hub's files. */
export interface WeightsMethods {
  /** The forms in which a model of the hub can be run here, the best one first. `id` as `resolveModel` takes it. */
  readonly hubRunnables: {
    readonly params: { readonly id: string; readonly hub: HubAccess; readonly device: Device };
    readonly result: readonly HubRunnable[];
    readonly progress: never;
  };
  /** Downloads one of them into the hub's cache, and tells what to load. */
  readonly downloadRunnable: {
    readonly params: { readonly id: string; readonly hub: HubAccess; readonly runnable: HubRunnable };
    readonly result: { readonly path: string };
    readonly progress: VerdictsProgress;
  };
  /** Measures the rows `[from, to)` of a matrix. Progress is the number of rows done. */
  readonly scanRows: {
    readonly params: { readonly matrix: MatrixPlace; readonly from: number; readonly to: number; readonly direction: Float32Array | undefined };
    readonly result: RowStatistics;
    readonly progress: number;
  };
  /** Opens a model, measures its rows and judges them. */
  readonly judgeModel: {
    readonly params: VerdictsRequest;
    readonly result: UntrainedModel;
    readonly progress: VerdictsProgress;
  };
  /** Downloads what says how a model of the hub reads text into the hub's cache. `id` is `owner/name` or `owner/name@revision`. */
  readonly downloadModel: {
    readonly params: { readonly id: string; readonly hub: HubAccess };
    readonly result: null;
    readonly progress: VerdictsProgress;
  };
}
