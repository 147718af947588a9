import { notebookSource, readPythonConfigs } from "./pythonConfig";
import type { TrainingConfig } from "./trainingConfig";
import { readYamlConfig } from "./yamlConfig";

const MAX_YAML_LENGTH = 256 * 1024;

/**
 * What a file says of the training of embedding rows: none or one for a YAML file, one for each adapter of a Python file or a
 * notebook. In notebooks, places count in the joined code of its cells. Never throws; nothing in the file is run.
 */
export function readTrainingConfigs(fileName: string, text: string): readonly TrainingConfig[] {
  const extension = /\.([a-z]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  switch (extension) {
    case "yaml":
    case "yml": {
      const config = text.length > MAX_YAML_LENGTH ? undefined : readYamlConfig(text);
      return config === undefined ? [] : [config];
    }
    case "py":
      return readPythonConfigs(text);
    case "ipynb":
      return readPythonConfigs(notebookSource(text) ?? "");
    default:
      return [];
  }
}
