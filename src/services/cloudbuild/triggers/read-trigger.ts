import type { BuildTrigger } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { Deps } from "../deps.ts";
import { triggerOf } from "./trigger.ts";
import { triggerKeyOf, triggerNotFound } from "./trigger-name.ts";

/** The trigger that a request names, by id or by the user's name; rejects with NOT_FOUND. */
export async function readTrigger(
  request: Parameters<typeof triggerKeyOf>[0],
  deps: Pick<Deps, "triggers" | "projects">,
): Promise<{ row: ResourceRow; trigger: BuildTrigger }> {
  const key = await triggerKeyOf(request, deps);
  const row = await deps.triggers.get(key);
  if (!row) throw triggerNotFound(key);
  return { row, trigger: triggerOf(row) };
}
