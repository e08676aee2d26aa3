import { runCommand } from "../host/run-command.ts";

interface NftObject {
  readonly chain?: { family: string; table: string; name: string; hook?: string; policy?: string };
  readonly rule?: { family: string; table: string; chain: string; handle: number; comment?: string };
}

/** How a bridge gets along with the host's other firewalls (Docker's, ufw's), whose default may be to drop. */
export interface OtherFirewalls {
  /** Where a chain drops by default, appends a rule that lets the bridge's packets pass; explicit rules stay stronger. */
  letPass(): Promise<void>;
  /** Takes the rules back, also those of an earlier process. */
  remove(): Promise<void>;
}

/** Works on every nftables chain, those of iptables-nft included. Rules are marked with `comment`. */
export function otherFirewalls(nft: string, bridge: string, comment: string): OtherFirewalls {
  const list = async (kind: string): Promise<NftObject[]> => {
    const answer = JSON.parse(await runCommand(nft, ["-j", "-a", "list", kind])) as { nftables: NftObject[] };
    return answer.nftables;
  };
  const apply = async (lines: readonly string[]) => {
    if (lines.length > 0) await runCommand(nft, ["-f", "-"], `${lines.join("\n")}\n`);
  };

  return {
    async letPass() {
      const chains = (await list("chains")).flatMap(({ chain }) => (chain?.policy === "drop" ? [chain] : []));
      const rules = chains.flatMap(({ family, table, name, hook }) => {
        if (!["ip", "inet"].includes(family)) return [];
        return matches(hook, bridge).map(
          (match) => `add rule ${family} ${table} ${name} ${match} accept comment "${comment}"`,
        );
      });
      await apply(rules);
    },
    async remove() {
      const rules = (await list("ruleset")).flatMap(({ rule }) => (rule?.comment === comment ? [rule] : []));
      await apply(
        rules.map(({ family, table, chain, handle }) => `delete rule ${family} ${table} ${chain} handle ${handle}`),
      );
    },
  };
}

function matches(hook: string | undefined, bridge: string): string[] {
  if (hook === "input") return [`iifname "${bridge}"`];
  if (hook === "forward") return [`iifname "${bridge}"`, `oifname "${bridge}"`];
  return [];
}
