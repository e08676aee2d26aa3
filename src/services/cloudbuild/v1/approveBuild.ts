import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import { failedPrecondition } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { checkResult, decide } from "../approvals/approval.ts";
import { formatBuildName, operationNameOf } from "../build-name.ts";
import { changeBuild } from "../change-build.ts";
import { BUILD_KIND, type Deps } from "../deps.ts";
import { buildNotFound } from "../errors.ts";
import { buildNamedBy } from "../resolve-name.ts";

/** CloudBuild.ApproveBuild: the decision, and for an approved build its wake-up, in one transaction. Answers the build's operation. */
export const approveBuild = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.approveBuild,
    { permission: "cloudbuild.builds.approve", audit: "ADMIN_WRITE" },
    async ({ name: given, approvalResult }, call) => {
      const name = await buildNamedBy({ name: given, projectId: "", id: "" }, deps.projects);
      const key = formatBuildName(name);
      const result = checkResult(approvalResult);
      const approver = principalEmail(call.principal);
      return deps.store.transact(async (transaction) => {
        if (!(await deps.builds.get(key, transaction))) throw buildNotFound(key);
        const build = await changeBuild(deps, transaction, key, (each) =>
          decide(each, result, approver, deps.clock.nowMs()),
        );
        if (!build) throw failedPrecondition(`Build ${name.id} is not pending approval.`);
        await deps.wakeups.wake(transaction, BUILD_KIND, key);
        return (await deps.operations.get(operationNameOf(name), transaction))!.operation;
      });
    },
  );
