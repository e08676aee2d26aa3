import type { Dispatcher } from "undici";
import type { Exchange, ForwardEnd, IngressResponse } from "./exchange.ts";
import { addField, responseHeaders } from "./headers.ts";
import { declaredLength, hasBody, RequestBody, RequestTooLargeError } from "./request-body.ts";

type Controller = Dispatcher.DispatchController;

/** Errors of connecting: nothing was sent. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_DESTROYED",
]);

/** Sends a request to an HTTP/1.1 container and streams the response back, both with backpressure. Never rejects. */
export function forwardHttp1(
  exchange: Exchange,
  response: IngressResponse,
  maxBytes: number,
  signal: AbortSignal,
): Promise<ForwardEnd> {
  const { instance, request, path, headers } = exchange;
  if (instance === undefined) return Promise.resolve("NOT_SENT");
  const body = hasBody(request) ? new RequestBody(request, maxBytes) : null;
  const { promise, resolve } = Promise.withResolvers<ForwardEnd>();
  const handler = new ForwardHandler({ exchange, response, maxBytes, signal, resolve, body });
  try {
    const { method = "GET" } = request;
    instance.upstream.http1().dispatch({ path, method, headers, body }, handler);
  } catch {
    handler.finish("NO_RESPONSE");
  }
  return promise;
}

interface ForwardState {
  readonly exchange: Exchange;
  readonly response: IngressResponse;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly body: RequestBody | null;
  readonly resolve: (end: ForwardEnd) => void;
}

/** Copies what undici reads to the caller's response. */
class ForwardHandler implements Dispatcher.DispatchHandler {
  readonly #state: ForwardState;
  #controller: Controller | undefined;
  #started = false;
  #end: ForwardEnd | undefined;

  constructor(state: ForwardState) {
    this.#state = state;
    state.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#state.signal.aborted) this.#onAbort();
  }

  onResponseStart(controller: Controller, status: number): void {
    // Interim responses are between the hops: ingress has sent 100 itself, and hints come again with the response.
    if (status < 200) return;
    const { response, exchange } = this.#state;
    const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[]);
    if (Number(headers["content-length"] ?? 0) > this.#state.maxBytes && exchange.request.method !== "HEAD") {
      this.#abort("RESPONSE_TOO_LARGE");
      return;
    }
    if (exchange.setCookie !== undefined) addField(headers, "set-cookie", exchange.setCookie);
    response.writeHead(status, headers);
    this.#started = true;
    exchange.status = status;
    process.nextTick(() => {
      // A response whose body lets wait for itself, such as an event stream.
      if (exchange.responseBytes === 0 && this.#end === undefined) response.flushHeaders?.();
    });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const { response, exchange } = this.#state;
    exchange.responseBytes += chunk.length;
    if (response.write(chunk)) return;
    controller.pause();
    response.once("drain", () => controller.resume());
  }

  onResponseEnd(controller: Controller): void {
    const { response } = this.#state;
    const { rawTrailers } = controller;
    if (Array.isArray(rawTrailers) && rawTrailers.length > 0) response.addTrailers(responseHeaders(rawTrailers));
    response.end();
    this.finish("DONE");
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (error instanceof RequestTooLargeError) this.finish("REQUEST_TOO_LARGE");
    else if (this.#started) this.finish("CUT_OFF");
    else this.finish(isNotSent(error) ? "NOT_SENT" : "NO_RESPONSE");
  }

  /** Ends the forwarding, the first reason wins. */
  finish(end: ForwardEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const { signal, body, exchange, resolve, response } = this.#state;
    signal.removeEventListener("abort", this.#onAbort);
    exchange.requestBytes = body?.bytes ?? declaredLength(exchange.request);
    if (end === "CUT_OFF") response.destroy();
    resolve(end);
  }

  #abort(end: ForwardEnd): void {
    this.finish(end);
    this.#controller?.abort(new Error(end));
  }

  readonly #onAbort = () => this.#abort("ABORTED");
}

function isNotSent(error: Error & { readonly code?: string }): boolean {
  return error.code !== undefined && NOT_SENT.has(error.code);
}
