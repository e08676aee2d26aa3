import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Clock } from "../../platform/clock.ts";
import {
  OutgoingError,
  type OutgoingErrorKind,
  type OutgoingRequest,
  type OutgoingResponse,
} from "./outgoing-request.ts";

/** A request with where it goes on the connection. */
export interface DirectedRequest extends Omit<OutgoingRequest, "url"> {
  readonly origin: string;
  readonly path: string;
}

const DEFAULT_BODY_BYTES = 64 * 1024;
/** Interim responses beyond this many are no conversation any more. */
const MAX_INTERIM = 16;
/** Errors of connecting, by the codes of undici and of the system. */
const UNREACHABLE = /^(UND_ERR_CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;

/** Sends a request and keeps at most so much of the response; see Outgoing.send. */
export function exchange(clock: Clock, dispatcher: Dispatcher, request: DirectedRequest): Promise<OutgoingResponse> {
  return new Promise((resolve, reject) => {
    const state = new Exchange(request.maxBodyBytes ?? DEFAULT_BODY_BYTES, (outcome) => {
      timer[Symbol.dispose]();
      request.signal?.removeEventListener("abort", abort);
      if (outcome instanceof OutgoingError) reject(outcome);
      else resolve(outcome);
    });
    const abort = () => state.fail("ABORTED", "given up");
    const timer = clock.after(request.timeoutMs, () =>
      state.fail("TIMEOUT", `no complete response within ${request.timeoutMs / 1000} s`),
    );
    if (request.signal?.aborted === true) return abort();
    request.signal?.addEventListener("abort", abort, { once: true });
    const { origin, path, method, headers, body = null } = request;
    try {
      dispatcher.dispatch({ origin, path, method, headers, body }, state);
    } catch (error) {
      state.fail("MALFORMED", messageOf(error));
    }
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: (outcome: OutgoingResponse | OutgoingError) => void;
  readonly #maxBytes: number;
  #controller: Dispatcher.DispatchController | undefined;
  #ended = false;
  #interim = 0;
  #interimStatus: number | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number, done: (outcome: OutgoingResponse | OutgoingError) => void) {
    this.#maxBytes = maxBytes;
    this.#done = done;
  }

  /** Ends the exchange without a response; the connection goes, too, since what comes on it is nobody's. */
  fail(kind: OutgoingErrorKind, message: string): void {
    this.#end(new OutgoingError(kind, message, { interimStatus: this.#interimStatus }));
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error("given up"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) {
      this.#interimStatus = status;
      if (++this.#interim > MAX_INTERIM) this.fail("BROKEN", "too many interim responses");
      return;
    }
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    // Chunks lie in a buffer that is larger than they are, and used again.
    if (room > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#maxBytes) return;
    this.#end(this.#response(true));
    controller.abort(new Error("enough of the response was read"));
  }

  onResponseEnd(): void {
    this.#end(this.#response(false));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { code = "" } = error as NodeJS.ErrnoException;
    const kind = UNREACHABLE.test(code) ? "UNREACHABLE" : code === "UND_ERR_INVALID_ARG" ? "MALFORMED" : "BROKEN";
    this.#end(new OutgoingError(kind, messageOf(error), { interimStatus: this.#interimStatus }));
  }

  #response(truncated: boolean): OutgoingResponse {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    return { status: this.#status, headers: this.#headers, body, truncated };
  }

  #end(outcome: OutgoingResponse | OutgoingError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#chunks = [];
    this.#done(outcome);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
