import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The web-standard form of a Node request; the body is streamed. */
export function toWebRequest(request: IncomingMessage, url: string, signal: AbortSignal): Request {
  const method = request.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers: headersOf(request),
    signal,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: "half" }),
  });
}

/** Sends a web-standard response; resolves when it is sent or the client went away, rejects when its content fails. */
export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length) headers["set-cookie"] = cookies;
  response.writeHead(answer.status, headers);
  if (!answer.body || response.req.method === "HEAD") {
    response.end();
    return;
  }
  // A stream may have nothing to say for long, and its client wants to know that it has begun; what is there at once goes
  // out in one packet with the headers.
  setImmediate(() => response.writableEnded || response.flushHeaders());
  try {
    await pipeline(Readable.fromWeb(answer.body), response);
  } catch (error) {
    // Its connection may also close between the last byte and the end of the stream that brought it.
    if (!isClientGone(error)) throw error;
  }
}

function isClientGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = [request.rawHeaders[index]!, request.rawHeaders[index + 1]!];
    // Hop-by-hop fields mean nothing above the connection, and the web API refuses them.
    if (!/^(connection|keep-alive|transfer-encoding|upgrade|te|trailer|proxy-.*|expect)$/i.test(name)) {
      headers.append(name, value);
    }
  }
  return headers;
}
