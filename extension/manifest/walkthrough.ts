import type { CommandId } from "./commands";

/** A step of the walkthrough. */
export interface WalkthroughStep {
  readonly id: string;
  readonly title: string;
  /** Markdown; a command link in a paragraph of its own becomes a button. */
  readonly description: string;
  /** A picture in the colours of the theme. */
  readonly picture: `extension/assets/walkthrough/${string}.svg`;
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
      picture: "extension/assets/walkthrough/check.svg",
      altText: "A row of a dataset with a wavy line under a role that is not known.",
      completedBy: "tunesmith.checkDataset",
    },
    {
      id: "model",
      title: "Say which model it is for",
      description:
        "With the tokenizer and the chat template of the model, rows are rendered and counted exactly as in training.\n" +
        button("Select a Model", "tunesmith.selectModel"),
      picture: "extension/assets/walkthrough/model.svg",
      altText: "A row becomes a prompt, and the prompt becomes tokens.",
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
      picture: "extension/assets/walkthrough/tokens.svg",
      altText: "A text with lines between its tokens: a dotted line under what is masked, a solid one under what is trained on.",
      completedBy: "tunesmith.chooseTokenMarks",
    },
    {
      id: "fix",
      title: "Fix rows",
      description:
        "Quick fixes merge turns, rename roles, mend JSON and more, in one row or in the whole file, and change nothing else. " +
        "A row can also be opened as a document of its own, which saves back into its line.\n" +
        button("Open the Row at the Cursor", "tunesmith.openRow"),
      picture: "extension/assets/walkthrough/fix.svg",
      altText: "A light bulb beside a row, with fixes to choose from.",
      completedBy: "tunesmith.openRow",
    },
  ],
} as const satisfies { readonly id: string; readonly title: string; readonly description: string; readonly steps: readonly WalkthroughStep[] };
