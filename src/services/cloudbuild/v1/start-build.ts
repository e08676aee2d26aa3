import {
  type Build,
  BuildOperationMetadataSchema,
  BuildOptions_LoggingMode as LoggingMode,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { Call } from "../../../wire/call.ts";
import { type BuildName, formatBuildName, operationNameOf } from "../build-name.ts";
import { newBuild, newRow } from "../build.ts";
import { BUILD_KIND, type Deps } from "../deps.ts";
import { stepRequestsOf } from "../step-requests.ts";
import { substitute } from "../substitutions.ts";
import { validateBuild } from "../validate.ts";
import { checkPool } from "../worker-pools/pool-of-build.ts";

/** Queues a build: row, operation and wake-up in one transaction. Rejects what cannot be built before anything is written. */
export async function startBuild(deps: Deps, name: BuildName, request: Build, call: Call): Promise<Operation> {
  validateBuild(request);
  const substituted = substitute(request, name);
  stepRequestsOf(substituted);
  await checkPool(deps, substituted, name);
  const nowMs = deps.clock.nowMs();
  const build = newBuild(request, name, nowMs, defaultLoggingOf(call));
  return deps.store.transact(async (transaction) => {
    await deps.builds.insert(transaction, newRow(name, build, nowMs));
    await deps.wakeups.wake(transaction, BUILD_KIND, formatBuildName(name));
    await deps.buildEvents.changed(transaction, build);
    return deps.operations.create(transaction, {
      name: operationNameOf(name),
      service: "cloudbuild",
      target: formatBuildName(name),
      metadataSchema: BuildOperationMetadataSchema,
      metadata: { build },
    });
  });
}

/**
 * gcloud reads a log object from storage.googleapis.com whatever its endpoint overrides say, so only a client that reaches
 * homerun under Google's own names can follow one; the others follow Cloud Logging.
 */
function defaultLoggingOf({ origin }: Call): LoggingMode {
  return new URL(origin).hostname.endsWith(".googleapis.com") ? LoggingMode.LEGACY : LoggingMode.CLOUD_LOGGING_ONLY;
}
