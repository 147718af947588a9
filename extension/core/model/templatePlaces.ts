import { LineMap, type Span } from "../../base/text";
import type { FilePlace, PositionRange } from "../analysis/finding";
import { RowSource } from "../jsonl/rowSource";

/** A file that a chat template is kept in. */
export interface TemplateFile {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** Where a JSON file has the template; undefined where the file is the template. */
  readonly pointer: string | undefined;
}

/** Finds places of chat templates in the files that they are kept in, through the escapes of JSON. */
export class TemplatePlaces {
  readonly #files: ReadonlyMap<string, TemplateFile>;
  readonly #readers = new Map<TemplateFile, (span: Span) => PositionRange | undefined>();

  /** @param files by the template's source */
  constructor(files: ReadonlyMap<string, TemplateFile>) {
    this.#files = files;
  }

  /** Where characters of a template stand; undefined where no file has it. */
  find(source: string, span: Span): FilePlace | undefined {
    const file = this.#files.get(source);
    if (file === undefined) return undefined;
    let reader = this.#readers.get(file);
    if (reader === undefined) this.#readers.set(file, (reader = readerOf(file)));
    const range = reader(span);
    return range === undefined ? undefined : { file: file.file, range };
  }
}

function readerOf({ text, pointer }: TemplateFile): (span: Span) => PositionRange | undefined {
  const lines = new LineMap(text);
  const rangeOf = ({ start, end }: Span): PositionRange => ({ start: lines.positionAt(start), end: lines.positionAt(end) });
  if (pointer === undefined) return rangeOf;
  const json = new RowSource(text);
  return ({ start, end }) => {
    const span = json.rangeOf(pointer, start, end);
    return span === undefined ? undefined : rangeOf(span);
  };
}
