import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { defaultServiceAccountOf } from "../build.ts";

/** CloudBuild.GetDefaultServiceAccount: the project's Cloud Build service account, as a full resource name. */
export const getDefaultServiceAccount = (): Rpc =>
  rpc(
    CloudBuild.method.getDefaultServiceAccount,
    { permission: "cloudbuild.builds.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const match = /^projects\/([^/]+)\/locations\/[^/]+\/defaultServiceAccount$/.exec(name);
      if (!match) throw notFound(name);
      const project = match[1]!;
      return { name, serviceAccountEmail: `projects/${project}/serviceAccounts/${defaultServiceAccountOf(project)}` };
    },
  );
