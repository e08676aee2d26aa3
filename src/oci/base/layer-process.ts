import { systemClock } from "../../platform/clock.ts";
import { ensureBaseLayer, type BaseLayer } from "./base-layer.ts";
import type { LayerTask, LayerTaskMessage } from "./layer-task.ts";
import { requireRuntime } from "./runtimes.ts";
import { writeBuildToolLayers, writeRuntimeLayers, type NamedLayer } from "./runtime-layers.ts";

// The other side of layer-task.ts.
process.once("disconnect", () => process.exit(1));
const answer = await run(JSON.parse(process.argv[2] ?? "{}") as LayerTask).then(
  (layers): LayerTaskMessage => ({ layers }),
  (error: unknown): LayerTaskMessage => ({ error: error instanceof Error ? error.message : String(error) }),
);
process.send?.(answer, () => process.exit(0));

async function run(task: LayerTask): Promise<readonly (BaseLayer | NamedLayer)[]> {
  switch (task.kind) {
    case "base":
      return [await ensureBaseLayer({ ...task, clock: systemClock }, (progress) => process.send?.({ progress }))];
    case "runtime":
      return writeRuntimeLayers(task.folder, requireRuntime(task.runtimeId));
    case "buildTools":
      return writeBuildToolLayers(task.folder, requireRuntime(task.runtimeId));
  }
}
