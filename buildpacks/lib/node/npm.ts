import type { BuildContext } from "../context.ts";
import { BuildpackError } from "../error.ts";
import { isTrue, type PackageJson } from "./package-json.ts";
import { provideTool } from "./tool-version.ts";

/** Makes the npm available that package.json asks for, and one for the start command where the run image has none. */
export async function provideNpm(context: BuildContext, packageJson: PackageJson | undefined): Promise<void> {
  const version = packageJson?.engines?.["npm"];
  // A base image with Node.js has npm, too; on any other the start command may need it.
  const launch = !isTrue(context.env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"]) && !context.env["GOOGLE_FUNCTION_TARGET"];
  if (!version && !launch) return;
  try {
    await provideTool(context, { name: "npm", layer: "npm", version, launch });
  } catch (error) {
    const isVendored = isTrue(context.env["GOOGLE_VENDOR_NPM_DEPENDENCIES"]);
    if (!isVendored || !(error instanceof BuildpackError)) throw error;
    const advice =
      "Vendored dependencies detected, please remove the npm version from your package.json to avoid installing npm and instead use the bundled npm";
    throw new BuildpackError(`${advice} Error: ${error.message}`, error.status);
  }
}
