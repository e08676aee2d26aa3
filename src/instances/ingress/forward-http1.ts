import type { ClientConnection, Failure, ResponseHandler } from "../http1/client-connection.ts";
import { type Fields, formatFields } from "../http1/fields.ts";
import type { ResponseHead } from "../http1/head.ts";
import type { Exchange, ForwardEnd } from "./exchange.ts";
import { responseFields, trailerFields } from "./headers.ts";
import type { BodySink } from "./incoming.ts";

/** What forwarding needs besides the exchange. */
export interface ForwardDeps {
  readonly nowMs: () => number;
  readonly maxHttp1Bytes: number;
}

/**
 * Sends a request to an HTTP/1.1 container and streams the response back, both with backpressure; then calls `done`, once.
 * A WebSocket that the container agrees to is passed both ways until one side closes it.
 */
export function forwardHttp1(deps: ForwardDeps, exchange: Exchange, done: (end: ForwardEnd) => void): void {
  new Http1Forward(deps, exchange, done).start();
}

class Http1Forward implements ResponseHandler {
  readonly #deps: ForwardDeps;
  readonly #exchange: Exchange;
  readonly #done: (end: ForwardEnd) => void;
  readonly #connection: ClientConnection;
  #started = false;
  #isRaw = false;
  #isFinished = false;
  #bodyBytes = 0;
  #hasSentAll: boolean;

  constructor(deps: ForwardDeps, exchange: Exchange, done: (end: ForwardEnd) => void) {
    this.#deps = deps;
    this.#exchange = exchange;
    this.#done = done;
    this.#connection = exchange.instance!.upstream.http1(deps.nowMs());
    this.#hasSentAll = exchange.stream.body === undefined;
  }

  start(): void {
    const { stream, path, headers } = this.#exchange;
    this.#exchange.cancel = () => this.#cancel();
    const upgrade = stream.upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" : "";
    const head = `${stream.method} ${path} HTTP/1.1\r\n${formatFields(headers)}${upgrade}`;
    this.#connection.send({ method: stream.method, head, body: stream.body, upgrade: stream.upgrade }, this);
  }

  /** Nothing of a body is read before there is a connection, so that it can be sent to another instance. */
  connected(): void {
    const { stream } = this.#exchange;
    if (stream.body === undefined) return;
    stream.onDrain = undefined;
    stream.readBody(this.#bodySink());
  }

  head(head: ResponseHead): void {
    const { stream, trace, setCookie } = this.#exchange;
    if ((head.declaredLength ?? 0) > this.#deps.maxHttp1Bytes && stream.method !== "HEAD") {
      this.#abandon("RESPONSE_TOO_LARGE");
      return;
    }
    const fields = responseFields(head.fields, head.connection, trace, this.#deps.nowMs());
    if (setCookie !== undefined) fields.push("Set-Cookie", setCookie);
    this.#started = true;
    this.#exchange.status = head.status;
    stream.onDrain = () => this.#connection.resume();
    if (head.status === 101) this.#switchProtocols(fields);
    else stream.begin(head.status, fields, head.declaredLength);
  }

  /** A chunk of the response. */
  data(chunk: Buffer): void {
    if (this.#isFinished) return;
    this.#exchange.responseBytes += chunk.length;
    if (!this.#exchange.stream.write(chunk)) this.#connection.pause();
  }

  flush(): void {
    if (!this.#isFinished) this.#exchange.stream.flush();
  }

  /** The response is complete. */
  end(trailers: Fields): void {
    if (this.#isFinished) return;
    const { stream, instance } = this.#exchange;
    // Given back first: whoever is answered may ask again at once.
    instance!.upstream.giveBack(this.#connection, this.#deps.nowMs());
    this.#finish("DONE", () => stream.end(trailers.length === 0 ? trailers : trailerFields(trailers)));
  }

  drain(): void {
    this.#exchange.stream.resumeBody();
  }

  fail(failure: Failure): void {
    if (this.#isRaw) this.#finish("DONE", () => this.#exchange.stream.cutOff());
    else if (failure === "CUT_OFF" && !this.#started) this.#finish("NO_RESPONSE");
    else this.#finish(failure, failure === "CUT_OFF" ? () => this.#exchange.stream.cutOff() : undefined);
  }

  raw(chunk: Buffer | undefined): void {
    if (this.#isFinished) return;
    const { stream } = this.#exchange;
    if (chunk === undefined) {
      this.#connection.destroy();
      this.#finish("DONE", () => stream.end([]));
      return;
    }
    this.data(chunk);
    stream.flush();
  }

  /** Bytes of the request's body go to the container; those of a WebSocket, too. */
  #bodySink(): BodySink {
    return {
      data: (chunk) => this.#sendBody(chunk),
      end: (trailers) => {
        this.#hasSentAll = true;
        if (!this.#isFinished) this.#connection.endBody(trailers.length === 0 ? trailers : trailerFields(trailers));
      },
    };
  }

  #sendBody(chunk: Buffer): void {
    if (this.#isFinished) return;
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#deps.maxHttp1Bytes && !this.#isRaw) this.#abandon("REQUEST_TOO_LARGE");
    else if (!this.#connection.write(chunk)) this.#exchange.stream.pauseBody();
  }

  #switchProtocols(fields: string[]): void {
    const { stream } = this.#exchange;
    this.#isRaw = true;
    stream.switchProtocols([...fields, "Connection", "Upgrade", "Upgrade", "websocket"]);
    stream.flush();
    stream.readBody(this.#bodySink());
  }

  #abandon(end: ForwardEnd): void {
    this.#connection.destroy();
    this.#finish(end, this.#started && end !== "ABORTED" ? () => this.#exchange.stream.cutOff() : undefined);
  }

  #cancel(): void {
    this.#abandon("ABORTED");
  }

  #finish(end: ForwardEnd, answer?: () => void): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const { stream } = this.#exchange;
    this.#exchange.cancel = undefined;
    stream.onDrain = undefined;
    if (!this.#hasSentAll) stream.resumeBody();
    this.#exchange.requestBytes = this.#bodyBytes;
    answer?.();
    this.#done(end);
  }
}
