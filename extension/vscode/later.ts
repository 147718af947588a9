/**
 * What activation and the check of open datasets do without, loaded together with the first use of any of it: files are
 * dearer to load than code is. The only way to it from what is loaded at activation is `import()`.
 */
export { checkDataset } from "./commands/checkDataset";
export { checkWorkspace } from "./commands/checkWorkspace";
export { chooseTokenMarks } from "./commands/chooseTokenMarks";
export { selectModel } from "./commands/selectModel";
export { FileCheck } from "./fileCheck";
export { Inference } from "./inference/inference";
export { ServerKeys } from "./inference/serverKeys";
export { HubDownload } from "./models/hubDownload";
export { HubRun } from "./models/hubRun";
export { ModelCommands } from "./playground/commands";
export { ModelChoice } from "./playground/modelChoice";
export { PlaygroundSession } from "./playground/session";
export { compareRow, openRow, revealRow } from "./rows/rowCommands";
export { rowText, spread } from "./rows/rowLayout";
export { SurprisePaint } from "./scoring/paint";
export { copyTrainingConfiguration } from "./training/copyConfiguration";
export { explainTrainingError } from "./training/explainError";
export { showPage } from "./webviews/page";
export { XrayPanel } from "./xray/xrayPanel";
export { XrayWorker } from "./xray/xrayWorker";
