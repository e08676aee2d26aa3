import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { BuildStepsOutcome, Span } from "../../build/steps/steps.ts";
import { type Build, type SourceProvenance } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { ArtifactError } from "./artifacts/find-artifacts.ts";
import { uploadArtifacts, type UploadedArtifacts } from "./artifacts/upload-artifacts.ts";
import type { BuildName } from "./build-name.ts";
import type { Deps } from "./deps.ts";
import { MAX_TIMEOUT_SECONDS } from "./limits.ts";
import type { BuildLog } from "./logs/build-log.ts";
import { openLog } from "./logs/open-log.ts";
import { SecretError } from "./secrets/access-secret.ts";
import { readSecretVariables } from "./secrets/secret-variables.ts";
import { fetchBuildSource } from "./source/fetch-build-source.ts";
import { FetchSourceError } from "./source/fetch-source.ts";
import { imagesOf, stepRequestsOf } from "./step-requests.ts";
import { substitute } from "./substitutions.ts";
import { workerOfBuild } from "./worker-pools/pool-of-build.ts";

/** What a run of a build led to, besides its own log. */
export interface BuildRun {
  readonly fetchTime: Span;
  readonly sourceProvenance?: SourceProvenance;
  /** Absent when the source or a secret could not be had. */
  readonly outcome?: BuildStepsOutcome;
  readonly artifacts?: UploadedArtifacts & { readonly time: Span };
  /** What failed before or after the steps, in the words of the log. */
  readonly failure?: {
    readonly type: "FETCH_SOURCE_FAILED" | "PUSH_FAILED" | "FAILURE_TYPE_UNSPECIFIED";
    readonly message: string;
  };
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Awaited before anything of the build gets a name outside of it; rejects when nothing may any more. */
  readonly beforePush: () => Promise<void>;
}

/** One run of a build under way. */
interface Run extends RunOptions {
  readonly deps: Deps;
  readonly name: BuildName;
  /** With its substitutions done. */
  readonly build: Build;
  readonly folder: string;
  readonly log: BuildLog;
}

const GB = 1024 ** 3;

/**
 * Does the work of one build: fetch, unpack, run the steps, push, upload, and the log of it all. Rejects only when the
 * machine fails or the signal aborts; its folder is gone and its log complete either way.
 */
export async function runBuild(deps: Deps, name: BuildName, stored: Build, options: RunOptions): Promise<BuildRun> {
  const folder = join(deps.workFolder, name.id);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const build = substitute(stored, name);
  const log = openLog(deps, name, build, join(folder, "log.txt"));
  try {
    log.line(`starting build "${name.id}"`);
    log.line("");
    const run = { ...options, deps, name, build, folder, log };
    const result = await fetchAndRun(run);
    writeEnd(log, result);
    return result;
  } catch (error) {
    log.line(options.signal.aborted ? "CANCELLED" : "ERROR");
    log.line(options.signal.aborted ? "ERROR: context canceled" : "ERROR: internal error");
    throw error;
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchAndRun(run: Run): Promise<BuildRun> {
  const { deps, log, build, folder, signal } = run;
  log.line("FETCHSOURCE");
  const startMs = deps.clock.nowMs();
  const fetchTime = () => ({ startMs, endMs: deps.clock.nowMs() });
  try {
    const place = { folder, onLine: (line: string) => log.line(line), signal };
    const { sourceFolder, provenance } = await fetchBuildSource(deps, run.name, build, place);
    const fetched = { fetchTime: fetchTime(), ...(provenance && { sourceProvenance: provenance }) };
    const secrets = await readSecretVariables(deps, build, signal);
    const outcome = await runSteps(run, stepRequestsOf(build, secrets), sourceFolder);
    if (outcome.status !== "SUCCESS" || !build.artifacts?.objects) return { ...fetched, outcome };
    return { ...fetched, outcome, ...(await upload(run, sourceFolder)) };
  } catch (error) {
    return { fetchTime: fetchTime(), failure: failureBeforeSteps(error) };
  }
}

/** What the user can do something about; throws anything else again. */
function failureBeforeSteps(error: unknown): NonNullable<BuildRun["failure"]> {
  if (error instanceof SecretError) return { type: "FAILURE_TYPE_UNSPECIFIED", message: error.message };
  if (!(error instanceof FetchSourceError)) throw error;
  return { type: "FETCH_SOURCE_FAILED", message: `failed to fetch the source: ${error.message}` };
}

async function runSteps(
  run: Run,
  steps: ReturnType<typeof stepRequestsOf>,
  workspace: string,
): Promise<BuildStepsOutcome> {
  const { deps, name, build, log, signal, beforePush } = run;
  const { machine, diskGb } = await workerOfBuild(deps, build, name);
  return deps.builder.runBuildSteps({
    id: name.id,
    workspace,
    steps,
    images: imagesOf(build),
    cacheKey: name.project,
    machine,
    diskBytes: diskGb * GB,
    timeoutSeconds: secondsLeft(build, deps.clock.nowMs()),
    serviceAccountEmail: serviceAccountOf(build),
    project: { id: name.project, number: projectNumberOf(name.project) },
    location: name.location,
    log,
    // Buildpacks make the same image of the same source each time: only what other steps make must not be pushed twice.
    ...(steps.some(({ pack }) => !pack) && { beforePush }),
    signal,
  });
}

async function upload(run: Run, workspace: string): Promise<Pick<BuildRun, "artifacts" | "failure">> {
  const { deps, build, log, name, signal } = run;
  const startMs = deps.clock.nowMs();
  await run.beforePush();
  try {
    const artifacts = await uploadArtifacts({
      // Google: cloudbuild.proto, Artifacts.objects ("using the builder service account's credentials").
      storage: deps.clients.of(Storage, { kind: "serviceAccount", email: serviceAccountOf(build) }, signal),
      workspace,
      buildId: name.id,
      objects: build.artifacts!.objects!,
      onLine: (line) => log.line(line),
      signal,
    });
    return { artifacts: { ...artifacts, time: { startMs, endMs: deps.clock.nowMs() } } };
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    return { failure: { type: "PUSH_FAILED", message: `failed to upload artifacts: ${error.message}` } };
  }
}

/** Google: cloudbuild.proto, Build.timeout ("starts ticking from startTime"): fetching the source counts. */
function secondsLeft({ timeout, startTime }: Build, nowMs: number): number {
  const seconds = timeout ? durationMs(timeout) / 1000 : MAX_TIMEOUT_SECONDS;
  const elapsed = startTime ? (nowMs - timestampMs(startTime)) / 1000 : 0;
  return Math.max(0, seconds - elapsed);
}

function serviceAccountOf(build: Build): string {
  return build.serviceAccount.split("/").at(-1) ?? "";
}

function writeEnd(log: BuildLog, { outcome, failure }: BuildRun): void {
  const message = failure?.message ?? outcome?.failure?.message;
  if (message === undefined) return log.line("DONE");
  log.line(outcome?.status === "TIMEOUT" ? "TIMEOUT" : "ERROR");
  log.line(`ERROR: ${message}`);
}
