import { CloudFunctionsService } from "../../../gen/google/cloud/functions/v1/functions_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";

/** v1 CloudFunctionsService.ListFunctions: there are no 1st gen functions here; gcloud asks on every listing. */
export const listFirstGenFunctions = (): Rpc =>
  rpc(
    CloudFunctionsService.method.listFunctions,
    { permission: "cloudfunctions.functions.list", audit: "ADMIN_READ" },
    async () => ({ functions: [] }),
  );
