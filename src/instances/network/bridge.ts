import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  await host.run([`link add ${names.bridge} mtu ${mtu} type bridge`, `link set ${names.bridge} addrgenmode none`]);
  const subnet = await claimSubnet(host, names, await readSubnet(file));
  await host.run([`link set ${names.bridge} address ${macAddress(gatewayOf(subnet))} up`]);
  await writeFile(file, `${JSON.stringify({ subnet: formatSubnet(subnet) })}\n`);
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
  return subnet;
}

/** Removes the bridge of a data folder and every namespace of it, also those an earlier process left. */
export async function removeBridge(host: HostNetwork, names: NetworkNames): Promise<void> {
  const entries = await readdir(NAMESPACES_DIR).catch(() => []);
  const namespaces = entries.filter((name) => name.startsWith(names.namespacePrefix));
  const links = namespaces.map((name) => names.link(Number(name.slice(names.namespacePrefix.length))));
  await host.attempt([
    ...links.map((link) => `link delete ${link}`),
    ...namespaces.map((name) => `netns delete ${name}`),
    `link delete ${names.bridge}`,
  ]);
}

/** Looks again after the address is set: another server may have chosen an overlapping subnet at the same moment. */
async function claimSubnet(host: HostNetwork, names: NetworkNames, previous: Subnet | undefined): Promise<Subnet> {
  let candidates = [...(previous ? [previous] : []), ...candidateSubnets(names.key)];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const subnet = firstFree(candidates, await host.usedSubnets(names.bridge));
    const address = `${gatewayOf(subnet)}/${subnet.prefixLength}`;
    await host.run([`addr add ${address} dev ${names.bridge}`, `link set ${names.bridge} up`]);
    const used = await host.usedSubnets(names.bridge);
    if (!used.some((other) => subnetsOverlap(subnet, other))) return subnet;
    await host.run([`addr del ${address} dev ${names.bridge}`]);
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
