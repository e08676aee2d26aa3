import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../platform/write-durably.ts";
import type { HostNetwork } from "./host-network.ts";
import { NAMESPACES_DIR, type NetworkNames } from "./names.ts";
import { macAddress } from "./namespaces.ts";
import { NetworkError } from "./network.ts";
import { candidateSubnets, formatAddress, formatSubnet, parseSubnet, type Subnet, subnetsOverlap } from "./subnet.ts";

const SUBNET_FILE = "network.json";
const MAX_ATTEMPTS = 20;

/** The address of the host in a bridge's subnet: the first one. */
export function gatewayOf(subnet: Subnet): string {
  return formatAddress(subnet.first + 1);
}

/** Makes the bridge of a data folder, in the subnet it had before unless something else on the host uses that now. */
export async function createBridge(
  host: HostNetwork,
  names: NetworkNames,
  dataDir: string,
  mtu: number,
): Promise<Subnet> {
  const file = join(dataDir, SUBNET_FILE);
  await mkdir(dataDir, { recursive: true });
  const subnet = await claimSubnet(host, names, mtu, await readSubnet(file));
  await writeDurably(file, `${JSON.stringify({ subnet: formatSubnet(subnet) })}\n`);
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
  return subnet;
}

/** Removes what an earlier process left of the bridge and its namespaces; most leave nothing, and then it costs nothing. */
export async function removeLeftoverBridge(host: HostNetwork, names: NetworkNames): Promise<void> {
  const links = await readdir("/sys/class/net");
  if (links.includes(names.bridge) || (await listNamespaces(names)).length > 0) await removeBridge(host, names);
}

/** Removes the bridge of a data folder and every namespace of it. */
export async function removeBridge(host: HostNetwork, names: NetworkNames): Promise<void> {
  const namespaces = await listNamespaces(names);
  const links = namespaces.map((name) => names.link(Number(name.slice(names.namespacePrefix.length))));
  await host.attempt([
    ...links.map((link) => `link delete ${link}`),
    ...namespaces.map((name) => `netns delete ${name}`),
    `link delete ${names.bridge}`,
  ]);
}

async function listNamespaces({ namespacePrefix }: NetworkNames): Promise<string[]> {
  const entries = await readdir(NAMESPACES_DIR).catch(() => []);
  return entries.filter((name) => name.startsWith(namespacePrefix));
}

/**
 * Makes the bridge in a free subnet. Looks again after the address is set: another server may have chosen an overlapping
 * subnet at the same moment.
 */
async function claimSubnet(
  host: HostNetwork,
  { key, bridge }: NetworkNames,
  mtu: number,
  previous: Subnet | undefined,
): Promise<Subnet> {
  let candidates = [...(previous ? [previous] : []), ...candidateSubnets(key)];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const subnet = firstFree(candidates, await host.usedSubnets(bridge));
    const gateway = gatewayOf(subnet);
    await host.run([
      `link add ${bridge} address ${macAddress(gateway)} mtu ${mtu} type bridge`,
      `link set ${bridge} addrgenmode none`,
      `addr add ${gateway}/${subnet.prefixLength} dev ${bridge}`,
      `link set ${bridge} up`,
    ]);
    const used = await host.usedSubnets(bridge);
    if (!used.some((other) => subnetsOverlap(subnet, other))) return subnet;
    await host.run([`link delete ${bridge}`]);
    candidates = candidates.slice(candidates.indexOf(subnet) + 1);
  }
  throw new NetworkError("other servers keep choosing the same subnet");
}

function firstFree(candidates: readonly Subnet[], used: readonly Subnet[]): Subnet {
  const free = candidates.find((candidate) => !used.some((other) => subnetsOverlap(candidate, other)));
  if (!free) throw new NetworkError("the host's routes leave no private subnet free");
  return free;
}

async function readSubnet(file: string): Promise<Subnet | undefined> {
  try {
    return parseSubnet((JSON.parse(await readFile(file, "utf8")) as { subnet: string }).subnet);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new NetworkError(`${file} does not hold a subnet; delete it to have one chosen`, { cause: error });
  }
}
