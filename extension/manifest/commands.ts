/** What the manifest says of a command. */
export interface CommandSpec {
  /** As the Command Palette shows it, behind the category. */
  readonly title: string;
  /** When the Command Palette offers it; always when left out. */
  readonly palette?: string;
  /** When the context menu of the Explorer and of editor tabs offers it; never when left out. */
  readonly fileMenu?: string;
}

/** The category of every command. */
export const COMMAND_CATEGORY = "Tunesmith";

const DATASET_FILE = "resourceExtname =~ /^\\.(jsonl|ndjson)$/i";

/** Every command. Adding one here makes the compiler ask for its implementation. */
export const COMMANDS = {
  "tunesmith.checkDataset": { title: "Check Dataset", fileMenu: DATASET_FILE },
  "tunesmith.checkWorkspace": { title: "Check Workspace", palette: "workspaceFolderCount > 0" },
  "tunesmith.selectModel": { title: "Select Model…" },
  "tunesmith.showOutput": { title: "Show Output" },
} as const satisfies Readonly<Record<`tunesmith.${string}`, CommandSpec>>;

export type CommandId = keyof typeof COMMANDS;
