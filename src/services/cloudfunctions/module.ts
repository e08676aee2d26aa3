import { CloudFunctionsService } from "../../gen/google/cloud/functions/v1/functions_pb.js";
import { FunctionService } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { type CloudFunctionsDeps, type Deps, FUNCTION_KIND, UPLOAD_KIND } from "./deps.ts";
import { functionNotFound } from "./errors.ts";
import { reconcileFunction } from "./reconcile.ts";
import { reconcileUpload } from "./reconcile-upload.ts";
import { createFunctionTable, migrations } from "./store.ts";
import { listFirstGenFunctions } from "./v1/listFunctions.ts";
import { createFunction } from "./v2/createFunction.ts";
import { deleteFunction } from "./v2/deleteFunction.ts";
import { detachFunction } from "./v2/detachFunction.ts";
import { generateDownloadUrl } from "./v2/generateDownloadUrl.ts";
import { generateUploadUrl } from "./v2/generateUploadUrl.ts";
import { getFunction } from "./v2/getFunction.ts";
import { listFunctions } from "./v2/listFunctions.ts";
import { listRuntimes } from "./v2/listRuntimes.ts";
import { updateFunction } from "./v2/updateFunction.ts";

const FUNCTION_NAME = /^projects\/[^/]+\/locations\/[^/]+\/functions\/[^/]+$/;

/** cloudfunctions.googleapis.com: functions of the 2nd generation, built by Cloud Build and run by Cloud Run. */
export function cloudfunctions(given: CloudFunctionsDeps): ServiceModule {
  const functions = createFunctionTable(given.store, () => given.clock.nowMs());
  const deps: Deps = { ...given, log: given.log.child({ subsystem: "cloudfunctions" }), functions };
  return {
    name: "cloudfunctions",
    services: [FunctionService, CloudFunctionsService],
    rpcs: [
      createFunction(deps),
      updateFunction(deps),
      deleteFunction(deps),
      detachFunction(deps),
      getFunction(deps),
      listFunctions(deps),
      listRuntimes(deps),
      generateUploadUrl(deps),
      generateDownloadUrl(deps),
      listFirstGenFunctions(),
    ],
    versionAliases: { v2beta: "v2", v2alpha: "v2" },
    mixinVersions: ["v2", "v1"],
    iamResources: [
      {
        pattern: FUNCTION_NAME,
        template: "projects/*/locations/*/functions/*",
        async assertExists(resource) {
          if (!(await functions.get(resource))) throw functionNotFound(resource);
        },
      },
    ],
    migrations,
    reconcilers: { [FUNCTION_KIND]: reconcileFunction(deps), [UPLOAD_KIND]: reconcileUpload(deps) },
    scans: [{ kind: FUNCTION_KIND, keys: () => functions.unfinishedNames() }],
  };
}
