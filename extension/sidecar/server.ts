import { messageOf } from "../base/errors";
import { openModelTokenizer } from "../node/loadModel";
import { readModel } from "../node/readModel";
import type { Channel } from "../protocol/channel";
import type { LoadRequest, LoadedInfo, SidecarContract, SidecarHostContract } from "../protocol/sidecar";
import type { EngineModel, LoadModel } from "./engine";
import { inferenceError } from "./errors";
import { checkIds, generate } from "./generation/generate";
import { probeDevices } from "./onnx/devices";

type Decode = (ids: readonly number[]) => string;

interface LoadedModel {
  readonly model: EngineModel;
  readonly decode: Decode;
}

/** Answers the host's requests. One computes at a time: models share the device, and two at once are slower than one after the other. */
export class SidecarServer {
  readonly #engines: Readonly<Record<LoadRequest["engine"], LoadModel>>;
  readonly #channel: Channel<SidecarHostContract, SidecarContract>;
  readonly #models = new Map<number, LoadedModel>();
  #nextHandle = 1;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(channel: Channel<SidecarHostContract, SidecarContract>, engines: Readonly<Record<LoadRequest["engine"], LoadModel>>) {
    this.#channel = channel;
    this.#engines = engines;
    channel.handle("ping", () => ({ residentBytes: process.memoryUsage.rss() }));
    channel.handle("devices", async () => (await probeDevices()).map(({ device, works, reason }) => ({ device, works, ...(reason === undefined ? {} : { reason }) })));
    channel.handle("load", (request) => this.#inTurn(() => this.#load(request)));
    channel.handle("unload", ({ handle }) => this.#inTurn(() => this.#unload(handle)));
    channel.handle("generate", ({ handle, ...request }, context) =>
      this.#inTurn(() => {
        const { model, decode } = this.#model(handle);
        return generate(model, decode, request, context);
      }),
    );
    channel.handle("score", ({ handle, ...request }, { signal, progress }) =>
      this.#inTurn(async () => {
        const { model } = this.#model(handle);
        const { vocabularySize, contextLength, device } = model.info;
        checkIds(request.ids, vocabularySize);
        if (request.ids.length > contextLength) throw inferenceError("prompt-too-long", `The text has ${request.ids.length} tokens; the model's context has room for ${contextLength}.`);
        return { ...(await model.score(request, signal, (done) => progress({ done }))), device };
      }),
    );
  }

  async #load(request: LoadRequest): Promise<LoadedInfo> {
    const started = performance.now();
    const log = (message: string): void => this.#channel.send("log", { level: "info", message });
    const model = await this.#engines[request.engine](request, log);
    const decode = (await modelDecoder(request.path, log)) ?? model.decode;
    if (decode === undefined) {
      await model.dispose();
      throw inferenceError("model-unusable", `${request.path} has no tokenizer that can be used, so the model's tokens cannot be read. Put its tokenizer.json into the folder.`);
    }
    const handle = this.#nextHandle++;
    this.#models.set(handle, { model, decode });
    return { ...model.info, handle, loadMs: performance.now() - started };
  }

  async #unload(handle: number): Promise<null> {
    const loaded = this.#models.get(handle);
    this.#models.delete(handle);
    await loaded?.model.dispose();
    return null;
  }

  #model(handle: number): LoadedModel {
    const loaded = this.#models.get(handle);
    if (loaded === undefined) throw inferenceError("no-such-model", `No model is loaded as number ${handle}.`);
    return loaded;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** The text of ids by the model's own tokenizer, where it has one that can be used. */
async function modelDecoder(path: string, log: (message: string) => void): Promise<Decode | undefined> {
  try {
    const { tokenizer } = await openModelTokenizer(await readModel(path));
    return (ids) => tokenizer.decode(ids, { skipSpecialTokens: true });
  } catch (error) {
    log(`The tokenizer cannot be used: ${messageOf(error)}`);
    return undefined;
  }
}
