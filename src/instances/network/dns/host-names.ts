import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Resolver } from "./ask-resolver.ts";

const DNS_PORT = 53;

/** How names are resolved that are not homerun's own. */
export interface HostNames {
  /** The resolvers to ask, in order. */
  resolvers(): Promise<Resolver[]>;
  /** Addresses of a name (lower case) for which no resolver is asked. */
  fixedAddresses(name: string): Promise<string[]>;
}

/** What resolv.conf(5) and hosts(5) say; read for every question, so that changes of the host's network count at once. */
export function readHostNames(resolvConf = "/etc/resolv.conf", hosts = "/etc/hosts"): HostNames {
  return {
    async resolvers() {
      const lines = await readLines(resolvConf);
      const addresses = lines.flatMap(([keyword, address = ""]) => (keyword === "nameserver" ? [address] : []));
      return addresses.filter((address) => isIP(address) !== 0).map((address) => ({ address, port: DNS_PORT }));
    },
    async fixedAddresses(name) {
      const lines = await readLines(hosts);
      return lines.flatMap(([address = "", ...names]) =>
        isReachable(address) && names.some((other) => other.toLowerCase() === name) ? [address] : [],
      );
    },
  };
}

async function readLines(path: string): Promise<string[][]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").map((line) => (line.split(/[#;]/)[0] ?? "").trim().split(/\s+/));
}

/** A loopback address means the host in the host's file, and would mean the sandbox itself in a sandbox. */
function isReachable(address: string): boolean {
  return isIP(address) !== 0 && !address.startsWith("127.") && address !== "::1";
}
