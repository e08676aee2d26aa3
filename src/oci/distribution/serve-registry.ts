import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "../../platform/node-http.ts";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AuthorizeRegistry } from "./call.ts";
import { createRegistryHandler } from "./handler.ts";
import type { Ids } from "../../platform/ids.ts";
import type { RegistryStorage } from "./storage.ts";

export interface ServedRegistry extends AsyncDisposable {
  /** HOST:PORT on the loopback interface. */
  readonly host: string;
}

/** Serves a storage over plain HTTP on a free loopback port, to whoever asks; for tests with real registry clients. */
export async function serveRegistry(
  storage: RegistryStorage,
  ids: Ids,
  authorize: AuthorizeRegistry = () => Promise.resolve(),
): Promise<ServedRegistry> {
  const handler = createRegistryHandler({ storage, ids });
  const server = createServer((incoming, outgoing) => {
    handler(toRequest(incoming), authorize)
      .then((response) => send(response, outgoing))
      .catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toRequest(incoming: IncomingMessage): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => [name, one] as [string, string]),
    ),
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
  });
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body) return pipeline(Readable.fromWeb(response.body), outgoing);
  outgoing.end();
}
