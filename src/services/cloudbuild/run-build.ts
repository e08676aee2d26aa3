import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { BuildOutcome } from "../../build/build.ts";
import {
  type Build,
  BuildOptions_LogStreamingOption as LogStreaming,
  BuildOptions_MachineType as MachineType,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { BuildName } from "./build-name.ts";
import { logDestinationsOf } from "./build.ts";
import type { Deps } from "./deps.ts";
import { MAX_TIMEOUT_SECONDS } from "./limits.ts";
import { type BuildLog, type LogSink, openBuildLog } from "./logs/build-log.ts";
import { logEntriesSink } from "./logs/log-entries.ts";
import { logObjectSink } from "./logs/log-object.ts";
import { machineOf } from "./machine.ts";
import { type PackBuild, readPackSteps } from "./pack-steps.ts";
import { agentOf } from "./service-agent.ts";
import { fetchSource, FetchSourceError, urlOf } from "./source/fetch-source.ts";
import { substitute } from "./substitutions.ts";

/** What a run of a build led to, besides its own log. */
export interface BuildRun {
  readonly outcome: BuildOutcome;
  readonly pack: PackBuild;
  /** Generation of the source object that was built; 0 for a build without source. */
  readonly generation: bigint;
  readonly fetchTime: { readonly startMs: number; readonly endMs: number };
}

/**
 * Does the work of one build: fetch, unpack, build, push, and the log of it all. May run again after a crash, with the same
 * end. Rejects only when the machine fails or the signal aborts; its folder is gone and its log complete either way.
 */
export async function runBuild(deps: Deps, name: BuildName, stored: Build, signal: AbortSignal): Promise<BuildRun> {
  const folder = join(deps.workFolder, name.id);
  const log = openLog(deps, name, stored);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o755 });
    log.line(`starting build "${name.id}"`);
    log.line("");
    const run = await fetchAndBuild(deps, name, substitute(stored, name), { folder, log, signal });
    writeEnd(log, run);
    return run;
  } catch (error) {
    log.line("ERROR");
    log.line(signal.aborted ? "ERROR: context canceled" : "ERROR: internal error");
    throw error;
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

async function fetchAndBuild(deps: Deps, name: BuildName, build: Build, place: Place): Promise<BuildRun> {
  const { log, signal } = place;
  const pack = readPackSteps(build);
  const startMs = deps.clock.nowMs();
  const fetched = await fetch(deps, name, build, place);
  const fetchTime = { startMs, endMs: deps.clock.nowMs() };
  if ("failure" in fetched) return { outcome: fetched.failure, pack, generation: 0n, fetchTime };
  log.line("BUILD");
  const outcome = await deps.builder.buildWithBuildpacks({
    id: name.id,
    sourceFolder: join(fetched.sourceFolder, pack.path),
    env: pack.env,
    runImage: pack.runImage,
    destinations: pack.destinations,
    cacheKey: name.project,
    machine: machineOf(build.options?.machineType ?? MachineType.UNSPECIFIED, deps.host),
    timeoutSeconds: timeoutSecondsOf(build),
    serviceAccountEmail: build.serviceAccount.split("/").at(-1) ?? "",
    project: { id: name.project, number: projectNumberOf(name.project) },
    location: name.location,
    onLogLine: (line) => log.line(line),
    signal,
  });
  return { outcome, pack, generation: fetched.generation, fetchTime };
}

async function fetch({ clients }: Deps, name: BuildName, build: Build, { folder, log, signal }: Place) {
  log.line("FETCHSOURCE");
  if (build.source?.source.case !== "storageSource") {
    const sourceFolder = join(folder, "source");
    await mkdir(sourceFolder);
    return { sourceFolder, generation: 0n };
  }
  const source = build.source.source.value;
  log.line(`Fetching storage object: ${urlOf(source, source.generation)}`);
  try {
    const fetched = await fetchSource(clients.of(Storage, agentOf(name.project), signal), source, folder, signal);
    log.line(`Fetched storage object: ${urlOf(source, fetched.generation)}`);
    return fetched;
  } catch (error) {
    if (!(error instanceof FetchSourceError)) throw error;
    const detail = `failed to fetch the source: ${error.message}`;
    return { failure: { status: "FAILURE", failureType: "FETCH_SOURCE_FAILED", detail, phases: [] } as const };
  }
}

function writeEnd(log: BuildLog, { outcome, pack }: BuildRun): void {
  if (outcome.status === "SUCCESS") {
    if (outcome.images.length > 0) log.line("PUSH");
    for (const { name, digest } of outcome.images) log.line(`${name}: digest: ${digest}`);
    log.line("DONE");
    return;
  }
  log.line(outcome.status === "TIMEOUT" ? "TIMEOUT" : "ERROR");
  const step = outcome.failureType === "USER_BUILD_STEP" ? `build step ${pack.stepIndex} failed: ` : "";
  log.line(`ERROR: ${step}${outcome.detail}`);
}

function openLog(deps: Deps, name: BuildName, build: Build): BuildLog {
  const { bucket, cloudLogging } = logDestinationsOf(build, name);
  const agent = agentOf(name.project);
  const sinks: LogSink[] = [];
  const { project, location } = name;
  const storage = deps.clients.of(Storage, agent);
  if (bucket) sinks.push(logObjectSink({ storage, clock: deps.clock, project, location }, bucket, name.id));
  if (cloudLogging) sinks.push(logEntriesSink(deps.clients.of(LoggingServiceV2, agent), build));
  return openBuildLog(deps, sinks, build.options?.logStreamingOption !== LogStreaming.STREAM_OFF);
}

function timeoutSecondsOf({ timeout }: Build): number {
  return timeout ? durationMs(timeout) / 1000 : MAX_TIMEOUT_SECONDS;
}
