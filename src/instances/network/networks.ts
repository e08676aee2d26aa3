import type { Log } from "../../platform/log.ts";
import { NetworkError, type Networks } from "./network.ts";

export interface NetworksDeps {
  /** Names of the bridge, namespaces and firewall table derive from it; the chosen subnet is kept in it. */
  readonly dataDir: string;
  /** Path of iproute2's ip. */
  readonly ip: string;
  /** Path of nftables' nft. */
  readonly nft: string;
  readonly log: Log;
  /** How many namespaces are kept ready. */
  readonly warmNamespaces: number;
}

/** Removes what an earlier process of the data folder left of its network, then sets up the bridge and the firewall. */
export async function createNetworks(deps: NetworksDeps): Promise<Networks> {
  throw new NetworkError(`not available in ${deps.dataDir}`);
}
