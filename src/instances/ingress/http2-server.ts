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

/** What HTTP/2 needs of ingress. */
export interface Http2Deps {
  readonly handle: (stream: Http2Stream) => void;
  /** The connection has begun or finished serving requests. */
  readonly onBusy: (socket: Duplex, isBusy: boolean) => void;
}

/** What is known of a session. */
interface Taken {
  readonly socket: Duplex;
  readonly connection: Connection;
  openStreams: number;
  /** Streams that the caller has cancelled, less those that it has let finish. */
  resets: number;
}

export function createHttp2({ handle, onBusy }: Http2Deps): Http2 {
  const sessions = new WeakMap<Http2Session, Taken>();
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
    const taken = session === undefined ? undefined : sessions.get(session);
    if (session === undefined || taken === undefined) return;
    if (taken.openStreams++ === 0) onBusy(taken.socket, true);
    stream.once("close", () => {
      if (--taken.openStreams === 0) onBusy(taken.socket, false);
      taken.resets = Math.max(0, taken.resets + (stream.aborted ? 1 : -1));
      if (taken.resets > MAX_RESETS) session.destroy();
    });
    const incoming = new Http2Stream(stream, headers, raw, taken.connection);
    if (isValid(incoming)) handle(incoming);
    else refuse(stream);
  };
  server.on("stream", onStream);
  server.on("sessionError", () => undefined);
  return {
    take(socket, connection) {
      server.once("session", (session: ServerHttp2Session) => {
        sessions.set(session, { socket, connection, openStreams: 0, resets: 0 });
        session.setTimeout(KEEP_ALIVE_MS, () => session.close());
        session.on("error", () => undefined);
      });
      socket.once("end", () => socket.end());
      server.emit("connection", socket);
    },
  };
}

function isValid({ method, target, authority }: Http2Stream): boolean {
  return isTargetOf({ method, target, host: authority });
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 400 }, { endStream: true });
}
