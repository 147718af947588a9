/** The panels that hold webviews. VS Code activates the extension to bring one back that was open when the window closed. */
export const PANELS = {
  prompt: "tunesmith.promptXray",
  playground: "tunesmith.playground",
} as const satisfies Readonly<Record<string, `tunesmith.${string}`>>;

export type PanelType = (typeof PANELS)[keyof typeof PANELS];
