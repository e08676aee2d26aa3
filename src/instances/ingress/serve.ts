import type { Instance } from "../pool/instance.ts";
import type { Acquired, Lease } from "../pool/revision-pool.ts";
import type { InstanceLogEntry } from "../serving.ts";
import { admit, type Admission, type AdmitDeps, type NotAdmitted } from "./admit.ts";
import { type Abort, assign, type Exchange, type ForwardEnd } from "./exchange.ts";
import { failurePage, refusalPage } from "./failure-pages.ts";
import { forwardH2c } from "./forward-h2c.ts";
import { type ForwardDeps, forwardHttp1 } from "./forward-http1.ts";
import { frontEndFields } from "./headers.ts";
import type { IncomingStream } from "./incoming.ts";
import * as pages from "./pages.ts";
import { requestLogEntry } from "./request-log.ts";
import type { Timeouts } from "./timeouts.ts";

export interface ServeDeps extends AdmitDeps, ForwardDeps {
  readonly writeLog: (entry: InstanceLogEntry) => void;
  readonly timeouts: Timeouts;
  /** Ingress itself has failed; the caller gets a page. */
  readonly onFailure: (cause: unknown) => void;
}

/** Tries with other instances when a request could not even be sent. */
const SEND_ATTEMPTS = 3;

/** How long to wait for the news that an instance has ended, to tell why it broke off. */
const EXIT_NEWS_MS = 100;

/** Google: "client closed request"; nobody receives it, the request log has it. */
const CALLER_GONE_STATUS = 499;

/**
 * Serves one request: admits it, gets an instance, forwards, answers what goes wrong, and writes the request log. Where
 * nothing has to be waited for, it makes no promise.
 */
export function serve(deps: ServeDeps, stream: IncomingStream): void {
  try {
    const admission = admit(deps, stream);
    if (!(admission instanceof Promise)) proceed(deps, stream, admission);
    else guarded(deps, stream, async () => proceed(deps, stream, await admission));
  } catch (cause) {
    fail(deps, stream, cause);
  }
}

function proceed(deps: ServeDeps, stream: IncomingStream, { exchange, refused }: Admission | NotAdmitted): void {
  if (exchange === undefined) return sendPage(deps, stream, refused);
  if (refused === undefined) return begin(deps, exchange);
  refuse(deps, exchange, refused);
  deps.writeLog(requestLogEntry(exchange, deps.nowMs()));
}

/** Serves a request within the revision's request timeout, and for as long as the caller waits. */
function begin(deps: ServeDeps, exchange: Exchange): void {
  const { stream } = exchange;
  const abort = (reason: Abort) => {
    exchange.aborted = reason;
    exchange.cancel?.();
  };
  const timeoutMs = exchange.spec.timeoutSeconds * 1000;
  const onTimeout = () => abort("TIMED_OUT");
  deps.timeouts.add(onTimeout, timeoutMs);
  stream.onGone = () => abort("CALLER_GONE");
  if (stream.isGone) exchange.aborted = "CALLER_GONE";
  attempt(deps, exchange, 1, (outcome) => {
    deps.timeouts.remove(onTimeout, timeoutMs);
    stream.onGone = undefined;
    // The route has moved on meanwhile: the request belongs to the revision that is there now.
    if (outcome === "REMOVED") return serve(deps, stream);
    if (outcome === "ABORTED") giveUp(deps, exchange);
    deps.writeLog(requestLogEntry(exchange, deps.nowMs()));
  });
}

type Outcome = "ANSWERED" | "ABORTED" | "REMOVED";

