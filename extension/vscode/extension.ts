import * as path from "node:path";
import * as vscode from "vscode";
import { messageOf } from "../base/errors";
import { checkDataset } from "./commands/checkDataset";
import { checkWorkspace } from "./commands/checkWorkspace";
import { copyTrainingConfiguration } from "./training/copyConfiguration";
import { explainTrainingError } from "./training/explainError";
import { TrainingFiles } from "./training/trainingFiles";
import { registerTokenActions } from "./training/tokenActions";
import { chooseTokenMarks } from "./commands/chooseTokenMarks";
import { registerCommands } from "./commands/register";
import { selectModel } from "./commands/selectModel";
import { Diagnostics } from "./diagnostics";
import { Documents } from "./documents/documents";
import { FileCheck } from "./fileCheck";
import { registerCodeActions } from "./language/codeActions";
import { registerCompletion } from "./language/completion";
import { registerHover } from "./language/hover";
import { registerOutline } from "./language/outline";
import { TokenCounts } from "./language/tokenCounts";
import { TokenMarks } from "./language/tokenMarks";
import { registerChatProvider } from "./inference/chatProvider";
import { Inference } from "./inference/inference";
import { ServerKeys } from "./inference/serverKeys";
import { Log } from "./log";
import { HubDownload } from "./models/hubDownload";
import { HubRun } from "./models/hubRun";
import { HubToken } from "./models/hubToken";
import { ModelCommands } from "./playground/commands";
import { ModelChoice } from "./playground/modelChoice";
import { Playground } from "./playground/playground";
import { SurprisePaint } from "./scoring/paint";
import { ScoreReports } from "./scoring/report";
import { compareRow, openRow, revealRow } from "./rows/rowCommands";
import { RowDocuments } from "./rows/rowDocuments";
import { Status } from "./status";
import { PromptXray } from "./xray/promptXray";
import { Templates } from "./templates/templates";

/** Puts the parts together. Everything that takes time, workers above all, starts with the first dataset. */
export function activate(context: vscode.ExtensionContext): void {
  try {
    start(context);
  } catch (error) {
    // VS Code only logs that an extension could not be activated.
    void vscode.window.showErrorMessage(vscode.l10n.t("Tunesmith could not start: {0}", messageOf(error)));
    throw error;
  }
}

function start(context: vscode.ExtensionContext): void {
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const workerPath = path.join(context.extensionPath, "dist", "worker.js");
  const log = own(new Log());
  const diagnostics = own(new Diagnostics(vscode.Uri.joinPath(context.extensionUri, "extension", "assets", "rules.md")));
  const hubToken = own(new HubToken(context.secrets));
  const hubDownload = new HubDownload(workerPath, hubToken, log);
  const training = own(new TrainingFiles(workerPath, log));
  const documents = own(new Documents({ workerPath, diagnostics, training, hubToken, log }));
  const fileCheck = own(new FileCheck({ workerPath, documents, diagnostics, training, log }));
  own(new Status(documents));
  own(registerCodeActions(documents));
  own(registerTokenActions(documents));
  own(registerHover(documents));
  own(registerOutline(documents));
  own(registerCompletion(documents));
  own(new TokenCounts(documents));
  const rows = own(new RowDocuments(log));
  const tokenMarks = own(new TokenMarks(documents, context.workspaceState, log));
  const xray = own(new PromptXray({ extensionUri: context.extensionUri, workerPath, log }));
  const keys = new ServerKeys(context.secrets);
  const inference = own(new Inference({ extensionPath: context.extensionPath, keys, log }));
  const choice = new ModelChoice({ inference, keys, hub: new HubRun(workerPath, hubToken), state: context.workspaceState });
  const playground = own(new Playground({ extensionUri: context.extensionUri, choice, log }));
  own(registerChatProvider(() => choice.model));
  const modelCommands = new ModelCommands({
    documents,
    playground,
    choice,
    paint: own(new SurprisePaint()),
    reports: own(new ScoreReports()),
    log,
    storage: context.globalStorageUri.fsPath,
  });
  const templates = own(new Templates({ workerPath, state: context.workspaceState, diagnostics, log }));
  own(
    registerCommands(
      {
        "tunesmith.checkDataset": (...args) => checkDataset(fileCheck, log, args),
        "tunesmith.checkWorkspace": () => checkWorkspace(fileCheck, log),
        "tunesmith.openRow": (...args) => openRow(documents, log, args),
        "tunesmith.revealRow": (...args) => revealRow(rows, args),
        "tunesmith.compareRow": (...args) => compareRow(rows, args),
        "tunesmith.chooseTokenMarks": () => chooseTokenMarks(tokenMarks),
        "tunesmith.toggleTokenBoundaries": () => tokenMarks.toggle("boundaries"),
        "tunesmith.toggleSpecialTokens": () => tokenMarks.toggle("special"),
        "tunesmith.toggleTrainedTokens": () => tokenMarks.toggle("trained", "masked"),
        "tunesmith.toggleUntrainedTokens": () => tokenMarks.toggle("untrained"),
        "tunesmith.hideTokenMarks": () => tokenMarks.choose([]),
        "tunesmith.openPlayground": () => playground.open(),
        "tunesmith.connectServer": () => playground.connectServer(),
        "tunesmith.continueRow": () => modelCommands.continueRow(),
        "tunesmith.scoreRow": () => modelCommands.scoreRow(),
        "tunesmith.scoreDataset": (...args) => modelCommands.scoreDataset(args),
        "tunesmith.clearScores": () => modelCommands.clearScores(),
        "tunesmith.explainTrainingError": (...args) => explainTrainingError({ diagnostics, training }, args),
        "tunesmith.copyTrainingConfiguration": (...args) => copyTrainingConfiguration(training, args),
        "tunesmith.selectModel": () => selectModel(log, hubDownload),
        "tunesmith.selectSample": () => templates.selectSample(),
        "tunesmith.openConfigTemplate": (...args) => templates.openConfigTemplate(args),
        "tunesmith.compareProbePrompts": (...args) => templates.comparePrompts(args),
        "tunesmith.openPromptXray": () => {
          xray.open();
        },
        "tunesmith.showOutput": () => {
          log.output.show();
        },
      },
      log,
    ),
  );
}
