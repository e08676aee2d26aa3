import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "../../platform/node-http.ts";
import type { AddressInfo } from "node:net";
import type { Log } from "../../platform/log.ts";
import { limitConnections } from "../network/limit-connections.ts";
import type { InstanceIdentity, MetadataServer } from "../serving.ts";
import { answerMetadata, type MetadataResponse } from "./answer.ts";
import { type MetadataFolder, metadataTree } from "./metadata-tree.ts";

/** Of one instance; clients open a few. */
const MAX_CONNECTIONS = 256;

export interface MetadataServerDeps {
  readonly identity: InstanceIdentity;
  readonly log: Log;
}

/** The metadata server of everything that registered. Disposing closes its listeners. */
export function createMetadataServer(deps: MetadataServerDeps): MetadataServer & AsyncDisposable {
  const trees = new Map<string, MetadataFolder>();
  const listeners = new Set<Server>();

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const tree = trees.get(plainAddress(request.socket.remoteAddress ?? ""));
    const { method = "GET", url = "/", headers } = request;
    send(response, tree === undefined ? unknownCaller : await answerMetadata(tree, { method, target: url, headers }));
  };
  const close = async (server: Server) => {
    listeners.delete(server);
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };

  return {
    register(address, client) {
      const tree = metadataTree(client, deps.identity);
      trees.set(address, tree);
      return {
        [Symbol.dispose]() {
          if (trees.get(address) === tree) trees.delete(address);
        },
      };
    },
    async listen({ host, port }) {
      const server = createServer((request, response) => {
        handle(request, response).catch((cause: unknown) => {
          deps.log.error("metadata server failed", { path: request.url, cause });
          send(response, failure);
        });
      });
      limitConnections(server, MAX_CONNECTIONS);
      server.listen(port, host);
      await once(server, "listening");
      listeners.add(server);
      const bound = server.address() as AddressInfo;
      return { address: bound.address, port: bound.port, [Symbol.asyncDispose]: () => close(server) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map(close));
    },
  };
}

const unknownCaller: MetadataResponse = {
  status: 404,
  contentType: "application/text",
  body: "There is no instance at this address.\n",
};

const failure: MetadataResponse = { status: 500, contentType: "application/text", body: "Internal Server Error\n" };

function send(response: ServerResponse, { status, contentType, body, location }: MetadataResponse): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "metadata-flavor": "Google",
    server: "Metadata Server for Serverless",
    ...(location === undefined ? {} : { location }),
  });
  response.end(body);
}

function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
