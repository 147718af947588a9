import { CONFIG_FILES, DATASET_LANGUAGE, TEMPLATE_LANGUAGE } from "./languages";

/** What the manifest says of a command. */
export interface CommandSpec {
  /** As the Command Palette shows it, behind the category. */
  readonly title: string;
  /** When the Command Palette offers it; always when left out. */
  readonly palette?: string;
  /** When the context menu of the Explorer and of editor tabs offers it; never when left out. */
  readonly fileMenu?: string;
  /** Whether the context menu of terminals offers it. */
  readonly terminalMenu?: true;
  /** When the title bar of editors offers it, as a button with this icon; never when left out. */
  readonly editorTitle?: { readonly when: string; readonly icon: `$(${string})` };
  /** When the context menu of an editor's text offers it; never when left out. */
  readonly editorMenu?: string;
  /** When the menus of tests and of their messages offer it; never when left out. */
  readonly testMenu?: string;
}

/** The id of the controller that shows the cases of templates in the Testing view. */
export const CASE_TESTS = "tunesmith.templateCases";

/** The category of every command. */
export const COMMAND_CATEGORY = "Tunesmith";

/** Editors of datasets and of templates, whichever extension has named their language. */
const DATASET_OR_TEMPLATE = "editorLangId == jsonl || editorLangId =~ /jinja/ || resourceExtname =~ /^\\.(jinja2?|j2)$/i";
const DATASET_FILE = "resourceExtname =~ /^\\.(jsonl|ndjson)$/i";

/** A dataset has the focus. */
const DATASET_EDITOR = `editorLangId == ${DATASET_LANGUAGE}`;
/** The document is a row of a dataset. */
const ROW_DOCUMENT = "resourceScheme == tunesmith-row";

/** A template has the focus, whatever language it has been given. */
const TEMPLATE_EDITOR = `editorLangId == ${TEMPLATE_LANGUAGE} || resourceExtname =~ /^\\.(jinja|jinja2|j2)$/i`;

/** A file that holds templates as strings. */
const CONFIG_FILE = CONFIG_FILES.map((name) => `resourceFilename == ${name}`).join(" || ");

/** Every command. Adding one here makes the compiler ask for its implementation. */
export const COMMANDS = {
  "tunesmith.checkDataset": { title: "Check Dataset", fileMenu: DATASET_FILE },
  "tunesmith.checkWorkspace": { title: "Check Workspace", palette: "workspaceFolderCount > 0" },
  "tunesmith.openRow": { title: "Open Row", palette: `${DATASET_EDITOR} && !(${ROW_DOCUMENT})`, editorMenu: `${DATASET_EDITOR} && !(${ROW_DOCUMENT})` },
  "tunesmith.revealRow": { title: "Go to the Row in Its Dataset", palette: ROW_DOCUMENT, editorMenu: ROW_DOCUMENT },
  "tunesmith.compareRow": { title: "Compare the Row with Its Dataset", palette: ROW_DOCUMENT, editorMenu: ROW_DOCUMENT },
  "tunesmith.chooseTokenMarks": { title: "Choose Token Marks…", palette: DATASET_EDITOR },
  "tunesmith.toggleTokenBoundaries": { title: "Show or Hide Token Boundaries", palette: DATASET_EDITOR },
  "tunesmith.toggleSpecialTokens": { title: "Show or Hide Special Tokens", palette: DATASET_EDITOR },
  "tunesmith.toggleTrainedTokens": { title: "Show or Hide What Is Trained", palette: DATASET_EDITOR },
  "tunesmith.toggleUntrainedTokens": { title: "Show or Hide Untrained Tokens", palette: DATASET_EDITOR },
  "tunesmith.hideTokenMarks": { title: "Hide All Token Marks", palette: DATASET_EDITOR },
  "tunesmith.openPlayground": { title: "Open Playground" },
  "tunesmith.connectServer": { title: "Connect to Server…" },
  "tunesmith.continueRow": { title: "Continue Row in Playground", palette: DATASET_EDITOR },
  "tunesmith.scoreRow": { title: "Score Row", palette: DATASET_EDITOR },
  "tunesmith.scoreDataset": { title: "Score Dataset", palette: DATASET_EDITOR },
  "tunesmith.clearScores": { title: "Clear Scores", palette: DATASET_EDITOR },
  "tunesmith.selectSample": { title: "Select Sample Conversation…", palette: TEMPLATE_EDITOR },
  "tunesmith.openConfigTemplate": { title: "Open Chat Template of This File", palette: CONFIG_FILE, fileMenu: CONFIG_FILE, editorTitle: { when: CONFIG_FILE, icon: "$(edit)" } },
  "tunesmith.compareProbePrompts": { title: "Compare the Prompts of a Finding", palette: "false" },
  "tunesmith.acceptPrompt": { title: "Accept the Prompt", palette: "false", testMenu: `controllerId == ${CASE_TESTS}` },
  "tunesmith.explainTrainingError": { title: "Explain Training Error", terminalMenu: true },
  "tunesmith.copyTrainingConfiguration": { title: "Copy Configuration That Trains Embeddings…" },
  "tunesmith.selectModel": { title: "Select Model…" },
  "tunesmith.openPromptXray": { title: "Open Prompt X-ray", editorTitle: { when: DATASET_OR_TEMPLATE, icon: "$(open-preview)" } },
  "tunesmith.showOutput": { title: "Show Output" },
} as const satisfies Readonly<Record<`tunesmith.${string}`, CommandSpec>>;

export type CommandId = keyof typeof COMMANDS;
