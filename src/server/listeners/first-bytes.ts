import type { Duplex } from "node:stream";

/** What a connection speaks, told by its first bytes. */
export type Protocol = "http1" | "http2" | "tls";

const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = "PRI * HTTP/2.0";

/** Calls `then` with the protocol once the first bytes are there; the bytes stay readable. Silent connections just end. */
export function onFirstBytes(connection: Duplex, then: (protocol: Protocol) => void): void {
  // Not by a "data" listener: that would leave the stream in a flow state that servers do not expect.
  connection.once("readable", () => {
    const chunk = connection.read() as Buffer | null;
    if (chunk === null) return;
    connection.unshift(chunk);
    then(protocolOf(chunk));
  });
  // Until a server takes over, a reset by the peer must not become an uncaught error.
  connection.on("error", () => connection.destroy());
}

function protocolOf(chunk: Buffer): Protocol {
  if (chunk[0] === TLS_HANDSHAKE) return "tls";
  return chunk.subarray(0, HTTP2_PREFACE.length).toString("latin1") === HTTP2_PREFACE ? "http2" : "http1";
}
