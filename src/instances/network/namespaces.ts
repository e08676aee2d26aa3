import { join } from "node:path";
import type { HostNetwork } from "./host-network.ts";
import { NAMESPACES_DIR, type NetworkNames } from "./names.ts";
import { formatAddress, sizeOf, type Subnet } from "./subnet.ts";

/** A namespace with an interface eth0 on the bridge, ready to use. */
export interface Namespace {
  readonly index: number;
  readonly path: string;
  readonly address: string;
}

export interface NamespacesDeps {
  readonly host: HostNetwork;
  readonly names: NetworkNames;
  readonly subnet: Subnet;
  readonly gateway: string;
  readonly mtu: number;
}

/** How many sandboxes a subnet has room for: all addresses but the network's own, the host's and the broadcast one. */
export function capacityOf(subnet: Subnet): number {
  return sizeOf(subnet) - 3;
}

/** A locally administered MAC address that belongs to an IPv4 address. */
export function macAddress(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "68", ...bytes].join(":");
}

/** Makes namespace number `index`, which also decides its address. Leaves nothing behind when it rejects. */
export async function createNamespace(deps: NamespacesDeps, index: number): Promise<Namespace> {
  const address = formatAddress(deps.subnet.first + 2 + index);
  try {
    await setUp(deps, index, address).catch(async () => {
      // A command of a killed server may have gone on after its namespaces were removed.
      await removeNamespace(deps, index);
      await setUp(deps, index, address);
    });
  } catch (error) {
    await removeNamespace(deps, index);
    throw error;
  }
  return { index, address, path: join(NAMESPACES_DIR, deps.names.namespace(index)) };
}

/** Removes namespace number `index` and its interface, whatever of them exists. */
export async function removeNamespace({ host, names }: NamespacesDeps, index: number): Promise<void> {
  await host.attempt([`link delete ${names.link(index)}`, `netns delete ${names.namespace(index)}`]);
}

async function setUp(deps: NamespacesDeps, index: number, address: string): Promise<void> {
  const { host, names, subnet, gateway, mtu } = deps;
  const [namespace, link] = [names.namespace(index), names.link(index)];
  await host.run([
    `netns add ${namespace}`,
    `link add ${link} mtu ${mtu} type veth peer name eth0 address ${macAddress(address)} mtu ${mtu} netns ${namespace}`,
    `link set ${link} addrgenmode none`,
    `link set ${link} master ${names.bridge} up`,
    `link set ${link} type bridge_slave isolated on`,
  ]);
  await host.run(
    [
      "link set lo up",
      "link set eth0 addrgenmode none",
      `addr add ${address}/${subnet.prefixLength} dev eth0`,
      "link set eth0 up",
      `neigh replace ${gateway} lladdr ${macAddress(gateway)} dev eth0 nud permanent`,
      `route add default via ${gateway}`,
    ],
    namespace,
  );
}
