import type { ResourceRow } from "../../platform/store/resource-table.ts";

/** The 16 bytes by which a ciphertext names the version it was made with: its UUID. */
export function versionIdBytes({ uid }: Pick<ResourceRow, "uid">): Buffer {
  return Buffer.from(uid.replaceAll("-", ""), "hex");
}
