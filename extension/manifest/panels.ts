/** The panels that hold webviews. VS Code activates the extension to bring one back that was open when the window closed. */
export const PANELS = {
  prompt: "tunesmith.promptXray",
  playground: "tunesmith.playground",
} as const satisfies Readonly<Record<string, `tunesmith.${string}`>>;

export type PanelType = (typeof PANELS)[keyof typeof PANELS];

/**
 * Those that show what the editor beside them holds. Their editor groups are locked, as that of VS Code's own browser: a file that
 * is opened while they have the focus opens in another group instead of covering them.
 */
export const PANELS_BESIDE: readonly PanelType[] = [PANELS.prompt];
