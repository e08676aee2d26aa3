import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Build,
  Build_Status as Status,
  BuildApproval_State as ApprovalState,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type BuildName, formatBuildName } from "./build-name.ts";
import { changeBuild } from "./change-build.ts";
import type { Deps } from "./deps.ts";
import { buildNotFound, notCancellable } from "./errors.ts";

/** Ends a build as CANCELLED; NOT_FOUND when there is none, FAILED_PRECONDITION when it is finished. */
export async function cancel(deps: Deps, name: BuildName): Promise<Build> {
  const key = formatBuildName(name);
  return deps.store.transact(async (transaction) => {
    if (!(await deps.builds.get(key, transaction))) throw buildNotFound(key);
    const build = await changeBuild(deps, transaction, key, (each) => {
      if (each.approval?.state === ApprovalState.PENDING) each.approval.state = ApprovalState.CANCELLED;
      each.status = Status.CANCELLED;
      each.finishTime = timestampFromMs(deps.clock.nowMs());
    });
    if (!build) throw notCancellable(name.id);
    transaction.afterCommit(() => deps.stopRunning(key));
    return build;
  });
}
