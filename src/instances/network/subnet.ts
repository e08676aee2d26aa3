/** An IPv4 network; both numbers as unsigned 32-bit integers. */
export interface Subnet {
  readonly first: number;
  readonly prefixLength: number;
}

/** Private ranges to choose from, the least used ones first. */
const RANGES = ["10.160.0.0/11", "172.24.0.0/13", "192.168.128.0/17", "198.18.0.0/15", "100.96.0.0/11"].map(
  parseSubnet,
);
/** A Linux bridge has at most 1023 ports, so 1021 sandboxes and the host fit exactly. */
const PREFIX_LENGTH = 22;

/** Reads "10.1.2.0/24", or "10.1.2.3" as a single address. Throws on anything else. */
export function parseSubnet(text: string): Subnet {
  const [address = "", length = "32"] = text.split("/");
  return { first: parseAddress(address), prefixLength: Number(length) };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.first)}/${subnet.prefixLength}`;
}

/** Reads a dotted IPv4 address. Throws on anything else. */
export function parseAddress(text: string): number {
  const parts = text.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 4 || !parts.every((part) => part <= 255)) throw new Error(`${text} is no IPv4 address`);
  return parts.reduce((value, part) => value * 256 + part, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function subnetsOverlap(one: Subnet, other: Subnet): boolean {
  return one.first < other.first + sizeOf(other) && other.first < one.first + sizeOf(one);
}

/** Addresses of the network, its own and the broadcast address included. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefixLength);
}

/**
 * Every subnet a bridge may get, each once. The order depends on `key` (eight hex digits), so that servers that start at
 * the same moment try different ones.
 */
export function* candidateSubnets(key: string): Generator<Subnet> {
  const seed = Number.parseInt(key, 16);
  for (const range of RANGES) {
    const count = 2 ** (PREFIX_LENGTH - range.prefixLength);
    const step = 2 * ((seed >>> 16) % count) + 1;
    for (let index = 0; index < count; index++) {
      const position = (seed + index * step) % count;
      yield { first: range.first + position * 2 ** (32 - PREFIX_LENGTH), prefixLength: PREFIX_LENGTH };
    }
  }
}
