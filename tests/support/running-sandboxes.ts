import { existsSync, globSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { networkNames } from "../../src/instances/network/names.ts";

/** Stems of a server that wait to become instances, by the folders that they have while they do. */
export function waitingStems(dataDir: string): string[] {
  const folder = join(dataDir, "stems", "run");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("stem-")) : [];
}

/** Sandboxes that serve or start to: every one has a control group of its own. */
export function runningInstances(dataDir: string): string[] {
  const parent = `homerun-${networkNames(dataDir).key}`;
  const groups = [`/sys/fs/cgroup/memory/${parent}/*/`, `/sys/fs/cgroup/${parent}/*/`].flatMap((each) =>
    globSync(each),
  );
  const folder = join(dataDir, "stems", "run");
  const isAhead = (id: string) =>
    id.startsWith("study-") || [id, `starting-${id}`].some((name) => existsSync(join(folder, name)));
  return [...new Set(groups.map((path) => basename(path)))].filter((id) => !isAhead(id));
}
