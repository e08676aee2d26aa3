import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  /** Path of an HTTP probe, service name of a gRPC probe. */
  readonly path: string;
}

/** What one look at the container said: nobody listens, somebody listens but is not well, or all is well. */
export type ProbeResult = "REFUSED" | "UNHEALTHY" | "HEALTHY";

export type ProbeCheck = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;

const GRPC_SERVING = 1;
const GRPC_HEADER_BYTES = 5;

/** HEALTHY once a TCP connection is accepted. */
export const checkTcp: ProbeCheck = ({ address, port }, signal) =>
  new Promise((resolve) => {
    const socket = connectTcp({ host: address, port });
    settleOnce(
      signal,
      resolve,
      () => socket.destroy(),
      (settle) => {
        socket.once("connect", () => settle("HEALTHY"));
        socket.once("error", () => settle("REFUSED"));
      },
    );
  });

/** HEALTHY when a GET answers 2xx or 3xx. */
export const checkHttp: ProbeCheck = ({ address, port, path }, signal) =>
  new Promise((resolve) => {
    const request = httpRequest({ host: address, port, path: path === "" ? "/" : path, agent: false });
    settleOnce(
      signal,
      resolve,
      () => request.destroy(),
      (settle) => {
        request.once("response", ({ statusCode = 0 }) =>
          settle(statusCode >= 200 && statusCode < 400 ? "HEALTHY" : "UNHEALTHY"),
        );
        request.once("error", (error: NodeJS.ErrnoException) =>
          settle(error.code === "ECONNREFUSED" ? "REFUSED" : "UNHEALTHY"),
        );
        request.end();
      },
    );
  });

/** HEALTHY when grpc.health.v1.Health/Check answers SERVING. */
export const checkGrpc: ProbeCheck = ({ address, port, path }, signal) =>
  new Promise((resolve) => {
    const session = connectHttp2(`http://${address}:${port}`);
    settleOnce(
      signal,
      resolve,
      () => session.destroy(),
      (settle) => {
        session.once("error", (error: NodeJS.ErrnoException) =>
          settle(error.code === "ECONNREFUSED" ? "REFUSED" : "UNHEALTHY"),
        );
        const stream = session.request({
          ":method": "POST",
          ":path": "/grpc.health.v1.Health/Check",
          "content-type": "application/grpc",
          te: "trailers",
        });
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.once("error", () => settle("UNHEALTHY"));
        stream.once("close", () => settle(isServing(Buffer.concat(chunks)) ? "HEALTHY" : "UNHEALTHY"));
        stream.end(healthCheckRequest(path));
      },
    );
  });

/** Lets the first outcome win, and cleans up; an aborted check counts as refused. */
function settleOnce(
  signal: AbortSignal,
  resolve: (result: ProbeResult) => void,
  cleanUp: () => void,
  attach: (settle: (result: ProbeResult) => void) => void,
): void {
  let settled = false;
  const settle = (result: ProbeResult) => {
    if (settled) return;
    settled = true;
    signal.removeEventListener("abort", aborted);
    cleanUp();
    resolve(result);
  };
  const aborted = () => settle("REFUSED");
  signal.addEventListener("abort", aborted, { once: true });
  attach(settle);
  if (signal.aborted) aborted();
}

/** A gRPC frame with HealthCheckRequest { service = 1 }. Google: grpc/health/v1/health.proto. */
function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const header = Buffer.alloc(GRPC_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Whether a gRPC frame holds HealthCheckResponse { status = SERVING }. */
function isServing(frame: Buffer): boolean {
  return frame[GRPC_HEADER_BYTES] === 0x08 && frame[GRPC_HEADER_BYTES + 1] === GRPC_SERVING;
}
