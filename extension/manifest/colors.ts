/** A colour that themes can set, and what it is where they do not. */
export interface ColorSpec {
  readonly description: string;
  readonly dark: string;
  readonly light: string;
  readonly highContrast: string;
  readonly highContrastLight: string;
}

/** The colours of token marks. Each kind of mark also has a line of its own style, so that none is told by colour alone. */
export const COLORS = {
  "tunesmith.tokenBoundary": {
    description: "The line before each token in a dataset.",
    dark: "#9A9A9A",
    light: "#767676",
    highContrast: "#FFFFFF",
    highContrastLight: "#292929",
  },
  "tunesmith.specialToken": {
    description: "The frame around special tokens that stand in a dataset's text.",
    dark: "#D7A0FF",
    light: "#8A2BC2",
    highContrast: "#FFD700",
    highContrastLight: "#5E2CBC",
  },
  "tunesmith.trainedToken": {
    description: "The line under text whose tokens are trained on.",
    dark: "#4EC9A0",
    light: "#0B7A53",
    highContrast: "#00FF9C",
    highContrastLight: "#005A3C",
  },
  "tunesmith.maskedToken": {
    description: "The dotted line under text whose tokens are not trained on.",
    dark: "#9A9A9A",
    light: "#767676",
    highContrast: "#CCCCCC",
    highContrastLight: "#4A4A4A",
  },
  "tunesmith.untrainedToken": {
    description: "The double line under tokens whose embedding rows were never trained.",
    dark: "#F48771",
    light: "#B3261E",
    highContrast: "#FF8A80",
    highContrastLight: "#8B0000",
  },
} as const satisfies Readonly<Record<`tunesmith.${string}`, ColorSpec>>;

export type ColorId = keyof typeof COLORS;
