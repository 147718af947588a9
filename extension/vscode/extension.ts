import * as path from "node:path";
import * as vscode from "vscode";
import { messageOf } from "../base/errors";
import { lazy } from "../base/lazy";
import { TrainingFiles } from "./training/trainingFiles";
import { registerTokenActions } from "./training/tokenActions";
import { registerCommands } from "./commands/register";
import { Diagnostics } from "./diagnostics";
import { Documents } from "./documents/documents";
import { registerCodeActions } from "./language/codeActions";
import { registerCompletion } from "./language/completion";
import { registerHover } from "./language/hover";
import { registerOutline } from "./language/outline";
import { TokenCounts } from "./language/tokenCounts";
import { TokenMarks } from "./language/tokenMarks";
import { registerChatProvider } from "./inference/chatProvider";
import { Log } from "./log";
import { HubToken } from "./models/hubToken";
import { Playground } from "./playground/playground";
import { ScoreReports } from "./scoring/report";
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
  const training = own(new TrainingFiles(workerPath, log));
  const documents = own(new Documents({ workerPath, diagnostics, training, hubToken, log }));
  const fileCheck = lazy(async () => {
    const { FileCheck } = await import("./later");
    return own(new FileCheck({ workerPath, documents, diagnostics, training, log }));
  });
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
  const choice = lazy(async () => {
    const { HubRun, Inference, ModelChoice, ServerKeys } = await import("./later");
    const keys = new ServerKeys(context.secrets);
    const inference = own(new Inference({ extensionPath: context.extensionPath, keys, log }));
    return new ModelChoice({ inference, keys, hub: new HubRun(workerPath, hubToken), state: context.workspaceState });
  });
  const playground = own(new Playground({ extensionUri: context.extensionUri, choice, log }));
  own(registerChatProvider(async () => (await choice()).model));
  const reports = own(new ScoreReports());
  const modelCommands = lazy(async () => {
    const { ModelCommands, SurprisePaint } = await import("./later");
    return new ModelCommands({ documents, playground, choice: await choice(), paint: own(new SurprisePaint()), reports, log, storage: context.globalStorageUri.fsPath });
  });
  const templates = own(new Templates({ workerPath, state: context.workspaceState, diagnostics, log }));
  own(
    registerCommands(
      {
        "tunesmith.checkDataset": async (...args) => (await import("./later")).checkDataset(await fileCheck(), log, args),
        "tunesmith.checkWorkspace": async () => (await import("./later")).checkWorkspace(await fileCheck(), log),
        "tunesmith.openRow": async (...args) => (await import("./later")).openRow(documents, log, args),
        "tunesmith.revealRow": async (...args) => (await import("./later")).revealRow(rows, args),
        "tunesmith.compareRow": async (...args) => (await import("./later")).compareRow(rows, args),
        "tunesmith.chooseTokenMarks": async () => (await import("./later")).chooseTokenMarks(tokenMarks),
        "tunesmith.toggleTokenBoundaries": () => tokenMarks.toggle("boundaries"),
        "tunesmith.toggleSpecialTokens": () => tokenMarks.toggle("special"),
        "tunesmith.toggleTrainedTokens": () => tokenMarks.toggle("trained", "masked"),
        "tunesmith.toggleUntrainedTokens": () => tokenMarks.toggle("untrained"),
        "tunesmith.hideTokenMarks": () => tokenMarks.choose([]),
        "tunesmith.openPlayground": () => playground.open(),
        "tunesmith.connectServer": () => playground.connectServer(),
        "tunesmith.continueRow": async () => (await modelCommands()).continueRow(),
        "tunesmith.scoreRow": async () => (await modelCommands()).scoreRow(),
        "tunesmith.scoreDataset": async (...args) => (await modelCommands()).scoreDataset(args),
        "tunesmith.clearScores": async () => (await modelCommands()).clearScores(),
        "tunesmith.explainTrainingError": async (...args) => (await import("./later")).explainTrainingError({ diagnostics, training }, args),
        "tunesmith.copyTrainingConfiguration": async (...args) => (await import("./later")).copyTrainingConfiguration(training, args),
        "tunesmith.selectModel": async () => {
          const { HubDownload, selectModel } = await import("./later");
          await selectModel(log, new HubDownload(workerPath, hubToken, log));
        },
        "tunesmith.selectSample": () => templates.selectSample(),
        "tunesmith.openConfigTemplate": (...args) => templates.openConfigTemplate(args),
        "tunesmith.compareProbePrompts": (...args) => templates.comparePrompts(args),
        "tunesmith.acceptPrompt": (...args) => templates.acceptPrompt(args),
        "tunesmith.openPromptXray": () => xray.open(),
        "tunesmith.showOutput": () => {
          log.output.show();
        },
      },
      log,
    ),
  );
}
