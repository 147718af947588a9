import { TokenVerdicts } from "../core/analysis/tokenVerdicts";
import type { ModelSpec, WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { XrayModel } from "../core/xray/renderSide";
import { XraySession } from "../core/xray/xraySession";
import { loadModel } from "../node/loadModel";
import { judgeTokens } from "../node/weights/judgeTokens";
import type { Channel } from "../protocol/channel";

/** Models that are kept: two sides can have different ones, and going back to one should not load it again. */
const KEPT_MODELS = 2;

/** Answers what the prompt X-ray asks. */
export function registerXray(channel: Channel<WorkerHostContract, WorkerContract>): void {
  const sessions = new Map<string, XraySession>();
  const models = new ModelCache();

  channel.handle("xrayLoad", async ({ models: wanted }, { progress }) => {
    for (const spec of wanted) await models.get(spec, progress);
    return null;
  });
  channel.handle("xray", async (request) => {
    const { left, right } = request;
    const loaded = {
      left: left.model === null ? undefined : await models.get(left.model),
      right: right?.model ? await models.get(right.model) : undefined,
    };
    let session = sessions.get(request.session);
    if (session === undefined) sessions.set(request.session, (session = new XraySession()));
    return session.render(request, loaded);
  });
  channel.handle("xrayOpinion", ({ session, version }) => sessions.get(session)?.opinion(version) ?? null);
  channel.handle("xrayDescribe", (place) => sessions.get(place.session)?.describe(place) ?? null);
  channel.handle("xrayFind", ({ session, version, cursor }) => sessions.get(session)?.find(version, cursor) ?? null);
  channel.handle("xrayJudge", ({ model }) => models.judge(model));
  channel.handle("xrayClose", ({ session }) => {
    sessions.delete(session);
    return null;
  });
}

class ModelCache {
  readonly #models = new Map<string, Promise<XrayModel>>();
  readonly #verdicts = new Map<string, TokenVerdicts>();
  /** The models whose weights were read, or could not be. */
  readonly #judged = new Set<string>();

  /** Once a model: weights that cannot be read now are not read with the next keystroke either. Nothing is downloaded for it. */
  async judge(source: string): Promise<boolean> {
    if (this.#judged.has(source)) return false;
    this.#judged.add(source);
    const { prompts } = await this.get({ source });
    const table = await judgeTokens({ model: source, hub: { offline: true } }, prompts.tokenizer, { workerPath: __filename });
    this.#verdicts.set(source, new TokenVerdicts(table));
    return true;
  }

  async get(spec: ModelSpec, progress?: (source: string) => void): Promise<XrayModel> {
    const key = JSON.stringify(spec);
    let model = this.#models.get(key);
    if (model === undefined) {
      progress?.(spec.source);
      model = loadModel(spec).then(({ model: prompts, loaded }) => ({ name: loaded.model.id, prompts, verdicts: undefined }));
    }
    this.#models.delete(key);
    this.#models.set(key, model);
    const [oldest] = this.#models.keys();
    if (this.#models.size > KEPT_MODELS && oldest !== undefined) this.#models.delete(oldest);
    try {
      return { ...(await model), verdicts: this.#verdicts.get(spec.source) };
    } catch (error) {
      // It may be there the next time.
      this.#models.delete(key);
      throw error;
    }
  }
}
