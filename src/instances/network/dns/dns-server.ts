import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { limitConnections } from "../limit-connections.ts";
import { type Answerer, createAnswerer } from "./answer.ts";
import { type HostNames, readHostNames } from "./host-names.ts";
import { readFrames, writeFrame } from "./tcp-frames.ts";

const MAX_CONNECTIONS = 1024;
/** Of one instance. */
const MAX_OWN_CONNECTIONS = 64;
const IDLE_TIMEOUT_MS = 10_000;
const BIND_ATTEMPTS = 10;

export interface DnsServerDeps {
  /** Address to bind, usually Networks.gateway. */
  readonly address: string;
  /** The IPv4 address a name (lower case, no final dot) has here, or undefined when the host's resolvers decide. */
  readonly addressOf: (name: string) => string | undefined;
  /** By default the host's /etc/resolv.conf and /etc/hosts. */
  readonly hostNames?: HostNames;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers DNS over UDP and TCP on one port. */
export interface DnsServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts the DNS server on a free port; names `addressOf` does not know go to the host's resolvers. */
export async function startDnsServer(deps: DnsServerDeps): Promise<DnsServer> {
  const { tcp, udp, port } = await bindBoth(deps.address);
  const answer = createAnswerer({ ...deps, hostNames: deps.hostNames ?? readHostNames() });
  const connections = new Set<Socket>();
  const closing = new AbortController();

  udp.on("message", (query, sender) => {
    void answer(query, "udp").then((response) => {
      if (response && !closing.signal.aborted) udp.send(response, sender.port, sender.address, () => {});
    });
  });
  udp.on("error", (error) => deps.log.warning("the DNS server's UDP socket failed", { error }));
  tcp.on("error", (error) => deps.log.warning("the DNS server's TCP socket failed", { error }));
  tcp.maxConnections = MAX_CONNECTIONS;
  limitConnections(tcp, MAX_OWN_CONNECTIONS);
  tcp.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    serveConnection(socket, answer);
  });

  return {
    port,
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const socket of connections) socket.destroy();
      const closed = Promise.all([once(udp, "close"), once(tcp, "close")]);
      udp.close();
      tcp.close();
      await closed;
    },
  };
}

function serveConnection(socket: Socket, answer: Answerer): void {
  socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  readFrames(socket, (query) => {
    void answer(query, "tcp").then((response) => {
      if (response && socket.writable) writeFrame(socket, response);
    });
  });
}

/** The TCP port the system picks may be taken for UDP, so another one is tried then. */
async function bindBoth(address: string): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = createServer();
    tcp.listen(0, address);
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4");
    try {
      udp.bind(port, address);
      await once(udp, "listening");
      return { tcp, udp, port };
    } catch (error) {
      udp.close();
      tcp.close();
      if (attempt === BIND_ATTEMPTS) throw error;
    }
  }
}
