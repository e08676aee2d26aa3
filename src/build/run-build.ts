import { chown } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxMount } from "../instances/sandbox.ts";
import { RegistryClientError } from "../oci/distribution/registry-client-error.ts";
import { parseReference } from "../oci/reference.ts";
import type { BuilderDeps, BuildFailure, BuildOutcome, BuildpackBuildRequest } from "./build.ts";
import type { BuildImages, BuildNeeds } from "./build-images.ts";
import { buildSandboxSpec } from "./build-sandbox.ts";
import { BuildInputError } from "./builder-image/build-input-error.ts";
import { type PreparedBuild, prepareBuild } from "./builder-image/prepare-build.ts";
import type { BuildCache, OpenedCache } from "./cache/build-cache.ts";
import { buildFailure, failureLines } from "./failure.ts";
import { type AppImage, pushAppImage } from "./image/push-app-image.ts";
import type { ReadRunImage } from "./image/run-image.ts";
import { LifecycleError } from "./lifecycle/errors.ts";
import type { LayerArchive, LifecycleResult } from "./lifecycle/exchange.ts";
import { createPhaseLog, type PhaseLog } from "./phase-log.ts";
import { InvalidResultError, readBuilderError, readResult } from "./read-result.ts";
import { type LifecycleExit, runLifecycle } from "./run-lifecycle.ts";
import { hashInputs, hashSource } from "./unchanged/input-hash.ts";
import { isRepeatable, useAgain } from "./unchanged/use-again.ts";
import { ToolsWantedError, watchForTools } from "./watch-for-tools.ts";
import { createWorkFolder, type WorkFolder } from "./work-folder.ts";

/** What all builds of a process share. */
export interface BuildParts {
  readonly deps: BuilderDeps;
  /** The folder of a build on the host, by its id. */
  readonly workFolder: (id: string) => string;
  readonly cache: BuildCache;
  readonly readRunImage: ReadRunImage;
  readonly mounts: readonly SandboxMount[];
}

/** One build under way. */
interface Build extends BuildParts {
  readonly request: BuildpackBuildRequest;
  readonly phases: PhaseLog;
  readonly images: BuildImages;
  readonly cached: OpenedCache;
  /** Hash of what decides the result; the run image is part of it, which may be composed while the build runs. */
  readonly inputs: () => Promise<string>;
  readonly work: WorkFolder;
}

/** Lines of the log that an error message can draw on. */
const TAIL_LINES = 40;

/** Runs one build from its images to the pushed result; see Builder.buildWithBuildpacks for what it promises. */
export async function runBuild(parts: BuildParts, request: BuildpackBuildRequest): Promise<BuildOutcome> {
  try {
    return await attempt(parts, request, { tools: false });
  } catch (error) {
    if (!(error instanceof ToolsWantedError)) throw error;
    request.onLogLine("The build needs compilers or other tools: it starts again with them");
    return await attempt(parts, request, { tools: true });
  }
}

async function attempt(parts: BuildParts, request: BuildpackBuildRequest, needs: BuildNeeds): Promise<BuildOutcome> {
  const { deps, readRunImage } = parts;
  const phases = createPhaseLog(deps.clock);
  request.onLogLine("===> ANALYZING");
  try {
    const prepared = await phases.run("ANALYZING", () => prepareBuild(deps, readRunImage, request, needs));
    return await runPrepared(parts, request, phases, prepared);
  } catch (error) {
    const isInput = error instanceof BuildInputError || error instanceof LifecycleError;
    if (!isInput) throw error;
    request.onLogLine(`ERROR: failed to build: ${error.message}`);
    return { status: "FAILURE", failureType: "USER_BUILD_STEP", detail: error.message, phases: phases.phases };
  }
}

async function runPrepared(
  parts: BuildParts,
  request: BuildpackBuildRequest,
  phases: PhaseLog,
  prepared: PreparedBuild,
): Promise<BuildOutcome> {
  const { deps } = parts;
  const { images, env, selection } = prepared;
  const packages = await deps.packages();
  using cached = parts.cache.open(cacheKeyOf(request, images), repositoryOf(request));
  // Before the build: other steps may change the workspace while it runs.
  const source = await hashSource(request.sourceFolder);
  const inputs = async () =>
    hashInputs({ source, request, prepared, runImage: (await images.run).reference, packages });
  const unchanged = await previousImage(parts, request, cached, inputs);
  if (unchanged !== undefined) return succeeded(request, phases, unchanged, (await images.run).reference);
  await chown(cached.volume, images.owner.uid, images.owner.gid);
  await using cleanUp = new AsyncDisposableStack();
  const network = cleanUp.use(await deps.networks.acquire());
  const { project, location, serviceAccountEmail } = request;
  using _ = deps.metadata.register(network.address, { project, location, instanceId: request.id, serviceAccountEmail });
  const surroundings = deps.surroundings(network);
  await using work = createWorkFolder(parts.workFolder(request.id), {
    owner: images.owner,
    env,
    selection,
    operatorEnv: {
      ...packages.env,
      ...surroundings.env,
      // Google's name for "the base image brings the runtime".
      ...(images.runImageHasRuntime ? { X_GOOGLE_SKIP_RUNTIME_LAUNCH: "true" } : {}),
    },
    homeFiles: packages.homeFiles,
    restore: cached.restore,
    sbomFile: (digest) => cached.blobFile({ diffId: digest, digest, size: 0, cache: false }),
  });
  const build: Build = { ...parts, request, phases, images, cached, inputs, work };
  const mounts = [...parts.mounts, ...packages.mounts];
  const spec = buildSandboxSpec({ request, images, cache: cached, work, network, surroundings, mounts });
  return await finish(build, await runAndFollow(build, spec, cleanUp));
}

