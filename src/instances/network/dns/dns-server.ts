import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";

export interface DnsServerDeps {
  /** Address to bind, usually Networks.gateway. */
  readonly address: string;
  /** The IPv4 address a name (lower case, no final dot) has here, or undefined when the host's resolvers decide. */
  readonly addressOf: (name: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers DNS over UDP and TCP on one port. */
export interface DnsServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts the DNS server on a free port; names `addressOf` does not know go to the host's resolvers. */
export async function startDnsServer(deps: DnsServerDeps): Promise<DnsServer> {
  throw new Error(`not available on ${deps.address}`);
}
