import { CommandError, runCommand } from "../host/run-command.ts";
import { NAME_PREFIX } from "./names.ts";

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

/** How a bridge gets along with the host's other firewalls (Docker's, ufw's), whose default may be to drop. */
export interface OtherFirewalls {
  /**
   * Where a chain drops by default, appends a rule that lets the bridge's packets pass; explicit rules stay stronger.
   * Replaces what an earlier process left.
   */
  letPass(): Promise<void>;
  /** Takes the rules back. */
  remove(): Promise<void>;
}

/** Works on every nftables chain, those of iptables-nft included. Rules are marked with `comment`. */
export function otherFirewalls(nft: string, bridge: string, comment: string): OtherFirewalls {
  /** The chains that see packets to the host or through it, without those of homerun's own tables. */
  const listChains = async (): Promise<Chain[]> => {
    const answer = JSON.parse(await runCommand(nft, ["-j", "list", "chains"])) as { nftables: { chain?: Chain }[] };
    return answer.nftables.flatMap(({ chain }) => (chain && isOnTheWay(chain) ? [chain] : []));
  };
  /** What deletes our rules in a chain. They are read as text: nft's JSON form of rules crashes on those of iptables. */
  const removalsIn = async ({ family, table, name }: Chain): Promise<string[]> => {
    // A chain may go while we look: other servers and firewalls come and go as they like.
    const text = await runCommand(nft, ["-a", "list", "chain", family, table, name]).catch(unlessGone);
    const ours = text.split("\n").filter((line) => line.includes(`comment "${comment}"`));
    const handles = ours.flatMap((line) => /# handle (\d+)$/.exec(line)?.[1] ?? []);
    return handles.map((handle) => `delete rule ${family} ${table} ${name} handle ${handle}`);
  };
  const removals = async (chains: readonly Chain[]) => (await Promise.all(chains.map(removalsIn))).flat();
  const additionsTo = ({ family, table, name, hook }: Chain) =>
    matches(hook, bridge).map((match) => `add rule ${family} ${table} ${name} ${match} accept comment "${comment}"`);
  const apply = async (lines: readonly string[]) => {
    if (lines.length > 0) await runCommand(nft, ["-f", "-"], `${lines.join("\n")}\n`);
  };

  return {
    async letPass() {
      const chains = await listChains();
      const dropping = chains.filter(({ policy }) => policy === "drop");
      await apply([...(await removals(chains)), ...dropping.flatMap(additionsTo)]);
    },
    async remove() {
      await apply(await removals(await listChains()));
    },
  };
}

function unlessGone(error: unknown): string {
  if (error instanceof CommandError && error.message.includes("No such file or directory")) return "";
  throw error;
}

function isOnTheWay({ family, table, hook }: Chain): boolean {
  return ["ip", "inet"].includes(family) && (hook === "input" || hook === "forward") && !table.startsWith(NAME_PREFIX);
}

function matches(hook: string | undefined, bridge: string): string[] {
  if (hook === "input") return [`iifname "${bridge}"`];
  if (hook === "forward") return [`iifname "${bridge}"`, `oifname "${bridge}"`];
  return [];
}
