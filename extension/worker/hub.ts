/**
 * What the hub's models need. The only way to it is `import()`: most models are on disk, and their rows are measured the sooner
 * without it.
 */
export { hubPlace } from "../node/hub/hubId";
export { hubModel } from "../node/hub/hubModel";
export { downloadRunnable, hubRunnables } from "../node/hub/runnable";
