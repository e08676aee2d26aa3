import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { type Deps, JOB_KIND } from "./deps.ts";
import { jobNotFound } from "./errors.ts";
import { changedJobRow, type JobState, stateOf } from "./job.ts";
import { parseJobName } from "./names.ts";

/** The row of a job; rejects what is no name of one, and with NOT_FOUND. */
export async function findJob(
  { jobs }: Pick<Deps, "jobs">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow> {
  parseJobName(name);
  const row = await jobs.get(name, transaction);
  if (!row) throw jobNotFound(name);
  return row;
}

/** Changes a job as its user asks, and plans its next execution. Answers the new row. */
export function changeJob(
  deps: Deps,
  name: string,
  change: (state: JobState, nowMs: number) => JobState,
): Promise<ResourceRow> {
  return deps.store.transact(async (transaction) => {
    const row = await findJob(deps, name, transaction);
    const nowMs = deps.clock.nowMs();
    const state = change(stateOf(row), nowMs);
    const changed = await deps.jobs.update(transaction, changedJobRow(row, state, nowMs));
    if (state.execution) await deps.wakeups.wake(transaction, JOB_KIND, name, state.execution.dueMs);
    return changed;
  });
}
