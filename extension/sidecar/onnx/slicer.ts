import { writeModel } from "./graph/model";
import { ELEMENT, int64Tensor, node, valueInfo } from "./graph/nodes";
import { WireWriter } from "./graph/wire";
import type { OrtTensor, Runtime, Session, SessionOptions } from "./runtime";

/** Cuts cache tensors `[1, heads, length, width]` that never leave the device: a session with one operator. */
export class CacheSlicer {
  readonly #runtime: Runtime;
  readonly #session: Session;

  private constructor(runtime: Runtime, session: Session) {
    this.#runtime = runtime;
    this.#session = session;
  }

  static async create(runtime: Runtime, type: "float32" | "float16", options: SessionOptions): Promise<CacheSlicer> {
    const element = type === "float32" ? ELEMENT.float : ELEMENT.float16;
    const graph = new WireWriter().message(1, node("Slice", ["x", "start", "end", "axis"], ["y"])).text(2, "cut");
    graph.message(5, int64Tensor("start", [1], [0])).message(5, int64Tensor("axis", [1], [2]));
    graph.message(11, valueInfo("x", element, [1, "heads", "length", "width"])).message(11, valueInfo("end", ELEMENT.int64, [1]));
    graph.message(12, valueInfo("y", element, [1, "heads", "cut", "width"]));
    const head = [new WireWriter().integer(1, 8).take(), new WireWriter().message(8, new WireWriter().integer(2, 17)).take()];
    return new CacheSlicer(runtime, await runtime.InferenceSession.create(writeModel(head, graph), { ...options, preferredOutputLocation: "gpu-buffer" }));
  }

  /** The first `length` places of a cache tensor. The one given is left to the caller. */
  async cut(tensor: OrtTensor, length: number): Promise<OrtTensor> {
    const end = new this.#runtime.Tensor("int64", BigInt64Array.of(BigInt(length)), [1]);
    const { y } = await this.#session.run({ x: tensor, end });
    return y as OrtTensor;
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