/** Digest of the previous build's image, when this build would make the same again; it has the new tags then. */
async function previousImage(
  { deps }: BuildParts,
  request: BuildpackBuildRequest,
  { built }: OpenedCache,
  inputs: () => Promise<string>,
): Promise<string | undefined> {
  if (!built || built.inputs !== (await inputs())) return undefined;
  if (!(await useAgain(deps.registry, request, built.digest))) return undefined;
  request.onLogLine("Nothing has changed since the previous build: its image is used again");
  return built.digest;
}

interface Followed {
  readonly exit: LifecycleExit;
  readonly startMs: number;
  /** The last lines of the log. */
  readonly tail: readonly string[];
}

async function runAndFollow(
  build: Build,
  spec: ReturnType<typeof buildSandboxSpec>,
  cleanUp: AsyncDisposableStack,
): Promise<Followed> {
  const { deps, request } = build;
  const tail: string[] = [];
  const onLogLine = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    request.onLogLine(line);
  };
  const startMs = deps.clock.nowMs();
  using wanted = watchForTools(build.work.toolsSignal);
  const run = {
    spec,
    timeoutMs: request.timeoutSeconds * 1000,
    onLogLine,
    logFlow: request.logFlow,
    signal: AbortSignal.any([request.signal, wanted.signal]),
  };
  return { exit: await runLifecycle(deps, run, cleanUp), startMs, tail };
}

async function finish(build: Build, { exit, startMs, tail }: Followed): Promise<BuildOutcome> {
  const { request, phases, work, cached, deps } = build;
  const elapsed = { startMs: 0, endMs: deps.clock.nowMs() - startMs };
  if (exit.exitCode !== 0 || exit.timedOut) {
    phases.add([{ name: "BUILDING", ...elapsed }], startMs);
    for (const line of failureLines(exit, request.timeoutSeconds)) request.onLogLine(line);
    const error = readBuilderError(work.output);
    return { ...buildFailure(exit, error, tail, request.timeoutSeconds), phases: phases.phases };
  }
  try {
    const result = readResult(work.output, (diffId) => cached.archives.has(diffId));
    phases.add(result.phases, startMs);
    return await publish(build, result);
  } catch (error) {
    const failureType = failureTypeOf(error);
    if (!failureType || !(error instanceof Error)) throw error;
    request.onLogLine(`ERROR: failed to export: ${error.message}`);
    return { status: "FAILURE", failureType, detail: error.message, phases: phases.phases };
  }
}

async function publish(build: Build, result: LifecycleResult): Promise<BuildOutcome> {
  const { deps, request, images, cached, work, phases } = build;
  const archiveOf: AppImage["archiveOf"] = ({ diffId, blob }) => {
    if (blob) return { digest: blob.digest, size: blob.size, file: join(work.output, blob.file) };
    const archive = cached.archives.get(diffId)!;
    return { digest: archive.digest, size: archive.size, file: cached.blobFile(archive) };
  };
  const runImage = await images.run;
  const image = { runImage, result, archiveOf, user: `${images.owner.uid}:${images.owner.gid}` };
  for (const destination of request.destinations) request.onLogLine(`Saving ${destination}...`);
  const digest = await phases.run("PUSH", () => pushAppImage(deps.registry, request, image, work.path, request.signal));
  await remember(build, result, digest).catch((error: unknown) => {
    // The image is pushed; without the cache the next build only takes longer.
    deps.log.warning("a build could not be cached", { build: request.id, error });
  });
  return succeeded(request, phases, digest, runImage.reference);
}

function succeeded(
  { destinations, onLogLine }: BuildpackBuildRequest,
  { phases }: PhaseLog,
  digest: string,
  runImage: string,
): BuildOutcome {
  if (digest !== "") onLogLine(`*** Images (${digest}):`);
  for (const destination of destinations) onLogLine(`      ${destination}`);
  return { status: "SUCCESS", images: destinations.map((name) => ({ name, digest })), runImage, phases };
}

/** Keeps what the next build may use again: the layers of buildpacks, not those of the application. */
async function remember({ cached, inputs, work }: Build, result: LifecycleResult, digest: string): Promise<void> {
  const shas = new Set(result.buildpacks.flatMap(({ layers }) => Object.values(layers).map(({ sha }) => sha)));
  const kept = result.archives.filter(({ diffId }) => shas.has(diffId));
  const saved = kept.map(({ diffId, blob, cache }: LayerArchive) => {
    const known = blob ?? cached.archives.get(diffId)!;
    const file = blob ? join(work.output, blob.file) : undefined;
    return { diffId, digest: known.digest, size: known.size, cache, file };
  });
  const sboms = result.sboms.map(({ file, digest, size }) => {
    return { diffId: digest, digest, size, cache: false, file: join(work.output, file) };
  });
  const isAgain = digest !== "" && isRepeatable(result);
  await cached.save(result.buildpacks, [...saved, ...sboms], isAgain ? { inputs: await inputs(), digest } : undefined);
}

function failureTypeOf(error: unknown): BuildFailure["failureType"] | undefined {
  if (error instanceof InvalidResultError) return "USER_BUILD_STEP";
  return error instanceof RegistryClientError ? "PUSH_FAILED" : undefined;
}

/** What one user has made, another could not change. */
function cacheKeyOf({ cacheKey }: BuildpackBuildRequest, { builder, owner }: BuildImages): string {
  return builder ? `${cacheKey} as ${owner.uid}:${owner.gid}` : cacheKey;
}

/** The image without its tag: builds of one image follow each other, whatever they are tagged. */
function repositoryOf({ destinations }: BuildpackBuildRequest): string {
  const first = destinations[0];
  // A build whose image goes nowhere.
  if (first === undefined) return "";
  const { host, repository } = parseReference(first);
  return `${host}/${repository}`;
}
