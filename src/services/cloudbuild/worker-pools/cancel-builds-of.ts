import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Build_Status as Status } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { buildOf, nameOf } from "../build.ts";
import { changeBuild } from "../change-build.ts";
import type { Deps } from "../deps.ts";
import { poolNameOf } from "./pool-of-build.ts";

/** Cancels the builds that wait for or run in a pool. Google: cloudbuild.proto, WorkerPool.State DELETING. */
export async function cancelBuildsOf(deps: Deps, transaction: StoreTransaction, pool: string): Promise<void> {
  for (const key of await deps.builds.oldestUnfinished(Number.MAX_SAFE_INTEGER, transaction)) {
    const row = await deps.builds.get(key, transaction);
    if (!row || poolNameOf(buildOf(row), nameOf(row)) !== pool) continue;
    await changeBuild(deps, transaction, key, (build) => {
      build.status = Status.CANCELLED;
      build.statusDetail = "the worker pool was deleted";
      build.finishTime = timestampFromMs(deps.clock.nowMs());
    });
    transaction.afterCommit(() => deps.stopRunning(key));
  }
}
