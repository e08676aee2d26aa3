import type { BuildContext } from "./context.ts";

/** Puts what the Functions Framework reads of the build's variables into a launch layer, where the user has not set it. */
export function saveFunctionEnv(context: BuildContext, layerName: string, target: string): void {
  const layer = context.layer(layerName);
  const setDefault = (name: string, value: string | undefined): void => {
    if (value !== undefined) layer.setEnv("launch", name, value, { action: "default" });
  };
  setDefault("FUNCTION_TARGET", target);
  setDefault("FUNCTION_SIGNATURE_TYPE", context.env["GOOGLE_FUNCTION_SIGNATURE_TYPE"]);
  setDefault("FUNCTION_SOURCE", context.env["GOOGLE_FUNCTION_SOURCE"]);
  layer.save(["launch"]);
}
