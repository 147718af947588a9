import * as path from "node:path";

/** The repository. Tests are bundled into `out/`, so this is the folder that the runner starts them in, not one beside this file. */
export const root = process.cwd();

/** Where the suites leave what people look at afterwards: results, screenshots. Not in git. */
export const output = path.join(root, "out");
