import { PipelineSchema } from "../../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { finalFailure } from "../final-failure.ts";
import { endOperation } from "../operations.ts";
import { pipelineKind } from "./kinds.ts";
import { ensureTransport, removeTransport } from "./pipeline-transport.ts";
import { fromRow, messageOf, type StoredResource, toRow, type Work } from "./stored-resource.ts";

const SETTLED: Outcome = { settled: true };

type StoredPipeline = StoredResource<typeof PipelineSchema>;
type PipelineWork = Work<typeof PipelineSchema>;

/** Makes, changes or removes the transport of a pipeline, and ends the operation that asked for it. */
export function reconcilePipeline(deps: Deps): Reconcile {
  return async (name, signal) => {
    for (;;) {
      signal.throwIfAborted();
      const row = await deps.pipelines.get(name);
      const stored = row && fromRow(pipelineKind, row);
      if (!stored?.work) return SETTLED;
      const { work } = stored;
      const isRemoval = work.verb === "delete" || (work.verb === "create" && work.failure !== undefined);
      try {
        await (isRemoval ? removeTransport(deps, stored) : ensureTransport(deps, stored));
      } catch (error) {
        const failure = isRemoval ? undefined : finalFailure(deps, work, error);
        if (!failure) throw error;
        // What an update has changed may not be to be had back, either.
        if (!work.failure) {
          await saveFailure(deps, stored, work, failure);
          continue;
        }
      }
      await saveEnd(deps, stored, work, isRemoval);
      return SETTLED;
    }
  };
}

/** Notes why work cannot be done; after a failed update the pipeline is what it was before. */
async function saveFailure(deps: Deps, stored: StoredPipeline, work: PipelineWork, failure: ApiError): Promise<void> {
  const { code, message } = failure;
  const next = { ...stored, resource: work.previous ?? stored.resource, work: { ...work, failure: { code, message } } };
  await deps.store.transact((transaction) => deps.pipelines.update(transaction, toRow(pipelineKind, next)));
}

async function saveEnd(deps: Deps, stored: StoredPipeline, work: PipelineWork, isGone: boolean): Promise<void> {
  const { name } = stored.row;
  await deps.store.transact(async (transaction) => {
    let ended = stored;
    if (isGone) {
      await deps.pipelines.delete(transaction, name);
      await deps.policies.delete(transaction, name);
    } else {
      const row = toRow(pipelineKind, { ...stored, work: undefined });
      ended = fromRow(pipelineKind, await deps.pipelines.update(transaction, row));
    }
    const result = work.failure
      ? { failure: work.failure }
      : { schema: PipelineSchema, message: messageOf(pipelineKind, ended) };
    await endOperation(deps, transaction, work, result);
  });
}
