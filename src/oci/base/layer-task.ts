import { fork } from "node:child_process";
import { join } from "node:path";
import type { BaseLayer } from "./base-layer.ts";
import type { DebianRecipe } from "./layers/debian-layer.ts";
import type { NamedLayer } from "./layers/recipe.ts";

/** Work on layers that goes to a process of its own. */
export type LayerTask = { readonly dataFolder: string; readonly debianMirror?: string } & (
  | { readonly kind: "base"; readonly codename: string; readonly isFresh: boolean }
  | { readonly kind: "run" | "build"; readonly folder: string; readonly runtimeId: string }
  | { readonly kind: "tool"; readonly folder: string; readonly toolId: string }
  | { readonly kind: "shared"; readonly folder: string; readonly codename: string; readonly recipe: DebianRecipe }
);

/** What comes back over the channel: any number of progress lines, then one of the others. */
export type LayerTaskMessage =
  | { readonly progress: string }
  | { readonly layers: readonly (BaseLayer | NamedLayer)[] }
  | { readonly error: string };

const PROCESS = join(import.meta.dirname, "layer-process.ts");

/**
 * Runs a task in a child process: package indexes and decompressed packages would otherwise stay in the server's memory
 * and hold up its requests. The child ends when this process does.
 */
export function runLayerTask<Layer extends BaseLayer | NamedLayer>(
  task: LayerTask,
  onProgress: (line: string) => void,
): Promise<readonly Layer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Layer[]>();
  const child = fork(PROCESS, [JSON.stringify(task)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let errors = "";
  child.stderr!.on("data", (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4000)));
  child.on("message", (message: LayerTaskMessage) => {
    if ("progress" in message) onProgress(message.progress);
    else if ("error" in message) reject(new Error(message.error));
    else resolve(message.layers as readonly Layer[]);
  });
  child.once("error", reject);
  // Has no effect once an answer came.
  child.once("close", (code, signal) => reject(new Error(`composing layers ended with ${signal ?? code}: ${errors}`)));
  return promise;
}
