import { dirname } from "node:path";
import { readModelFolder } from "../core/model/modelFolder";
import { openTokenizer } from "../core/tokenizer/open";
import { folderAt } from "../node/files";
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
    const model = await this.#engines[request.engine](request, (message) => {
      this.#channel.send("log", { level: "info", message });
    });
    const decode = (await folderDecoder(request.engine === "gguf" ? dirname(request.path) : request.path)) ?? model.decode;
    if (decode === undefined) {
      await model.dispose();
      throw inferenceError("model-unusable", `${request.path} has no tokenizer.json, so the model's tokens cannot be read. Put the model's into the folder.`);
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

/** The text of ids by the tokenizer of a model folder, where it has one that can be used. */
async function folderDecoder(folder: string): Promise<Decode | undefined> {
  const { tokenizer, tokenizerConfig } = await readModelFolder(folderAt(folder)).catch(() => ({ tokenizer: undefined, tokenizerConfig: {} }));
  if (tokenizer === undefined) return undefined;
  const opened = openTokenizer(tokenizer, tokenizerConfig, (length) => new ArrayBuffer(length)).tokenizer;
  return (ids) => opened.decode(ids, { skipSpecialTokens: true });
}
