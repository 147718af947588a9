import type { CommandId } from "./commands";

/** A step of the walkthrough. */
export interface WalkthroughStep {
  readonly id: string;
  readonly title: string;
  /** Markdown; a command link in a paragraph of its own becomes a button. */
  readonly description: string;
  /** A picture that the browser tests took, in a dark and a light theme: `extension/assets/screenshot-<name>-<theme>.png`. */
  readonly picture: string;
  readonly altText: string;
  /** The step is done when this was run. */
  readonly completedBy: CommandId;
}

const button = (title: string, command: CommandId): string => `[${title}](command:${command})`;

/** What VS Code's Welcome page shows of the extension. */
export const WALKTHROUGH = {
  id: "start",
  title: "See what the trainer will see",
  description: "Check fine-tuning datasets and look at their prompts, token by token, before you train.",
  steps: [
    {
      id: "check",
      title: "Open a dataset",
      description:
        "JSON Lines files are checked while you type: turns out of order, unknown roles, rows that a trainer would drop. " +
        "Files of any size can be checked as they are on disk.\n" +
        button("Check a Dataset", "tunesmith.checkDataset"),
      picture: "check",
      altText: "A dataset with wavy lines under a wrong role, two user turns in a row and broken JSON, and the same findings in the Problems panel.",
      completedBy: "tunesmith.checkDataset",
    },
    {
      id: "model",
      title: "Say which model it is for",
      description:
        "With the tokenizer and the chat template of the model, rows are rendered and counted exactly as in training.\n" +
        button("Select a Model", "tunesmith.selectModel"),
      picture: "untrained",
      altText: "A hover over a token that the model was never trained on: its place in the prompt, its id, its bytes, and which trainers stop at it.",
      completedBy: "tunesmith.selectModel",
    },
    {
      id: "tokens",
      title: "Look at prompts and tokens",
      description:
        "Rest the pointer on a row: the hover shows the prompt around it and the token under it, and whether it is trained on. " +
        "Mark tokens in the text to see boundaries, special tokens and what is trained.\n" +
        button("Choose Token Marks", "tunesmith.chooseTokenMarks") +
        "\nThe prompt X-ray shows all of a row's prompt beside it, and leads from each token to the template and to the message.\n" +
        button("Open Prompt X-ray", "tunesmith.openPromptXray"),
      picture: "xray",
      altText: "The prompt X-ray beside a chat template: a row's prompt with its turns, its tokens, what is trained on, and where the selected token comes from.",
      completedBy: "tunesmith.chooseTokenMarks",
    },
    {
      id: "fix",
      title: "Fix rows",
      description:
        "Quick fixes merge turns, rename roles, mend JSON and more, in one row or in the whole file, and change nothing else. " +
        "A row can also be opened as a document of its own, which saves back into its line.\n" +
        button("Open the Row at the Cursor", "tunesmith.openRow"),
      picture: "fix",
      altText: "The quick fixes for two user turns in a row: merge them, insert an assistant turn, remove the turn, delete the row.",
      completedBy: "tunesmith.openRow",
    },
  ],
} as const satisfies { readonly id: string; readonly title: string; readonly description: string; readonly steps: readonly WalkthroughStep[] };
