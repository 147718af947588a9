import { Channel, type Port } from "../protocol/channel";
import type { SidecarContract, SidecarHostContract } from "../protocol/sidecar";
import { NODE_TIMERS } from "../node/workerPort";
import { loadGguf } from "./gguf/load";
import { answerProbe } from "./onnx/devices";
import { loadOnnx } from "./onnx/load";
import { SidecarServer } from "./server";

/** The port of a process to the one that forked it. */
const hostPort: Port = {
  post: (message) => {
    process.send?.(message);
  },
  onMessage: (listener) => {
    process.on("message", listener);
  },
  onClose: (listener) => {
    process.on("disconnect", () => listener("The host closed the channel."));
  },
};

async function main(): Promise<void> {
  if (await answerProbe(process.argv.slice(2))) return;
  // Without its host it has nothing to do; native threads would keep it alive.
  process.on("disconnect", () => process.exit(0));
  new SidecarServer(new Channel<SidecarHostContract, SidecarContract>(hostPort, NODE_TIMERS), { onnx: loadOnnx, gguf: loadGguf });
}

void main();
