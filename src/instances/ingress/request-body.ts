import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { Readable } from "node:stream";

/** A request as either HTTP version's server gives it. */
export type IngressRequest = IncomingMessage | Http2ServerRequest;

/** The body was longer than the limit. */
export class RequestTooLargeError extends Error {
  override readonly name = "RequestTooLargeError";
}

/**
 * The body of a request, to be piped to a container. Destroying it leaves the request and its connection alone, so that a
 * container may answer without reading. Fails with RequestTooLargeError after `maxBytes`.
 */
export class RequestBody extends Readable {
  bytes = 0;
  readonly #request: IngressRequest;
  readonly #maxBytes: number;
  #attached = false;

  constructor(request: IngressRequest, maxBytes: number) {
    super();
    this.#request = request;
    this.#maxBytes = maxBytes;
    // Whoever pipes it may have let go of it already when the caller breaks off.
    this.on("error", () => undefined);
  }

  override _read(): void {
    if (this.#attached) {
      this.#request.resume();
      return;
    }
    this.#attached = true;
    this.#request.on("data", this.#onData);
    this.#request.once("end", this.#onEnd);
    this.#request.once("error", this.#onError);
    this.#request.once("close", this.#onClose);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#request.off("data", this.#onData);
    this.#request.off("end", this.#onEnd);
    this.#request.off("error", this.#onError);
    this.#request.off("close", this.#onClose);
    // The rest of what was begun is thrown away, so that the connection can be used again; what was not, may be sent again.
    if (this.#attached) this.#request.resume();
    callback(error);
  }

  readonly #onData = (chunk: Buffer) => {
    this.bytes += chunk.length;
    if (this.bytes > this.#maxBytes) this.destroy(new RequestTooLargeError());
    else if (!this.push(chunk)) this.#request.pause();
  };

  readonly #onEnd = () => void this.push(null);

  readonly #onError = (error: Error) => void this.destroy(error);

  readonly #onClose = () => {
    if (!this.#request.complete) this.destroy(new Error("the caller closed the connection"));
  };
}

/** Whether the request has a body, by RFC 9112, section 6.3, and RFC 9113, section 8.1. */
export function hasBody(request: IngressRequest): boolean {
  if ("stream" in request) return !request.stream.endAfterHeaders;
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || declaredLength(request) > 0;
}

/** The value of Content-Length, 0 when absent. */
export function declaredLength({ headers }: IngressRequest): number {
  return Number(headers["content-length"] ?? 0);
}
