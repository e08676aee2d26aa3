import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { CommandError } from "../host/run-command.ts";
import { createBridge, gatewayOf, removeBridge, removeLeftoverBridge } from "./bridge.ts";
import { createFirewall } from "./firewall.ts";
import { hostNetwork } from "./host-network.ts";
import { networkNames } from "./names.ts";
import { createNamespacePool } from "./namespace-pool.ts";
import { capacityOf, createNamespace, type NamespacesDeps, removeNamespace } from "./namespaces.ts";
import { type Egress, NetworkError, type NetworkLease, type Networks } from "./network.ts";
import { otherFirewalls } from "./other-firewalls.ts";
import { formatSubnet } from "./subnet.ts";

export interface NetworksDeps {
  /** Names of the bridge, namespaces and firewall table derive from it; the chosen subnet is kept in it. */
  readonly dataDir: string;
  /** Path of iproute2's ip. */
  readonly ip: string;
  /** Path of nftables' nft. */
  readonly nft: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How many namespaces are kept ready. */
  readonly warmNamespaces: number;
}

/**
 * Removes what an earlier process of the data folder left of its network, then sets up the bridge and the firewall.
 * Disposing removes everything. Needs root; rejects with NetworkError when the host refuses.
 */
export async function createNetworks(deps: NetworksDeps): Promise<Networks> {
  try {
    return await openNetworks(deps);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new NetworkError(`the network could not be set up: ${error.message}`, { cause: error });
  }
}

async function openNetworks(deps: NetworksDeps): Promise<Networks> {
  const host = hostNetwork(deps.ip);
  const names = networkNames(deps.dataDir);
  const others = otherFirewalls(deps.nft, names.bridge, names.table);
  await removeLeftoverBridge(host, names);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeBridge(host, names));
  undo.defer(() => others.remove());
  const mtu = await host.mtu();
  const subnet = await createBridge(host, names, deps.dataDir, mtu);
  const gateway = gatewayOf(subnet);

  const firewall = createFirewall({ ...deps, ...names, subnet: formatSubnet(subnet), gateway });
  undo.defer(() => firewall.remove());
  await firewall.install();
  await others.letPass();

  const namespacesDeps: NamespacesDeps = { host, names, subnet, gateway, mtu };
  const pool = undo.use(
    createNamespacePool({
      create: (index) => createNamespace(namespacesDeps, index),
      remove: (index) => removeNamespace(namespacesDeps, index),
      capacity: capacityOf(subnet),
      warm: deps.warmNamespaces,
      clock: deps.clock,
      log: deps.log,
    }),
  );
  pool.fill();

  async function acquire(egress: Egress): Promise<NetworkLease> {
    const namespace = await pool.take();
    const { path, address } = namespace;
    await using giveBack = new AsyncDisposableStack();
    giveBack.defer(() => pool.giveBack(namespace));
    if (egress === "none") {
      await firewall.denyEgress(address);
      giveBack.defer(() => firewall.forget(address));
    }
    const owned = giveBack.move();
    return { namespacePath: path, address, gateway, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  const owned = undo.move();
  return {
    gateway,
    subnet: formatSubnet(subnet),
    setServices: (ports) => firewall.setServices(ports),
    acquire: ({ egress = "all" } = {}) => acquire(egress),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
