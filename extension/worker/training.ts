import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { placeTraining } from "../core/training/placedTraining";
import { readTrainingConfigs } from "../core/training/readConfigs";
import type { Channel } from "../protocol/channel";

/** Reads training configurations for the host, whose own thread must not be held up by a file that somebody made to take long. */
export function registerTraining(channel: Channel<WorkerHostContract, WorkerContract>): void {
  channel.handle("trainingConfigs", ({ file, name, text }) => placeTraining(file, name, text, readTrainingConfigs(file, text)));
}
