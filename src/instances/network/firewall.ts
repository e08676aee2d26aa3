import { runCommand } from "../host/run-command.ts";
import type { ServicePorts } from "./network.ts";

const METADATA_ADDRESS = "169.254.169.254";

export interface FirewallDeps {
  /** Path of nft. */
  readonly nft: string;
  readonly table: string;
  readonly bridge: string;
  readonly subnet: string;
  readonly gateway: string;
}

/** The rules of one bridge, all in one nftables table. */
export interface Firewall {
  /** Puts up all rules, with no service reachable yet; replaces what an earlier process left. */
  install(): Promise<void>;
  /** Opens the well-known ports that lead to services, and closes those not given. */
  setServices(ports: ServicePorts): Promise<void>;
  /** Confines a sandbox to the services. */
  denyEgress(address: string): Promise<void>;
  /** Takes denyEgress back, before the address is used again. */
  forget(address: string): Promise<void>;
  remove(): Promise<void>;
}

/** The firewall between sandboxes, the host and the outside; see `ruleset` for what it lets through. */
export function createFirewall(deps: FirewallDeps): Firewall {
  const nft = async (...lines: string[]) => void (await runCommand(deps.nft, ["-f", "-"], `${lines.join("\n")}\n`));
  const table = `inet ${deps.table}`;
  return {
    install: () => nft(ruleset(deps)),
    setServices: (ports) => nft(...serviceRules(deps, ports)),
    denyEgress: (address) => nft(`add element ${table} confined { ${address} }`),
    forget: (address) => nft(`delete element ${table} confined { ${address} }`),
    // Adding first makes the deletion succeed whether the table was there or not.
    remove: () => nft(`add table ${table}`, `delete table ${table}`),
  };
}

/**
 * Sandboxes reach the services and, unless confined, what lies beyond the host. They do not reach each other, anything
 * else on the host, link-local addresses (a cloud's own metadata server), or anything by IPv6. Nothing from outside
 * reaches them; the host itself does.
 */
function ruleset({ table, bridge, subnet }: FirewallDeps): string {
  return `
add table inet ${table}
delete table inet ${table}
table inet ${table} {
  set confined {
    type ipv4_addr
  }
  chain redirect_to_services {
  }
  chain accept_services {
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${bridge}" jump redirect_to_services
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet} oifname != "${bridge}" masquerade
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "${bridge}" jump to_host
  }
  chain to_host {
    meta nfproto ipv6 drop
    ct state established,related accept
    jump accept_services
    reject with icmpx type admin-prohibited
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" jump to_outside
    oifname "${bridge}" jump from_outside
  }
  chain to_outside {
    meta nfproto ipv6 drop
    ip saddr != ${subnet} drop
    oifname "${bridge}" reject with icmpx type admin-prohibited
    ip daddr 169.254.0.0/16 reject with icmpx type admin-prohibited
    ip saddr @confined reject with icmpx type admin-prohibited
    accept
  }
  chain from_outside {
    ct state established,related accept
    drop
  }
}`;
}

function serviceRules({ table, gateway }: FirewallDeps, ports: ServicePorts): string[] {
  const services = [
    { address: METADATA_ADDRESS, protocol: "tcp", port: 80, to: ports.metadata },
    { address: gateway, protocol: "udp", port: 53, to: ports.dns },
    { address: gateway, protocol: "tcp", port: 53, to: ports.dns },
    { address: gateway, protocol: "tcp", port: 443, to: ports.https },
    { address: gateway, protocol: "tcp", port: 80, to: ports.http },
  ].filter(({ to }) => to !== undefined);
  return [
    `flush chain inet ${table} redirect_to_services`,
    `flush chain inet ${table} accept_services`,
    ...services.flatMap(({ address, protocol, port, to }) => [
      `add rule inet ${table} redirect_to_services ip daddr ${address} ${protocol} dport ${port} dnat ip to ${gateway}:${to}`,
      `add rule inet ${table} accept_services ip daddr ${gateway} ${protocol} dport ${to} ct status dnat accept`,
    ]),
  ];
}
