import { hubModel } from "../../../extension/node/hub/hubModel";

// Downloads the files named on the command line with the settings of the environment, as a process of its own: two of these
// share a cache, or one is killed in the middle. Says how far it is, a line a step.

const [id = "", ...files] = process.argv.slice(2);
const model = await hubModel(id, { progress: ({ file, doneBytes }) => console.log(`${file} ${doneBytes}`) });
for (const file of files) {
  const bytes = await model.folder.read(file);
  console.log(`done ${file} ${bytes?.length ?? "missing"}`);
}
