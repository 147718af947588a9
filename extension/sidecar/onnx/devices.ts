import { fork } from "node:child_process";
import type { Device, DeviceReport } from "../../protocol/sidecar";
import { engineMessage } from "../errors";
import { defaultThreads } from "../host";
import { type Session, type SessionOptions, onnxRuntime } from "./runtime";
import { ELEMENT, node, valueInfo } from "./graph/nodes";
import { writeModel } from "./graph/model";
import { WireWriter } from "./graph/wire";

/** The devices of ONNX Runtime, the one that is usually fastest first. */
const ONNX_DEVICES: readonly Device[] = ["cuda", "webgpu", "dml", "coreml", "cpu"];

/** A driver that hangs must not hang us. Compiling the first shaders takes seconds. */
const PROBE_MS = 60_000;

const PROBE_ARGUMENT = "--probe";

/** The matrices of the probe have as many rows and columns: large enough that a GPU shows, and quick on a CPU. */
const PROBE_SIZE = 512;

/** What the probe of a device found. */
export interface ProbeResult extends DeviceReport {
  /** Of a product of two matrices; the CPU's is what others are compared with. */
  readonly milliseconds?: number;
}

let probes: Promise<readonly ProbeResult[]> | undefined;

/** Tries all devices that this build of ONNX Runtime knows, each in a process of its own. Done once. */
export function probeDevices(): Promise<readonly ProbeResult[]> {
  probes ??= probeAll();
  return probes;
}

async function probeAll(): Promise<readonly ProbeResult[]> {
  const known = new Set((await onnxRuntime()).listSupportedBackends().map(({ name }) => name));
  const results: ProbeResult[] = [];
  // One after the other: two drivers that start at once disturb each other's timing.
  for (const device of ONNX_DEVICES) if (known.has(device)) results.push(await probe(device));
  return results;
}

function probe(device: Device): Promise<ProbeResult> {
  const program = process.argv[1] ?? "";
  const child = fork(program, [PROBE_ARGUMENT, device], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ device, works: false, reason });
    const timer = setTimeout(() => {
      failed(`No answer within ${PROBE_MS / 1000} s.`);
      child.kill("SIGKILL");
    }, PROBE_MS);
    child.once("message", (result) => resolve(result as ProbeResult));
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      failed(`Trying it ended the process (${signal ?? `exit code ${code ?? 0}`}). ${engineMessage(said)}`.trim());
    });
  });
}

/** What a process does that was started to try a device; false where it was not. */
export async function answerProbe(argv: readonly string[]): Promise<boolean> {
  const at = argv.indexOf(PROBE_ARGUMENT);
  if (at === -1) return false;
  const device = argv[at + 1] as Device;
  const result = await tryDevice(device).catch((error: unknown): ProbeResult => ({ device, works: false, reason: engineMessage(error) }));
  // Some drivers crash while they end: what counts is known by then.
  process.send?.(result, () => process.kill(process.pid, "SIGKILL"));
  return true;
}

async function tryDevice(device: Device): Promise<ProbeResult> {
  const ort = await onnxRuntime();
  const session = await ort.InferenceSession.create(productModel(), sessionOptions(device));
  const values = new Float32Array(PROBE_SIZE * PROBE_SIZE).fill(1);
  const feeds = { a: new ort.Tensor("float32", values, [PROBE_SIZE, PROBE_SIZE]) };
  await run(session, feeds);
  const started = performance.now();
  const sum = await run(session, feeds);
  const milliseconds = performance.now() - started;
  if (sum !== PROBE_SIZE) return { device, works: false, reason: `It computed ${sum} where ${PROBE_SIZE} is right.` };
  return { device, works: true, milliseconds };
}

async function run(session: Session, feeds: Parameters<Session["run"]>[0]): Promise<number> {
  const results = await session.run(feeds);
  return Number(results["b"]?.data[0] ?? Number.NaN);
}

/** The product of a matrix with itself. */
function productModel(): Uint8Array<ArrayBuffer> {
  const shape = [PROBE_SIZE, PROBE_SIZE];
  const graph = new WireWriter().message(1, node("MatMul", ["a", "a"], ["b"])).text(2, "product");
  graph.message(11, valueInfo("a", ELEMENT.float, shape)).message(12, valueInfo("b", ELEMENT.float, shape));
  const opset = new WireWriter().integer(2, 17);
  return writeModel([new WireWriter().integer(1, 8).take(), new WireWriter().message(8, opset).take()], graph);
}

/** The options that run a session on a device. What the device cannot compute, the CPU does. */
export function sessionOptions(device: Device, threads?: number): SessionOptions {
  return {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads ?? defaultThreads(),
    // Threads that wait in a loop for the next step take the editor's time.
    extra: { session: { intra_op: { allow_spinning: device === "cpu" ? "1" : "0" } } },
    // Warnings tell of nodes that run on the CPU; a failure is thrown.
    logSeverityLevel: 3,
  };
}
