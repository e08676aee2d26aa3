import { systemClock } from "../../platform/clock.ts";
import { ensureBaseLayer, type BaseLayer } from "./base-layer.ts";
import type { LayerTask, LayerTaskMessage } from "./layer-task.ts";
import { isFull, requireRuntime } from "./runtimes.ts";
import { SYSTEM_PACKAGES } from "./runtimes/system-packages.ts";
import { requireToolImage } from "./tool-images.ts";
import type { NamedLayer } from "./layers/recipe.ts";
import { writeLayers } from "./layers/write-layers.ts";

// The other side of layer-task.ts.
process.once("disconnect", () => process.exit(1));
const answer = await run(JSON.parse(process.argv[2] ?? "{}") as LayerTask).then(
  (layers): LayerTaskMessage => ({ layers }),
  (error: unknown): LayerTaskMessage => ({ error: error instanceof Error ? error.message : String(error) }),
);
process.send?.(answer, () => process.exit(0));

async function run(task: LayerTask): Promise<readonly (BaseLayer | NamedLayer)[]> {
  const onProgress = (progress: string): void => void process.send?.({ progress });
  if (task.kind === "base") return [await ensureBaseLayer({ ...task, clock: systemClock }, onProgress)];
  if (task.kind === "tool") {
    const { codename, layers } = requireToolImage(task.toolId);
    return writeLayers(layers, { ...task, codename, below: [], onProgress });
  }
  if (task.kind === "shared") return writeLayers([task.recipe], { ...task, below: [], onProgress });
  const runtime = requireRuntime(task.runtimeId);
  const { codename, run, build } = runtime;
  const system = isFull(runtime) ? [SYSTEM_PACKAGES] : [];
  if (task.kind === "run") return writeLayers(run, { ...task, codename, below: system, onProgress });
  return writeLayers(build, { ...task, codename, below: [...system, ...run], onProgress });
}
