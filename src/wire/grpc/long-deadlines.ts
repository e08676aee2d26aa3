import type { Http2Server, IncomingHttpHeaders } from "node:http2";
import type { Server } from "@grpc/grpc-js";

const HEADER = "grpc-timeout";
/** Longest time that a timer of Node.js counts, whole seconds: 24 days. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1000);
const SECONDS_OF_UNIT: Readonly<Record<string, number>> = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/**
 * Cuts deadlines that are further away than timers count, which the library would take for past ones: publishers of the
 * Python client that keep messages in order give theirs 136 years.
 */
export function cutLongDeadlines(server: Server): void {
  const servers: unknown = Reflect.get(server, "http2Servers");
  if (!(servers instanceof Map)) return;
  for (const each of servers.keys() as Iterable<Http2Server>) {
    each.prependListener("stream", (_stream, headers: IncomingHttpHeaders) => {
      const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(String(headers[HEADER])) ?? [];
      if (unit && Number(digits) * SECONDS_OF_UNIT[unit]! > MAX_SECONDS) headers[HEADER] = `${MAX_SECONDS}S`;
    });
  }
}
