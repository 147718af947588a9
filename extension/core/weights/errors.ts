import { TunesmithError } from "../../base/errors";

/**
 * - `weights-missing`: a file is not there, or no file holds an embedding matrix
 * - `weights-ambiguous`: several models are there
 * - `weights-unsupported`: a format or an element type that cannot be read
 * - `weights-broken`: a file contradicts its format, or ends early
 * - `weights-too-large`: a file is past a bound that keeps memory and time in hand
 */
export type WeightsErrorCode = "weights-missing" | "weights-ambiguous" | "weights-unsupported" | "weights-broken" | "weights-too-large";

/** Where a {@link WeightsError} was met. */
export interface WeightsErrorPlace {
  readonly file?: string | undefined;
  /** In the file. */
  readonly byteOffset?: number | undefined;
}

/** Thrown for weights that cannot be read. */
export class WeightsError extends TunesmithError {
  declare readonly code: WeightsErrorCode;
  readonly file: string | undefined;
  readonly byteOffset: number | undefined;

  constructor(code: WeightsErrorCode, message: string, { file, byteOffset }: WeightsErrorPlace = {}) {
    super(code, forPeople(message));
    this.name = "WeightsError";
    this.file = file;
    this.byteOffset = byteOffset;
  }
}

/** Names come from the files: a hostile one may be of any length, and hold anything. */
const MAX_DETAIL = 300;
const MAX_MESSAGE = 900;

function forPeople(text: string, limit = MAX_MESSAGE): string {
  const plain = text.slice(0, limit).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
  return text.length <= limit ? plain : `${plain}…`;
}

/** An error for a file that contradicts its format at `byteOffset`. `what` is a clause: `its header is no JSON object`. */
export function brokenFile(file: string, byteOffset: number | undefined, what: string): WeightsError {
  const where = byteOffset === undefined ? "" : ` at byte ${byteOffset}`;
  return new WeightsError("weights-broken", `${file} is broken${where}: ${forPeople(what, MAX_DETAIL)}. Download it again.`, { file, byteOffset });
}

/** An error for a file that asks for more than `limit`. `what` is a clause: `its header has 300 MB`. */
export function tooLarge(file: string, byteOffset: number | undefined, what: string, limit: string): WeightsError {
  return new WeightsError("weights-too-large", `${file} is not read: ${forPeople(what, MAX_DETAIL)}; at most ${limit} are read.`, { file, byteOffset });
}
