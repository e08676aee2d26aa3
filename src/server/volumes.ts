import { join } from "node:path";
import { fuseVolumes, type FuseVolumesDeps } from "../instances/volumes/fuse-volumes.ts";
import type { VolumeMounter } from "../instances/volumes/volumes.ts";
import type { WireUpOptions } from "./wire-up.ts";

/** Secret and bucket volumes of instances, read and written as their service accounts. */
export function openVolumes(
  { config, storageUrl, clock, log }: Pick<WireUpOptions, "config" | "storageUrl" | "clock" | "log">,
  { identity, accessSecret }: Pick<FuseVolumesDeps, "identity" | "accessSecret">,
): VolumeMounter {
  // Only root reads the tools, and nobody else writes them: what is compiled there runs as root.
  const compileCache = join(config.dataDir, "tools", "compiled");
  const volumesLog = log.child({ subsystem: "volumes" });
  return fuseVolumes({ identity, accessSecret, storageUrl, compileCache, clock, log: volumesLog });
}
