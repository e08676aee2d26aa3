import { request as httpRequest } from "../../platform/node-http.ts";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { ProbeSpec } from "../workload.ts";
import { healthCheckRequest, isServing } from "./grpc-health.ts";

/** What one look at a container said: nobody listens, no answer in time, a bad answer, or all is well. */
export type ProbeResult = "REFUSED" | "TIMED_OUT" | "UNHEALTHY" | "HEALTHY";

type ProbeCheck = (address: string, probe: ProbeSpec, signal: AbortSignal) => Promise<ProbeResult>;

const CHECKS: Readonly<Record<ProbeSpec["kind"], ProbeCheck>> = { tcp: checkTcp, http: checkHttp, grpc: checkGrpc };

/** Looks at a container once, by the probe's protocol; TIMED_OUT when the signal aborts first. Never rejects. */
export function check(address: string, probe: ProbeSpec, signal: AbortSignal): Promise<ProbeResult> {
  return CHECKS[probe.kind](address, probe, signal);
}

/** HEALTHY once a TCP connection is accepted. */
function checkTcp(address: string, { port }: ProbeSpec, signal: AbortSignal): Promise<ProbeResult> {
  const socket = connectTcp({ host: address, port });
  return firstOf(
    signal,
    () => socket.destroy(),
    (settle) => {
      socket.once("connect", () => settle("HEALTHY"));
      socket.once("error", () => settle("REFUSED"));
    },
  );
}

/** HEALTHY when a GET answers 2xx or 3xx, by HTTP/1.1 whatever the port's protocol is. */
function checkHttp(address: string, probe: ProbeSpec, signal: AbortSignal): Promise<ProbeResult> {
  const { port, path } = probe;
  const headers = headersOf(address, probe);
  const request = httpRequest({ host: address, port, path: path === "" ? "/" : path, headers, agent: false });
  return firstOf(
    signal,
    () => request.destroy(),
    (settle) => {
      request.on("response", ({ statusCode = 0 }) =>
        settle(statusCode >= 200 && statusCode < 400 ? "HEALTHY" : "UNHEALTHY"),
      );
      request.on("error", (error) => settle(resultOf(error)));
      request.end();
    },
  );
}

/** The probe's own header fields, names repeated as given, with a Host unless they have one. */
function headersOf(address: string, { headers, port }: ProbeSpec): string[] {
  const own = headers.flatMap(({ name, value }) => [name, value]);
  const hasHost = headers.some(({ name }) => name.toLowerCase() === "host");
  return [...(hasHost ? [] : ["Host", `${address}:${port}`]), ...own, "Connection", "close"];
}

/** HEALTHY when grpc.health.v1.Health/Check answers SERVING for the probe's service. */
function checkGrpc(address: string, { port, path }: ProbeSpec, signal: AbortSignal): Promise<ProbeResult> {
  const session = connectHttp2(`http://${address}:${port}`);
  return firstOf(
    signal,
    () => session.destroy(),
    (settle) => {
      session.on("error", (error) => settle(resultOf(error)));
      const stream = session.request({
        ":method": "POST",
        ":path": "/grpc.health.v1.Health/Check",
        "content-type": "application/grpc",
        te: "trailers",
      });
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", (error) => settle(resultOf(error)));
      stream.once("close", () => settle(isServing(Buffer.concat(chunks)) ? "HEALTHY" : "UNHEALTHY"));
      stream.end(healthCheckRequest(path));
    },
  );
}

/** The error of an HTTP/2 stream has the connection's as its cause. */
function resultOf(error: NodeJS.ErrnoException): ProbeResult {
  const cause = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException) : error;
  return cause.code === "ECONNREFUSED" ? "REFUSED" : "UNHEALTHY";
}

/** Lets the first outcome win, and cleans up. */
function firstOf(
  signal: AbortSignal,
  cleanUp: () => void,
  attach: (settle: (result: ProbeResult) => void) => void,
): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const expired = () => resolve("TIMED_OUT");
  signal.addEventListener("abort", expired, { once: true });
  attach(resolve);
  if (signal.aborted) expired();
  return promise.finally(() => {
    signal.removeEventListener("abort", expired);
    cleanUp();
  });
}
