import { dataFolderKey } from "../host/data-folder-key.ts";

/** Where iproute2 keeps named network namespaces. */
export const NAMESPACES_DIR = "/run/netns";
/** What the names of all servers' namespaces and nftables tables begin with. */
export const NAME_PREFIX = "homerun-";

/** The names a data folder's network has on the host; interface names have at most 15 characters. */
export interface NetworkNames {
  readonly key: string;
  readonly bridge: string;
  /** nftables table, and the comment of rules in other tables. */
  readonly table: string;
  readonly namespacePrefix: string;
  readonly namespace: (index: number) => string;
  /** The host's end of the pair that leads into a namespace. */
  readonly link: (index: number) => string;
}

export function networkNames(dataDir: string): NetworkNames {
  const key = dataFolderKey(dataDir);
  const namespacePrefix = `${NAME_PREFIX}${key}-`;
  return {
    key,
    bridge: `homerun${key}`,
    table: `${NAME_PREFIX}${key}`,
    namespacePrefix,
    namespace: (index) => `${namespacePrefix}${index}`,
    link: (index) => `hr${key}-${index.toString(36)}`,
  };
}
