import { createHash } from "node:crypto";
import { resolve } from "node:path";

/** Eight hex digits that stand for a data folder in names the whole host shares: cgroups, bridges, namespaces. */
export function dataFolderKey(dataDir: string): string {
  return createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 8);
}
