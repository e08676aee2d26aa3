import { readFileSync } from "node:fs";
import type { TestTools } from "../../instances/host/testing/test-tools.ts";
import { startDnsServer } from "../../instances/network/dns/dns-server.ts";
import type { NetworkLease, Networks } from "../../instances/network/network.ts";
import { createNetworks } from "../../instances/network/networks.ts";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";

/** Where builds find the network, and who answers their DNS questions. */
export interface BenchNetworks {
  readonly networks: Pick<Networks, "acquire">;
  readonly nameserver: string;
}

/** The host's own network for every sandbox. */
export function hostNetworks(): BenchNetworks {
  const nameserver = /^nameserver\s+(\S+)/m.exec(readFileSync("/etc/resolv.conf", "utf8"))?.[1] ?? "127.0.0.1";
  return { networks: { acquire: () => Promise.resolve(hostNetwork()) }, nameserver };
}

/** A network namespace for each sandbox, as the server has them. */
export async function ownNetworks(
  dataDir: string,
  { ip, nft }: TestTools,
  owner: AsyncDisposableStack,
): Promise<BenchNetworks> {
  const networks = owner.use(
    await createNetworks({ dataDir, ip, nft, clock: systemClock, log: silentLog, warmNamespaces: 3 }),
  );
  const address = networks.gateway;
  const dns = owner.use(
    await startDnsServer({ address, addressOf: () => undefined, clock: systemClock, log: silentLog }),
  );
  await networks.setServices({ dns: dns.port });
  return { networks, nameserver: address };
}

/** The host's own network. */
export function hostNetwork(): NetworkLease {
  return {
    namespacePath: "/proc/self/ns/net",
    address: "127.0.0.1",
    gateway: "127.0.0.1",
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
