import { runCommand } from "../host/run-command.ts";

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
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
  /** The chains that see packets to the host or through it. */
  const listChains = async (): Promise<Chain[]> => {
    const answer = JSON.parse(await runCommand(nft, ["-j", "list", "chains"])) as { nftables: { chain?: Chain }[] };
    return answer.nftables.flatMap(({ chain }) => (chain && isOnTheWay(chain) ? [chain] : []));
  };
  /** Handles of our rules in a chain. As text: nft's JSON form of rules crashes on those of iptables. */
  const listOurs = async ({ family, table, name }: Chain): Promise<string[]> => {
    const text = await runCommand(nft, ["-a", "list", "chain", family, table, name]);
    const ours = text.split("\n").filter((line) => line.includes(`comment "${comment}"`));
    return ours.flatMap((line) => /# handle (\d+)$/.exec(line)?.[1] ?? []);
  };
  const apply = async (lines: readonly string[]) => {
    if (lines.length > 0) await runCommand(nft, ["-f", "-"], `${lines.join("\n")}\n`);
  };

  return {
    async letPass() {
      const dropping = (await listChains()).filter(({ policy }) => policy === "drop");
      const rules = dropping.flatMap(({ family, table, name, hook }) =>
        matches(hook, bridge).map(
          (match) => `add rule ${family} ${table} ${name} ${match} accept comment "${comment}"`,
        ),
      );
      await apply(rules);
    },
    async remove() {
      for (const chain of await listChains()) {
        const { family, table, name } = chain;
        const handles = await listOurs(chain);
        await apply(handles.map((handle) => `delete rule ${family} ${table} ${name} handle ${handle}`));
      }
    },
  };
}

function isOnTheWay({ family, hook }: Chain): boolean {
  return ["ip", "inet"].includes(family) && (hook === "input" || hook === "forward");
}

function matches(hook: string | undefined, bridge: string): string[] {
  if (hook === "input") return [`iifname "${bridge}"`];
  if (hook === "forward") return [`iifname "${bridge}"`, `oifname "${bridge}"`];
  return [];
}
