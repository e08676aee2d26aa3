import { FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { functionNotFound } from "../errors.ts";
import { agentEmailOf, parseFunctionName } from "../function-name.ts";
import { URL_SECONDS } from "../limits.ts";

/** FunctionService.GenerateDownloadUrl: a signed URL of the deployed source, valid for 30 minutes. */
export const generateDownloadUrl = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.generateDownloadUrl,
    { permission: "cloudfunctions.functions.sourceCodeGet", audit: "DATA_READ" },
    async ({ name }, call) => {
      const stored = await deps.functions.get(name);
      if (!stored) throw functionNotFound(name);
      const source = stored.function.buildConfig?.sourceProvenance?.resolvedStorageSource;
      if (!source) throw failedPrecondition(`The source of ${name} is not known.`);
      const { bucket, object, generation } = source;
      const downloadUrl = await deps.urlSigner.signUrl({
        origin: call.origin,
        email: agentEmailOf(parseFunctionName(name).project),
        method: "GET",
        bucket,
        object,
        expiresSeconds: URL_SECONDS,
        query: { generation: String(generation) },
      });
      return { downloadUrl };
    },
  );
