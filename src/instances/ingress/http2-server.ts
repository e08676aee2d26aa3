import {
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { Http2Stream } from "./http2-stream.ts";
import type { Connection } from "./incoming.ts";
import { isTargetOf } from "./request-target.ts";

/** Streams that callers may have open on one connection. Google: Cloud Run, "Quotas and limits". */
const MAX_STREAMS = 100;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADER_FIELDS = 1000;
/** Streams that a caller may cancel beyond those it lets finish; each costs an instance a request. */
const MAX_RESETS = 200;
const KEEP_ALIVE_MS = 620_000;

/** Serves HTTP/2 on connections it is given. */
export interface Http2 {
  take(socket: Duplex, connection: Connection): void;
}

export function createHttp2(handle: (stream: Http2Stream) => void): Http2 {
  const connections = new WeakMap<Http2Session, Connection>();
  const resets = new WeakMap<Http2Session, number>();
  const server = createServer({
    maxSessionMemory: 10,
    maxHeaderListPairs: MAX_HEADER_FIELDS,
    maxSendHeaderBlockLength: 256 * 1024,
    maxOutstandingPings: 10,
    maxSettings: 32,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    streamResetBurst: 1000,
    streamResetRate: 33,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
  });
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    const { session } = stream;
    if (session === undefined) return;
    const incoming = new Http2Stream(stream, headers, raw, connections.get(session) ?? NOWHERE);
    if (!isValid(incoming)) return refuse(stream);
    stream.once("aborted", () => countReset(session));
    stream.once("close", () => {
      if (!stream.aborted) forgiveReset(session);
    });
    handle(incoming);
  };
  const countReset = (session: Http2Session) => {
    const count = (resets.get(session) ?? 0) + 1;
    resets.set(session, count);
    if (count > MAX_RESETS) session.destroy();
  };
  const forgiveReset = (session: Http2Session) => {
    const count = resets.get(session) ?? 0;
    if (count > 0) resets.set(session, count - 1);
  };
  server.on("stream", onStream);
  server.on("sessionError", () => undefined);
  return {
    take(socket, connection) {
      server.once("session", (session: ServerHttp2Session) => {
        connections.set(session, connection);
        session.setTimeout(KEEP_ALIVE_MS, () => session.close());
        session.on("error", () => undefined);
      });
      socket.once("end", () => socket.end());
      server.emit("connection", socket);
    },
  };
}

const NOWHERE: Connection = { scheme: "http", remoteAddress: "" };

function isValid({ method, target, authority }: Http2Stream): boolean {
  return isTargetOf({ method, target, fields: ["host", authority] });
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 400 }, { endStream: true });
}
