import type { BuildContext, Process } from "../context.ts";
import { hasScript, type PackageJson } from "./package-json.ts";

/** How npm projects start unless they say otherwise. Google: buildpacks, pkg/nodejs/npm.go, DefaultStartCommand. */
export function defaultStartCommand(context: BuildContext, packageJson: PackageJson | undefined): Process {
  if (!packageJson) return { command: ["node", "index.js"] };
  if (hasScript(packageJson, "start") || context.fileExists("server.js")) return { command: ["npm", "run", "start"] };
  return { command: ["node", packageJson.main || "index.js"] };
}
