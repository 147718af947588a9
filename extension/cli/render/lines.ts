import { TunesmithError } from "../../base/errors";

/** The longest line of a batch, in bytes: a longer one is no line but a file without line ends. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

const LF = 10;

/**
 * The lines of a stream, one at a time and without their ends; an empty last line is left out.
 * @throws TunesmithError `too-large` for a line that cannot be held.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      yield pieces.length === 0 ? chunk.subarray(from, end) : Buffer.concat([...pieces, chunk.subarray(from, end)]);
      pieces = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    pieces.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE_BYTES) throw new TunesmithError("too-large", `A line of the batch has more than ${MAX_LINE_BYTES} bytes. Write one JSON object a line.`);
  }
  if (length > 0) yield Buffer.concat(pieces);
}
