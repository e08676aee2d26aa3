import type { BuildContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import { goVariables } from "../lib/go/variables.ts";

/** The Functions Framework for Go, and the version for functions that ask for none. Google: buildpacks, cmd/go/functions_framework. */
export const framework = {
  module: "github.com/GoogleCloudPlatform/functions-framework-go",
  version: "v1.9.2",
  /** What a program imports to serve functions. */
  server: "github.com/GoogleCloudPlatform/functions-framework-go/funcframework",
  /** What a function imports to declare itself. */
  declarations: "github.com/GoogleCloudPlatform/functions-framework-go/functions",
} as const;

/** Path of the module, or of the package, that the program is in. */
export const APP_MODULE = "functions.local/app";

/** A function on its way to become a program. */
export interface FunctionSource {
  /** Folder of the function's own code. */
  readonly folder: string;
  readonly target: string;
  /** Name of the package that the folder holds. */
  readonly packageName: string;
  readonly imports: ReadonlySet<string>;
}

/** Notes in the image which version of the framework serves the function. */
export function addFrameworkLabel(context: BuildContext, version: string, injected: boolean): void {
  context.addLabel("functions-framework-version", JSON.stringify({ runtime: "go", version, injected }));
}

/** Throws where the user has forbidden what the buildpack would add. Google: buildpacks, pkg/cloudfunctions. */
export function requireInjectionAllowed(context: BuildContext): void {
  if (!/^(1|t|true)$/i.test(context.env[goVariables.skipInjection] ?? "")) return;
  const reason = `Functions Framework must be set as a dependency when skipping automatic framework injection has been enabled via ${goVariables.skipInjection}`;
  throw new BuildpackError(reason, "FAILED_PRECONDITION");
}
