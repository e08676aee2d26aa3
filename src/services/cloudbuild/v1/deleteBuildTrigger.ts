import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { readTrigger } from "../triggers/read-trigger.ts";

/** CloudBuild.DeleteBuildTrigger; its builds stay. */
export const deleteBuildTrigger = (deps: Pick<Deps, "store" | "triggers" | "projects">): Rpc =>
  rpc(
    CloudBuild.method.deleteBuildTrigger,
    { permission: "cloudbuild.builds.update", audit: "ADMIN_WRITE" },
    async (request) => {
      const { row } = await readTrigger(request, deps);
      await deps.store.transact((transaction) => deps.triggers.remove(transaction, row.name));
      return {};
    },
  );
