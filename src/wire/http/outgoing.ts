import type { Duplex } from "node:stream";
import { getCACertificates } from "node:tls";
import type { buildConnector, Dispatcher, Pool } from "undici";
import type { Clock } from "../../platform/clock.ts";
import type { Addresses } from "../service-deps.ts";
import { allowedLookup, isForbiddenHost } from "./forbidden-addresses.ts";
import { exchange } from "./outgoing-exchange.ts";
import { OutgoingError, type OutgoingRequest, type OutgoingResponse } from "./outgoing-request.ts";
import { wayOf } from "./outgoing-ways.ts";

/**
 * Requests that services make on users' behalf: pushes of Pub/Sub, jobs of Cloud Scheduler, tasks of Cloud Tasks.
 * *.run.app and *.cloudfunctions.net are this server's own functions and services, *.googleapis.com its own APIs;
 * loopback addresses are called as they are, and all others by way of the machine's proxy settings.
 */
export interface Outgoing extends AsyncDisposable {
  /**
   * Sends one request and resolves with whatever final response comes, redirects included. Rejects with an OutgoingError
   * when none comes in time or at all, and in no other way.
   */
  send(request: OutgoingRequest): Promise<OutgoingResponse>;
}

export interface OutgoingDeps {
  readonly addresses: Addresses;
  /** Limits the time of requests: real time, since the other end lives in it. */
  readonly clock: Clock;
  /** Opens a connection to ingress inside this process; without it, ingress is called at its address. */
  readonly connectIngress?: (() => Duplex) | undefined;
}

/** Servers may end idle connections any time; a request that meets the end of one fails. Undici minds their own hints. */
const KEEP_ALIVE_MS = 4_000;
const OWN_KEEP_ALIVE_MS = 60_000;
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 };
/** Connections to ingress, and to any other server; requests beyond this many at once wait in line. */
const MAX_INGRESS_CONNECTIONS = 2_048;
const MAX_CONNECTIONS = 512;
/** Fields of the connection and of how a message ends. */
const OWN_FIELDS =
  /^(connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
const OWN_API = { "sec-fetch-site": "cross-site" };

/** Makes requests over connections that are kept and shared; disposing cuts them. */
export function createOutgoing(deps: OutgoingDeps): Outgoing {
  let ways: ReturnType<typeof openDispatchers> | undefined;
  return {
    async send(request) {
      const url = URL.parse(request.url);
      if (url === null || !/^https?:$/.test(url.protocol))
        throw new OutgoingError("MALFORMED", "the URL is no http:// or https:// one");
      if (isForbiddenHost(url.hostname)) throw new OutgoingError("FORBIDDEN", `${url.hostname} must not be called`);
      const way = wayOf(url, deps.addresses);
      ways ??= openDispatchers(deps);
      const { dispatcher, origin } = (await ways)[way.kind](way.origin);
      const path = `${url.pathname}${url.search}`;
      // Who calls the APIs from this machine without credentials is its owner. That must not be lent to a user's URL.
      const given = Object.entries(request.headers).filter(([name]) => !OWN_FIELDS.test(name));
      const headers = { ...Object.fromEntries(given), host: url.host, ...(way.kind === "api" && OWN_API) };
      return exchange(deps.clock, dispatcher, { ...request, origin, path, headers });
    },
    [Symbol.asyncDispose]: async () => (await ways)?.destroy(),
  };
}

async function openDispatchers({ connectIngress }: OutgoingDeps) {
  // Loaded with the first request that is sent: it is what loading takes longest for, after the store.
  const { Agent, EnvHttpProxyAgent, Pool } = await import("undici");
  const own = new Agent({ ...NO_TIMEOUTS, connections: MAX_CONNECTIONS, keepAliveTimeout: OWN_KEEP_ALIVE_MS });
  const others = { ...NO_TIMEOUTS, connections: MAX_CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS };
  const local = new Agent({ ...others, connect: { ca: trusted() } });
  const inside = connectIngress && new Pool("http://ingress", { ...NO_TIMEOUTS, ...insideOptions(connectIngress) });
  let world: Dispatcher | undefined;
  const theWorld = () =>
    (world ??= new EnvHttpProxyAgent({
      ...others,
      connect: { ca: trusted(), lookup: allowedLookup },
    }));
  return {
    api: (origin: string) => ({ dispatcher: own as Dispatcher, origin }),
    ingress: (origin: string) =>
      inside ? { dispatcher: inside, origin: "http://ingress" } : { dispatcher: own, origin },
    local: (origin: string) => ({ dispatcher: local, origin }),
    world: (origin: string) => ({ dispatcher: theWorld(), origin }),
    async destroy() {
      const open = [own, local, inside, world].filter((dispatcher) => dispatcher !== undefined);
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function insideOptions(connectIngress: () => Duplex): Pool.Options {
  const connect: buildConnector.connector = (_, callback) => {
    const connection = connectIngress();
    // Undici takes any stream; only its types ask for a socket.
    queueMicrotask(() => callback(null, connection as Parameters<typeof callback>[1] & object));
  };
  return { connect, connections: MAX_INGRESS_CONNECTIONS, keepAliveTimeout: OWN_KEEP_ALIVE_MS };
}

function trusted(): string[] {
  return [...getCACertificates("default"), ...getCACertificates("system")];
}
