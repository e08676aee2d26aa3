import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Deps } from "./deps.ts";

/** Empties the work folder: whatever lies there belongs to a process that is gone. */
export async function removeLeftovers({ workFolder, builder }: Pick<Deps, "workFolder" | "builder">): Promise<void> {
  await builder.removeLeftovers();
  await mkdir(workFolder, { recursive: true });
  for (const name of await readdir(workFolder)) await rm(join(workFolder, name), { recursive: true, force: true });
}
