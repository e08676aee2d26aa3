import { clone } from "@bufbuild/protobuf";
import {
  type Build,
  Build_Status as Status,
  BuildOperationMetadataSchema,
  BuildSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { operationNameOf } from "./build-name.ts";
import { buildOf, isFinished, nameOf, rowWith } from "./build.ts";
import { BUILD_KIND, type Deps, PROVENANCE_KIND, SBOM_KIND } from "./deps.ts";
import { buildErrors } from "./errors.ts";
import { SBOM_DELAY_MS } from "./limits.ts";

/**
 * Changes an unfinished build and its operation in the caller's transaction; a change that finishes it also wakes the
 * build that waits for its place, and what vouches for its images. Resolves with the build as it is then; undefined when it was finished already or is gone.
 */
export async function changeBuild(
  deps: Pick<Deps, "builds" | "operations" | "clock" | "wakeups" | "parallelBuilds" | "buildEvents">,
  transaction: StoreTransaction,
  name: string,
  edit: (build: Build) => void,
): Promise<Build | undefined> {
  const row = await deps.builds.get(name, transaction);
  if (!row) return undefined;
  const build = clone(BuildSchema, buildOf(row));
  if (isFinished(build)) return undefined;
  const before = build.status;
  edit(build);
  if (build.status !== before) await deps.buildEvents.changed(transaction, build);
  await deps.builds.update(transaction, rowWith(row, build, deps.clock.nowMs()));
  const operation = operationNameOf(nameOf(row));
  await deps.operations.setMetadata(transaction, operation, BuildOperationMetadataSchema, { build });
  if (!isFinished(build)) return build;
  await finishOperation(deps, transaction, operation, build);
  const hasImages = build.status === Status.SUCCESS && (build.results?.images.length ?? 0) > 0;
  if (hasImages) await wakeWhoVouches(deps, transaction, name);
  const next = (await deps.builds.oldestUnfinished(deps.parallelBuilds, transaction))[deps.parallelBuilds - 1];
  if (next !== undefined) await deps.wakeups.wake(transaction, BUILD_KIND, next);
  return build;
}

async function wakeWhoVouches(
  { wakeups, clock }: Pick<Deps, "wakeups" | "clock">,
  transaction: StoreTransaction,
  name: string,
): Promise<void> {
  await wakeups.wake(transaction, PROVENANCE_KIND, name);
  // Nobody waits for an SBOM, but somebody does for the first instance of what was built.
  await wakeups.wake(transaction, SBOM_KIND, name, clock.nowMs() + SBOM_DELAY_MS);
}

async function finishOperation(
  { operations }: Pick<Deps, "operations">,
  transaction: StoreTransaction,
  operation: string,
  build: Build,
): Promise<void> {
  if (build.status === Status.SUCCESS) return operations.succeed(transaction, operation, BuildSchema, build);
  const error = buildErrors[Status[build.status] as keyof typeof buildErrors];
  return operations.fail(transaction, operation, error ?? buildErrors.INTERNAL_ERROR);
}
