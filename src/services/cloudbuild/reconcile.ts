import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Build,
  Build_Status as Status,
  TimeSpanSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { parseBuildName } from "./build-name.ts";
import { buildOf, expiryMsOf } from "./build.ts";
import { changeBuild } from "./change-build.ts";
import type { Deps } from "./deps.ts";
import { recordRun } from "./finished-build.ts";
import { type BuildRun, runBuild } from "./run-build.ts";

/** A queued build is woken when its turn comes; this is for turns that were missed. */
const LOOK_AGAIN_MS = 1000;
const SETTLED: Outcome = { settled: true };

/** Builds that this process works on; aborting one stops its work. */
export type RunningBuilds = Map<string, AbortController>;

/**
 * Runs a build once it is among the oldest unfinished ones that fit on the host. A build that was running when the process
 * died is found WORKING and runs again under the same id, unless it may have pushed already what it would not make again.
 */
export function reconcileBuild(deps: Deps, running: RunningBuilds): Reconcile {
  return async (name, signal) => {
    const row = await deps.builds.get(name);
    if (!row?.unfinished) return SETTLED;
    const build = buildOf(row);
    const isExpired = build.status === Status.QUEUED && expiryMsOf(build, row.createTimeMs) <= deps.clock.nowMs();
    if (isExpired) return expire(deps, name);
    const admitted = await deps.builds.oldestUnfinished(deps.parallelBuilds);
    if (!admitted.includes(name)) return { settled: false, retryInMs: LOOK_AGAIN_MS };
    const stop = new AbortController();
    running.set(name, stop);
    try {
      return await work(deps, name, AbortSignal.any([signal, stop.signal]), signal);
    } finally {
      running.delete(name);
    }
  };
}

async function work(deps: Deps, name: string, stopped: AbortSignal, dying: AbortSignal): Promise<Outcome> {
  const build = await deps.store.transact((transaction) =>
    changeBuild(deps, transaction, name, (each) => {
      each.status = Status.WORKING;
      each.startTime = timestampFromMs(deps.clock.nowMs());
    }),
  );
  if (!build) return SETTLED;
  const run = hasPushed(build) ? undefined : await attempt(deps, name, build, stopped);
  // A build of a dying process stays WORKING, for the next one to run again.
  dying.throwIfAborted();
  await finish(deps, name, (each) => {
    if (run) return recordRun(each, run, deps.clock.nowMs());
    each.status = Status.INTERNAL_ERROR;
    if (hasPushed(build)) each.statusDetail = "the server stopped while the build pushed what it had made";
  });
  return SETTLED;
}

/** Whether a run in an earlier process may have pushed something, so that another one could push something else. */
function hasPushed(build: Build): boolean {
  return build.timing["PUSH"] !== undefined;
}

/** The run's result; undefined when the machine failed, which is logged here, or when it was stopped. */
async function attempt(deps: Deps, name: string, build: Build, signal: AbortSignal): Promise<BuildRun | undefined> {
  try {
    return await runBuild(deps, parseBuildName(name), build, { signal, beforePush: () => notePush(deps, name) });
  } catch (error) {
    if (!signal.aborted) deps.log.error("A build failed because of an internal error", { build: name, error });
    return undefined;
  }
}

/** Rejects when the build has ended meanwhile, for example because it was cancelled. */
async function notePush(deps: Deps, name: string): Promise<void> {
  const build = await deps.store.transact((transaction) =>
    changeBuild(deps, transaction, name, (each) => {
      each.timing["PUSH"] ??= create(TimeSpanSchema, { startTime: timestampFromMs(deps.clock.nowMs()) });
    }),
  );
  if (!build) throw new Error("the build has ended");
}

async function expire(deps: Deps, name: string): Promise<Outcome> {
  await finish(deps, name, (build) => {
    if (build.status === Status.QUEUED) build.status = Status.EXPIRED;
  });
  return SETTLED;
}

/** A build that was cancelled meanwhile is finished already and stays as it is. */
async function finish(deps: Deps, name: string, edit: (build: Build) => void): Promise<void> {
  await deps.store.transact((transaction) =>
    changeBuild(deps, transaction, name, (build) => {
      edit(build);
      build.finishTime ??= timestampFromMs(deps.clock.nowMs());
    }),
  );
}
