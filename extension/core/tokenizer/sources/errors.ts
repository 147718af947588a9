import { TunesmithError } from "../../../base/errors";

/** Thrown for a vocabulary file that cannot be read. */
export class VocabularyError extends TunesmithError {
  /** Where in the file, where a place can be told. */
  readonly byteOffset: number | undefined;

  constructor(code: "vocabulary-damaged" | "vocabulary-unsupported" | "vocabulary-too-large", message: string, byteOffset?: number) {
    super(code, byteOffset === undefined ? message : `${message} (at byte ${byteOffset})`);
    this.name = "VocabularyError";
    this.byteOffset = byteOffset;
  }
}