/** ABORTED when the exchange was, REMOVED when the revision was removed; everything else is answered already. */
function attempt(deps: ServeDeps, exchange: Exchange, count: number, done: (outcome: Outcome) => void): void {
  const { stream, pool, affinity, spec } = exchange;
  if (exchange.aborted !== undefined) return done("ABORTED");
  if (spec.port?.protocol !== "h2c" && typeof stream.body === "number" && stream.body > deps.maxHttp1Bytes) {
    refuse(deps, exchange, pages.requestTooLarge);
    return done("ANSWERED");
  }
  const onAcquired = (acquired: Acquired | undefined) => {
    if (acquired === undefined) return done("ABORTED");
    if ("lease" in acquired) return forwardTo(deps, acquired.lease, exchange, count, done);
    if (acquired.refusal === "REVISION_REMOVED") return done("REMOVED");
    refuse(deps, exchange, refusalPage(acquired));
    done("ANSWERED");
  };
  const lease = pool.acquireNow(affinity?.instanceId);
  if (lease !== undefined) {
    if (lease.awake === undefined) return onAcquired({ lease });
    return guarded(deps, stream, async () => {
      await lease.awake;
      onAcquired({ lease });
    });
  }
  const controller = new AbortController();
  exchange.cancel = () => controller.abort();
  guarded(deps, stream, async () => {
    onAcquired(await pool.acquire(controller.signal, affinity?.instanceId).catch(() => undefined));
  });
}

function forwardTo(
  deps: ServeDeps,
  lease: Lease,
  exchange: Exchange,
  count: number,
  done: (outcome: Outcome) => void,
): void {
  const { instance } = lease;
  const ended = (end: ForwardEnd) => {
    lease[Symbol.dispose]();
    // The instance may be about to end, and its other connections with it: the next request shall find that out unsent.
    if (end === "NO_RESPONSE" || end === "CUT_OFF") instance.upstream.dropIdle();
    if (end === "DONE" || end === "CUT_OFF") return done("ANSWERED");
    if (end === "ABORTED") return done("ABORTED");
    guarded(deps, exchange.stream, async () => {
      await exitNews(deps, instance, end);
      if (end === "NOT_SENT" && count < SEND_ATTEMPTS) return attempt(deps, exchange, count + 1, done);
      refuse(deps, exchange, failurePage(end, instance));
      done("ANSWERED");
    });
  };
  exchange.cancel = undefined;
  if (exchange.aborted !== undefined) return ended("ABORTED");
  assign(exchange, instance, deps.nowMs());
  if (exchange.spec.port?.protocol === "h2c") forwardH2c(deps, exchange, ended);
  else forwardHttp1(deps, exchange, ended);
}

/** Waits a moment for an instance that broke off to be known as ended; the kernel's notice may come after the reset. */
async function exitNews({ clock }: ServeDeps, instance: Instance, end: ForwardEnd): Promise<void> {
  if (instance.exit !== undefined || end === "REQUEST_TOO_LARGE" || end === "RESPONSE_TOO_LARGE") return;
  await Promise.race([instance.exited, clock.sleep(EXIT_NEWS_MS)]);
}

/** Ends a request at its timeout (504, when the response has not begun), or because the caller has gone. */
function giveUp(deps: ServeDeps, exchange: Exchange): void {
  const { stream, aborted } = exchange;
  if (aborted === "TIMED_OUT" && !stream.started) return refuse(deps, exchange, pages.timedOut);
  if (aborted === "TIMED_OUT") {
    exchange.status = exchange.status === 101 ? 101 : 504;
    exchange.message = pages.timedOutMessage;
  } else if (exchange.status === 0) {
    exchange.status = CALLER_GONE_STATUS;
  }
  stream.cutOff();
}

function refuse(deps: ServeDeps, exchange: Exchange, page: pages.Page): void {
  exchange.status = page.status;
  exchange.message = page.logMessage;
  exchange.responseBytes = page.body.length;
  sendPage(deps, exchange.stream, page, exchange);
}

/** Sends a page; a request body that still comes in is not waited for. */
function sendPage(deps: ServeDeps, stream: IncomingStream, page: pages.Page, exchange?: Exchange): void {
  if (stream.started) return stream.cutOff();
  const body = Buffer.from(page.body);
  const fields = Object.entries(page.headers).flat();
  const ofFrontEnd = frontEndFields(exchange?.trace, deps.nowMs());
  stream.begin(page.status, [...fields, ...ofFrontEnd], body.length);
  stream.write(body);
  stream.end([]);
}

/** Runs what has to wait; should ingress itself fail, the caller learns that. */
function guarded(deps: ServeDeps, stream: IncomingStream, work: () => Promise<void>): void {
  work().catch((cause: unknown) => fail(deps, stream, cause));
}

function fail(deps: ServeDeps, stream: IncomingStream, cause: unknown): void {
  deps.onFailure(cause);
  sendPage(deps, stream, pages.internalError);
}
