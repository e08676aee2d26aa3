import type { BuildContext } from "../context.ts";

/** Whether yarn.lock was written by Yarn 2 or later. Google: buildpacks, pkg/nodejs/yarn.go, IsYarn2. */
export function isYarn2(context: BuildContext): boolean {
  return /^__metadata:\r?\n\s+version:/m.test(context.readFile("yarn.lock") ?? "");
}

/** Whether the project loads its dependencies without node_modules (Plug'n'Play). */
export async function usesPlugAndPlay(context: BuildContext): Promise<boolean> {
  if (!isYarn2(context)) return false;
  const { stdout } = await context.exec(["yarn", "config", "get", "nodeLinker"], { user: true });
  return stdout === "pnp";
}
