import { join } from "node:path";
import { startDnsServer } from "../instances/network/dns/dns-server.ts";
import { removeMounts } from "../instances/mounts/host-mounts.ts";
import { createNetworks } from "../instances/network/networks.ts";
import type { Networks } from "../instances/network/network.ts";
import type { Sandboxes } from "../instances/sandbox.ts";
import { createSandboxes } from "../instances/sandboxes/sandboxes.ts";
import { ensureHostTools } from "../oci/tools/host-tools.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config/config.ts";
import type { Log } from "../platform/log.ts";
import { packageArchive } from "./package-archive.ts";
import { hostKindOf } from "./listeners/google-hosts.ts";

/** Namespaces kept ready, so that neither an instance nor a build waits for one. */
const WARM_NAMESPACES = 3;
const METADATA_ADDRESS = "169.254.169.254";

/** Containers and their network, with everything an earlier process left behind removed. */
export interface Sandboxing {
  readonly sandboxes: Sandboxes;
  readonly networks: Networks;
  /** Port of the DNS server on the gateway address. */
  readonly dnsPort: number;
}

/** Opens the machine's OCI runtime and network; everything is stopped and removed with `owner`. */
export async function openSandboxing(
  config: Config,
  clock: Clock,
  log: Log,
  owner: AsyncDisposableStack,
): Promise<Sandboxing> {
  const { dataDir } = config;
  const chosen = config.runtime === undefined ? {} : { chosen: { runtime: config.runtime } };
  const onProgress = (message: string) => log.info(message);
  const tools = await ensureHostTools({ dataFolder: dataDir, clock, onProgress, ...chosen, ...packageArchive(config) });
  const sandboxes = owner.use(
    createSandboxes({ dataDir, ...tools, clock, log: log.child({ subsystem: "sandboxes" }) }),
  );
  // Containers first: their network can only go when nobody is in it.
  await sandboxes.removeLeftovers();
  await removeMounts(mountsFolder(dataDir));
  const networks = owner.use(
    await createNetworks({
      dataDir,
      ...tools,
      clock,
      log: log.child({ subsystem: "network" }),
      warmNamespaces: WARM_NAMESPACES,
    }),
  );
  const dns = owner.use(
    await startDnsServer({
      address: networks.gateway,
      addressOf: addressIn(networks),
      clock,
      log: log.child({ subsystem: "dns" }),
    }),
  );
  return { sandboxes, networks, dnsPort: dns.port };
}

/** Where volumes of instances are mounted on the host. */
export function mountsFolder(dataDir: string): string {
  return join(dataDir, "mounts");
}

/** Inside sandboxes, Google's hosts lead to homerun. */
function addressIn({ gateway }: Networks) {
  return (name: string): string | undefined => {
    if (name === "metadata.google.internal" || name === "metadata") return METADATA_ADDRESS;
    return hostKindOf(name) === "foreign" ? undefined : gateway;
  };
}

/** Where the lifecycle's own node comes from: the one that runs the server. */
export const lifecycleNode = process.execPath;

/** The folder in which sources of running builds are unpacked. */
export function sourcesFolder(dataDir: string): string {
  return join(dataDir, "builds", "sources");
}
