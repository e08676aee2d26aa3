import type { Lease } from "../pool/revision-pool.ts";
import type { Instance } from "../pool/instance.ts";
import type { InstanceLogEntry } from "../serving.ts";
import { admit, type AdmitDeps } from "./admit.ts";
import { assign, type Connection, type Exchange, type ForwardEnd, type IngressResponse } from "./exchange.ts";
import { failurePage, refusalPage } from "./failure-pages.ts";
import { forwardH2c } from "./forward-h2c.ts";
import { forwardHttp1 } from "./forward-http1.ts";
import * as pages from "./pages.ts";
import { declaredLength, hasBody, type IngressRequest } from "./request-body.ts";
import { requestLogEntry } from "./request-log.ts";

export interface ServeDeps extends AdmitDeps {
  readonly writeLog: (entry: InstanceLogEntry) => void;
  readonly maxHttp1Bytes: number;
}

/** Why a request is given up before it ends by itself. */
type Abort = "TIMED_OUT" | "CALLER_GONE";

/** Tries with other instances when a request could not even be sent. */
const SEND_ATTEMPTS = 3;

/** How long to wait for the news that an instance has ended, to tell why it broke off. */
const EXIT_NEWS_MS = 100;

/** Google: "client closed request"; nobody receives it, the request log has it. */
const CALLER_GONE_STATUS = 499;

/** Serves one request: admits it, gets an instance, forwards, answers what goes wrong, and writes the request log. */
export async function serve(
  deps: ServeDeps,
  request: IngressRequest,
  response: IngressResponse,
  connection: Connection,
): Promise<void> {
  const { exchange, refused } = await admit(deps, request, connection);
  if (exchange === undefined) {
    sendPage(response, refused);
    return;
  }
  if (refused !== undefined) refuse(exchange, response, refused);
  // The route has moved on meanwhile: the request belongs to the revision that is there now.
  else if ((await forwardInTime(deps, exchange, response)) === "REMOVED")
    return serve(deps, request, response, connection);
  deps.writeLog(requestLogEntry(exchange, deps.clock.nowMs()));
}

/** Forwards within the revision's request timeout, and for as long as the caller waits. */
async function forwardInTime(
  deps: ServeDeps,
  exchange: Exchange,
  response: IngressResponse,
): Promise<"ANSWERED" | "REMOVED"> {
  const controller = new AbortController();
  const abort = (reason: Abort) => controller.abort(reason);
  using _timer = deps.clock.after(exchange.spec.timeoutSeconds * 1000, () => abort("TIMED_OUT"));
  const onClose = () => abort("CALLER_GONE");
  response.once("close", onClose);
  if (isGone(exchange.request)) onClose();
  // HTTP/2 tells that a stream was cancelled only to those who read it.
  if (!hasBody(exchange.request)) exchange.request.resume();
  const end = await forwardToInstance(deps, exchange, response, controller.signal);
  response.off("close", onClose);
  if (end !== "ABORTED") return end;
  giveUp(exchange, response, controller.signal.reason as Abort);
  return "ANSWERED";
}

/** Whether the caller left before anybody listened for that. */
function isGone(request: IngressRequest): boolean {
  return "stream" in request ? request.stream.destroyed : request.socket.destroyed;
}

/** ABORTED when the signal has aborted, REMOVED when the revision was removed; everything else is answered already. */
async function forwardToInstance(
  deps: ServeDeps,
  exchange: Exchange,
  response: IngressResponse,
  signal: AbortSignal,
): Promise<"ABORTED" | "ANSWERED" | "REMOVED"> {
  if (exchange.spec.port?.protocol !== "h2c" && declaredLength(exchange.request) > deps.maxHttp1Bytes) {
    refuse(exchange, response, pages.requestTooLarge);
    return "ANSWERED";
  }
  for (let attempt = 1; ; attempt++) {
    const acquired = await exchange.pool.acquire(signal, exchange.affinity?.instanceId).catch(() => undefined);
    if (acquired === undefined) return "ABORTED";
    if (!("lease" in acquired)) {
      if (acquired.refusal === "REVISION_REMOVED") return "REMOVED";
      refuse(exchange, response, refusalPage(acquired));
      return "ANSWERED";
    }
    const end = await forwardTo(acquired.lease, exchange, response, deps, signal);
    if (end === "DONE" || end === "CUT_OFF") return "ANSWERED";
    if (end === "ABORTED") return end;
    const { instance } = acquired.lease;
    await exitNews(deps, instance, end);
    if (end === "NOT_SENT" && attempt < SEND_ATTEMPTS) continue;
    refuse(exchange, response, failurePage(end, instance));
    return "ANSWERED";
  }
}

async function forwardTo(
  lease: Lease,
  exchange: Exchange,
  response: IngressResponse,
  deps: ServeDeps,
  signal: AbortSignal,
): Promise<ForwardEnd> {
  using _held = lease;
  if (signal.aborted) return "ABORTED";
  assign(exchange, lease.instance, deps.clock.nowMs());
  const end =
    exchange.spec.port?.protocol === "h2c"
      ? await forwardH2c(exchange, response, signal)
      : await forwardHttp1(exchange, response, deps.maxHttp1Bytes, signal);
  // The instance may be about to end, and its other connections with it: the next request shall find that out unsent.
  if (end === "NO_RESPONSE" || end === "CUT_OFF") lease.instance.upstream.dropIdle();
  return end;
}

/** Waits a moment for an instance that broke off to be known as ended; the kernel's notice may come after the reset. */
async function exitNews({ clock }: ServeDeps, instance: Instance, end: ForwardEnd): Promise<void> {
  if (instance.exit !== undefined || end === "REQUEST_TOO_LARGE" || end === "RESPONSE_TOO_LARGE") return;
  await Promise.race([instance.exited, clock.sleep(EXIT_NEWS_MS)]);
}

/** Ends a request at its timeout (504, when the response has not begun), or because the caller has gone. */
function giveUp(exchange: Exchange, response: IngressResponse, reason: Abort): void {
  if (reason === "TIMED_OUT" && !response.headersSent) {
    refuse(exchange, response, pages.timedOut);
    return;
  }
  if (reason === "TIMED_OUT") {
    exchange.status = 504;
    exchange.message = pages.timedOutMessage;
  } else if (exchange.status === 0) {
    exchange.status = CALLER_GONE_STATUS;
  }
  response.destroy();
}

function refuse(exchange: Exchange, response: IngressResponse, page: pages.Page): void {
  exchange.status = page.status;
  exchange.message = page.logMessage;
  exchange.responseBytes = page.body.length;
  sendPage(response, page);
}

/** Sends a page; a request body that still comes in is not waited for. */
export function sendPage(response: IngressResponse, page: pages.Page): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = page;
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
