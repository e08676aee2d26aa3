import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { TOOLS_SIGNAL } from "../oci/base/tool-placeholders.ts";

/** The build called a program that its image has no more than a placeholder for. */
export class ToolsWantedError extends Error {
  override readonly name = "ToolsWantedError";
}

/** Aborts its signal with a ToolsWantedError once a placeholder in the sandbox of a build asks for the tools. */
export interface ToolsWatch extends Disposable {
  readonly signal: AbortSignal;
}

/** Watches the folder that is mounted for the placeholders. */
export function watchForTools(folder: string): ToolsWatch {
  const controller = new AbortController();
  const look = (): void => {
    if (existsSync(join(folder, TOOLS_SIGNAL))) controller.abort(new ToolsWantedError("the build needs tools"));
  };
  const watcher = watch(folder, look);
  // Without it a placeholder only makes the build wait until its time is over.
  watcher.on("error", () => {});
  return { signal: controller.signal, [Symbol.dispose]: () => watcher.close() };
}
