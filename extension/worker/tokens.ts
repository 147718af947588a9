import { TokenCheck } from "../core/analysis/tokenCheck";
import { TokenVerdicts, type VerdictTable } from "../core/analysis/tokenVerdicts";
import { UsedIds } from "../core/analysis/usedIds";
import type { CheckSettings, ModelSpec, WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { TemplatePlaces } from "../core/model/templatePlaces";
import type { OpenedModel } from "../node/loadModel";
import { templateFiles } from "../node/templateFiles";
import { judgeTokens } from "../node/weights/judgeTokens";
import type { Channel } from "../protocol/channel";

/** What the worker is configured with at the moment. */
export interface Configured {
  readonly settings: CheckSettings;
  readonly spec: ModelSpec;
  readonly model: OpenedModel;
}

/** The verdicts on the rows of the configured model, once somebody asked for them. */
export interface WorkerTokens {
  /** Undefined until there are verdicts on the model. For hovers and views too. */
  verdictsOf(configured: Configured): TokenVerdicts | undefined;
  /** The check of a row's tokens; undefined until there are verdicts. */
  checkFor(configured: Configured): TokenCheck | undefined;
  /** Takes the ids of prompts, where rows were not all read. */
  usedIds(configured: Configured): UsedIds | undefined;
  /** Tells the host when prompts have ids whose rows were not read. */
  wantMore(): void;
}

/** What is known of one model; a worker has one at a time. */
interface Kept {
  readonly spec: string;
  readonly table: VerdictTable;
  readonly verdicts: TokenVerdicts;
  readonly places: TemplatePlaces;
  readonly used: UsedIds;
}

/**
 * Has models judged and takes verdicts from other threads.
 * @param getConfigured what is configured now. @param onChange told when there are new verdicts on it.
 */
export function registerTokens(channel: Channel<WorkerHostContract, WorkerContract>, getConfigured: () => Configured | undefined, onChange: () => void): WorkerTokens {
  let kept: Kept | undefined;
  const keptFor = (spec: ModelSpec | undefined): Kept | undefined => (spec !== undefined && kept?.spec === keyOf(spec) ? kept : undefined);
  /** Where the host gathers the ids of several threads. */
  let gathered: UsedIds | undefined;
  const use = async (spec: ModelSpec, table: VerdictTable): Promise<void> => {
    const places = keptFor(spec)?.places ?? new TemplatePlaces(await templateFiles(spec));
    const now = getConfigured()?.spec;
    // The model may be another one by now.
    if (now === undefined || keyOf(now) !== keyOf(spec)) return;
    kept = { spec: keyOf(spec), table, verdicts: new TokenVerdicts(table), places, used: keptFor(spec)?.used ?? new UsedIds() };
    onChange();
  };

  channel.handle("judgeTokens", async ({ threads }, { signal, progress }) => {
    const configured = getConfigured();
    if (configured === undefined) return NOTHING;
    const known = keptFor(configured.spec);
    const ids = known === undefined ? [] : (gathered ?? known.used).list();
    if (known !== undefined && !ids.some((id) => known.verdicts.kindOf(id) === "not-measured")) return known.table;
    const { spec, model: { model } } = configured;
    const table = await judgeTokens({ model: spec.source, threads, ids }, model.tokenizer, { workerPath: __filename, signal, onProgress: progress });
    await use(spec, table);
    return table;
  });
  channel.handle("gatherIds", ({ buffer }) => {
    gathered = buffer === null ? undefined : new UsedIds(buffer);
    onChange();
    return null;
  });
  channel.handle("useVerdicts", async (table) => {
    const spec = getConfigured()?.spec;
    if (spec !== undefined) await use(spec, table);
    return null;
  });

  return {
    usedIds({ spec }) {
      const known = keptFor(spec);
      return gathered ?? (known?.verdicts.partial === true ? known.used : undefined);
    },
    wantMore() {
      const known = keptFor(getConfigured()?.spec);
      if (known?.verdicts.partial !== true) return;
      const count = known.used.list((id) => known.verdicts.kindOf(id) === "not-measured").length;
      if (count > 0) channel.send("tokensWanted", { count });
    },
    verdictsOf: ({ spec }) => keptFor(spec)?.verdicts,
    checkFor({ settings, spec, model: { model } }) {
      const known = keptFor(spec);
      if (known === undefined) return undefined;
      const { severities, profiles = [], training } = settings;
      const { verdicts, places } = known;
      return new TokenCheck({ model, verdicts, severities, profiles, training, placeInTemplate: (source, span) => places.find(source, span) });
    },
  };
}

/** Verdicts belong to the weights, and places to the template. */
function keyOf({ source, templateFile = "" }: ModelSpec): string {
  return `${source}\n${templateFile}`;
}

const NOTHING: VerdictTable = { rows: 0, tied: false, kinds: new Uint8Array(0), verdicts: [] };
