import { ServerError } from "./serverError";

/** A line longer than this is no piece of an answer; without a bound a server could fill the memory. */
const MAX_LINE = 4 * 1024 * 1024;

/**
 * The data of server-sent events, as they come: lines end in LF, CR or CRLF wherever chunks are cut, several `data:` lines of an
 * event are one, comments and other fields are left out. Source: the WHATWG HTML standard, "Interpreting an event stream".
 * @throws ServerError `server-garbage` for a line without end.
 */
export async function* eventData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_LINE) throw new ServerError("server-garbage", "The server sent a line of more than 4 MB. Is it an OpenAI-compatible server?");
    // A CR at the end may be the first half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
      const value = /^data:? ?(.*)$/s.exec(line)?.[1];
      if (value !== undefined) data.push(value);
    }
  }
  // An event without the empty line behind it: servers that end this way mean it all the same.
  const value = /^data:? ?(.*)$/s.exec(rest.trimEnd())?.[1];
  if (value !== undefined) data.push(value);
  if (data.length > 0) yield data.join("\n");
}
