import { lookup as dnsLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Where machines get their secrets: link-local addresses, and the clouds' metadata servers outside of them. Everything
 * else may be called: local servers and those of a company's own network are what developers push to.
 */
const forbidden = new BlockList();
forbidden.addSubnet("169.254.0.0", 16, "ipv4");
forbidden.addAddress("100.100.100.200", "ipv4");
forbidden.addSubnet("fe80::", 10, "ipv6");
forbidden.addAddress("fd00:ec2::254", "ipv6");
forbidden.addSubnet("fd20:ce::", 32, "ipv6");

/** Whether a URL's host name (brackets allowed) must not be called on behalf of anybody: an address, or the metadata server's name. */
export function isForbiddenHost(hostname: string): boolean {
  const plain = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (isIP(plain) === 0) return /^metadata(\.google\.internal)?\.?$/.test(plain);
  return isForbiddenAddress(plain);
}

/** Name resolution that leaves out forbidden addresses; an error where none is left. */
export const allowedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    const allowed = error ? [] : addresses.filter(({ address }) => !isForbiddenAddress(address));
    const [first] = allowed;
    if (error || !first) callback(error ?? new Error(`${hostname} has no address that may be called`), "", 4);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

function isForbiddenAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? hexMapped(address);
  const plain = mapped ?? address;
  return forbidden.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/** URLs write an IPv4 address inside an IPv6 one in hexadecimal: "::ffff:a9fe:a9fe". */
function hexMapped(address: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, other >> 8, other & 255].join(".");
}
