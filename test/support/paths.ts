import * as path from "node:path";

/**
 * The repository. Tests are bundled into `out/`, so this is the folder that the runner starts them in, not one beside this
 * file; inside the extension host, which runs elsewhere, the runner says where it is.
 */
export const root = process.env.TUNESMITH_ROOT ?? process.cwd();

/** Where the suites leave what people look at afterwards: results, screenshots. Not in git. */
export const output = path.join(root, "out");

/** The extension as it is packaged: see stage.mjs. */
export const stagedExtension = path.join(output, "extension");
