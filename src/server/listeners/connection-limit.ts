import type { Socket } from "node:net";
import { isLoopback } from "../../wire/http/loopback.ts";

/** Connections that one address outside this machine may have at once: an instance cannot use up all of the server's. */
const MOST_CONNECTIONS = 2000;
/** How long a connection may stay silent before it says anything. */
const FIRST_BYTES_MS = 60_000;

/** Whether a new connection may stay; it is counted until it closes. Nothing is counted for this machine itself. */
export type ConnectionLimit = (socket: Socket) => boolean;

export function createConnectionLimit(most = MOST_CONNECTIONS): ConnectionLimit {
  const counts = new Map<string, number>();
  return (socket) => {
    const address = socket.remoteAddress ?? "";
    if (isLoopback(address)) return true;
    const count = counts.get(address) ?? 0;
    if (count >= most) return false;
    counts.set(address, count + 1);
    socket.once("close", () => {
      const left = counts.get(address)! - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
    return true;
  };
}

/** Closes a connection that does not say anything in time; what comes after its first bytes has limits of its own. */
export function expectFirstBytes(socket: Socket): void {
  socket.setTimeout(FIRST_BYTES_MS, () => socket.destroy());
  socket.once("readable", () => socket.setTimeout(0));
}
