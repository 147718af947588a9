import type { FormatId } from "../dataset/conversation";
import type { DatasetLanguageMethods } from "../language/dataset/contract";
import type { TemplateMethods } from "../language/template/contract";
import type { ByteRange, FileShape } from "../jsonl/rows";
import type { SharedModel } from "../model/sharedModel";
import type { Finding } from "./finding";
import type { Severities } from "./place";
import type { FileFormat, ModelSummary, SeverityCounts, TokenStatistics } from "./report";
import type { PlaygroundMethods } from "../playground/workerMethods";
import type { FoundTraining, PlacedTraining } from "../training/placedTraining";
import type { VerdictsProgress } from "../weights/workerMethods";
import type { XrayMethods } from "../xray/contract";
import type { EarlierAttempt, SliceReport } from "./checkSlice";
import type { VerdictTable } from "./tokenVerdicts";

/** Which model a check uses, as the host names it; paths are absolute. */
export interface ModelSpec {
  /** A model folder, a GGUF file, or a model of the hub by its id. */
  readonly source: string;
  /** A template file to use instead of the model's own. */
  readonly templateFile?: string;
  /** One of the model's named templates. */
  readonly templateName?: string;
  /** Milliseconds since the epoch that `strftime_now` takes as now. */
  readonly now?: number;
}

/** What a check is run with, apart from the data. */
export interface CheckSettings {
  readonly model: ModelSpec | undefined;
  readonly maxLength: number | undefined;
  readonly severities: Severities;
  /** Column names for the product's own field names, as in the setting `tunesmith.fields`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The trainers whose behaviour is told; the usual ones where left out. */
  readonly profiles?: readonly string[];
  /** How the model is trained, where files beside the data say it. */
  readonly training?: readonly PlacedTraining[];
}

/** A model as it was loaded, with what a user should know about it. */
export interface LoadedModel {
  readonly model: ModelSummary;
  /** Number of tokens of the vocabulary, added tokens included; null without a tokenizer. */
  readonly vocabulary: number | null;
  /** Sentences for people: what is missing, and what to do. */
  readonly notes: readonly string[];
  /** The file on this machine that holds the chat template, where there is one. */
  readonly templateFile?: string;
  /** Where the file is JSON, the JSON Pointer of the template in it. */
  readonly templatePointer?: string;
}

/** One change of a document, as editors tell it: lines `[startLine, endLine)` are replaced. Lines are 0-based. */
export interface LineEdit {
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: readonly string[];
}

/** What the editor shows of a document. */
export interface DocumentReport {
  readonly uri: string;
  readonly version: number;
  readonly rows: number;
  readonly format: FileFormat;
  readonly tokens: TokenStatistics | null;
  /** In document order, at most `limit` of them; `byteOffset` and `byteLength` count from the row's own line. */
  readonly findings: readonly Finding[];
  readonly counts: SeverityCounts;
  /** Findings beyond the limit. */
  readonly cut: number;
  /** Whether all rows are checked, also against the model; the report of an unfinished check is followed by another. */
  readonly complete: boolean;
}

/** What the check worker answers and sends. */
export interface WorkerContract {
  readonly methods: Pick<DatasetLanguageMethods, keyof DatasetLanguageMethods> & Pick<TemplateMethods, keyof TemplateMethods> & {
    readonly chatPrompt: PlaygroundMethods["chatPrompt"];
    readonly countTokens: PlaygroundMethods["countTokens"];
    readonly tokenTexts: PlaygroundMethods["tokenTexts"];
    readonly rowTokens: PlaygroundMethods["rowTokens"];
    readonly xrayLoad: XrayMethods["xrayLoad"];
    readonly xray: XrayMethods["xray"];
    readonly xrayOpinion: XrayMethods["xrayOpinion"];
    readonly xrayDescribe: XrayMethods["xrayDescribe"];
    readonly xrayFind: XrayMethods["xrayFind"];
    readonly xrayJudge: XrayMethods["xrayJudge"];
    readonly xrayClose: XrayMethods["xrayClose"];
    /** Loads the model, if any. Slices and documents are checked with the settings of the last call. */
    readonly configure: { readonly params: CheckSettings & { readonly shared?: SharedModel | undefined }; readonly result: LoadedModel | null; readonly progress: never };
    /** The loaded model for other workers' `configure`, which then need not load it; null where they have to. */
    readonly share: { readonly params: null; readonly result: SharedModel | null; readonly progress: never };
    /**
     * Judges the embedding rows of the model that was configured last, in threads of its own; from then on, checks look for
     * tokens with untrained rows, and open documents are checked again. Of a model on the network, the rows of added tokens are
     * read, and of those ids that the rows checked so far have.
     */
    readonly judgeTokens: { readonly params: { readonly threads: number }; readonly result: VerdictTable; readonly progress: VerdictsProgress };
    /** Has the ids of all prompts gathered from now on, in memory that threads share; null ends it. */
    readonly gatherIds: { readonly params: { readonly buffer: SharedArrayBuffer | null }; readonly result: null; readonly progress: never };
    /** Takes the verdicts on the configured model from another thread. */
    readonly useVerdicts: { readonly params: VerdictTable; readonly result: null; readonly progress: never };
    /** What a file says of the training of embedding rows. `file` is absolute, `name` what people call it. */
    readonly trainingConfigs: { readonly params: { readonly file: string; readonly name: string; readonly text: string }; readonly result: readonly FoundTraining[]; readonly progress: never };
    /** Checks a slice of a file. Progress is the number of bytes done. */
    readonly checkSlice: {
      readonly params: {
        /** Echoed in `deliver`. */
        readonly slice: number;
        readonly path: string;
        readonly shape: FileShape;
        readonly range: ByteRange | undefined;
        readonly expectedFormat: FormatId | undefined;
        readonly earlier?: EarlierAttempt | undefined;
      };
      readonly result: SliceReport;
      readonly progress: number;
    };
    /** Opens a document; its lines follow by `documentLines`. Opening an open document starts it anew. */
    readonly documentOpen: { readonly params: { readonly uri: string }; readonly result: null; readonly progress: never };
    readonly documentClose: { readonly params: { readonly uri: string }; readonly result: null; readonly progress: never };
  };
  readonly events: {
    /** A new report of a document; sent again as the check goes on, and after every change. */
    readonly documentReport: DocumentReport;
    /** Documents use tokens whose rows were not read: `judgeTokens` would read them. */
    readonly tokensWanted: { readonly count: number };
  };
}

/** What the host of a check worker answers and sends. */
export interface WorkerHostContract {
  readonly methods: {
    /**
     * Takes findings of a slice; answered when there is room for more. They travel as the JSON text of a `Finding[]`: that is
     * twice as fast as structured cloning and takes a fraction of the memory while it waits for its turn.
     */
    readonly deliver: { readonly params: { readonly slice: number; readonly count: number; readonly findings: string }; readonly result: null; readonly progress: never };
  };
  readonly events: {
    /** Lines to append while a document is opened, in order; `version` stands on the last batch, which starts the check. */
    readonly documentLines: { readonly uri: string; readonly lines: readonly string[]; readonly version: number | undefined };
    /** A change of an opened document. */
    readonly documentChange: { readonly uri: string; readonly version: number; readonly edits: readonly LineEdit[] };
  };
}
