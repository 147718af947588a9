/** What Jinja's compiler knows of the place it is compiling; what it reports depends on it. */
export interface CompileFrame {
  /** In an `if` or a conditional expression: unknown filters and tests wait for run time. */
  readonly soft: boolean;
  /** Not inside a loop, macro, block, … */
  readonly topLevel: boolean;
  /** Not even inside an `if`. */
  readonly rootLevel: boolean;
  /** Output is written only while no `extends` has been met. */
  readonly checksOutput: boolean;
  /** Inside of `{% autoescape x %}`, where nothing is optimized. */
  readonly volatile: boolean;
  /** In the filters of a set block, where Jinja's analysis of variables does not look. */
  readonly looksForNames: boolean;
  /** How many scopes this one stands in. */
  readonly level: number;
  /** Python loops around this place within its Python function. */
  readonly loops: number;
}

/** The frame of a nested scope. */
export function innerFrame(frame: CompileFrame, changes: Partial<CompileFrame> = {}): CompileFrame {
  return { ...frame, soft: false, topLevel: false, rootLevel: false, level: frame.level + 1, ...changes };
}

/** The frame of a branch. */
export function softFrame(frame: CompileFrame): CompileFrame {
  return { ...frame, soft: true, rootLevel: false };
}
