import type { Duplex } from "node:stream";
import type { Clock } from "../../platform/clock.ts";

/** How an HTTP/2 client with prior knowledge begins. RFC 9113, section 3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0");

const FIRST_BYTES_MS = 60_000;

/**
 * Tells HTTP/2 from HTTP/1.1 by the first bytes of a connection and calls `found` with all bytes put back. A connection
 * that ends or says nothing for a minute is closed instead.
 */
export function detectProtocol(clock: Clock, socket: Duplex, found: (protocol: "http1" | "http2") => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const timer = clock.after(FIRST_BYTES_MS, () => socket.destroy());
  const onEnd = () => socket.destroy();
  const onClose = () => timer[Symbol.dispose]();
  const onData = (chunk: Buffer) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const isPreface =
      PREFACE.compare(seen, 0, Math.min(seen.length, PREFACE.length), 0, Math.min(seen.length, PREFACE.length)) === 0;
    if (isPreface && seen.length < PREFACE.length) return;
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.off("close", onClose);
    onClose();
    socket.pause();
    socket.unshift(seen);
    found(isPreface ? "http2" : "http1");
    // An HTTP/2 session takes the bytes itself.
    if (!isPreface) socket.resume();
  };
  socket.on("data", onData);
  socket.once("end", onEnd);
  socket.once("close", onClose);
}
