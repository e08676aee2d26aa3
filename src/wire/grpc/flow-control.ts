import type { Http2Server } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** What a client may send before the server has read it, on one call and on all calls of a connection, bytes. */
const [CALL_WINDOW, CONNECTION_WINDOW] = [1024 * 1024, 8 * 1024 * 1024];

/**
 * Lets clients send more at a time than HTTP/2's 64 KiB, for which every large request waits several round trips. The
 * library has an option for it at the client's side only, so this goes past its types; without effect if they change.
 */
export function widenWindows(server: Server): void {
  const servers: unknown = Reflect.get(server, "http2Servers");
  if (!(servers instanceof Map)) return;
  for (const each of servers.keys() as Iterable<Http2Server>) {
    each.on("session", (session) => {
      session.settings({ initialWindowSize: CALL_WINDOW });
      session.setLocalWindowSize(CONNECTION_WINDOW);
    });
  }
}
