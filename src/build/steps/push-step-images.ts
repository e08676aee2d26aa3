import { RegistryClientError } from "../../oci/distribution/registry-client-error.ts";
import { parseReference } from "../../oci/reference.ts";
import { fullImageName } from "./image-name.ts";
import { type StepsBuild, StepsPushError } from "./steps-build.ts";
import type { PushedStepImage } from "./steps.ts";

/**
 * Pushes Build.images that no step has pushed yet. Rejects with a StepsPushError before anything is pushed when no step
 * has built one of them, and when a registry refuses.
 */
export async function pushStepImages(build: StepsBuild, signal: AbortSignal): Promise<PushedStepImage[]> {
  const { request, images } = build;
  const missing: string[] = [];
  for (const name of request.images) {
    const isThere = images.digestOf(name) !== undefined || (await images.sessionWith(name, signal)) !== undefined;
    if (!isThere) missing.push(name);
  }
  if (missing.length > 0) {
    const names = missing.map((name) => JSON.stringify(name)).join(" ");
    throw new StepsPushError(
      `failed to find one or more images after execution of build steps: [${names}]`,
      "PUSH_IMAGE_NOT_FOUND",
    );
  }
  if (request.images.some((name) => !images.pushed.has(name))) await request.beforePush?.();
  const pushed: PushedStepImage[] = [];
  for (const name of request.images) {
    const digest = images.pushed.get(name);
    pushed.push(digest === undefined ? await pushOne(build, name, signal) : { name, digest });
  }
  return pushed;
}

async function pushOne(build: StepsBuild, name: string, signal: AbortSignal): Promise<PushedStepImage> {
  const { deps, request } = build;
  signal.throwIfAborted();
  const startMs = deps.clock.nowMs();
  request.log.line(`Pushing ${name}`);
  try {
    const digest = await pushFrom(build, name, signal);
    const { tag = "latest" } = parseReference(fullImageName(name));
    request.log.line(`${tag}: digest: ${digest}`);
    return { name, digest, pushTime: { startMs, endMs: deps.clock.nowMs() } };
  } catch (error) {
    if (!(error instanceof RegistryClientError)) throw error;
    const type = error.status === 401 || error.status === 403 ? "PUSH_NOT_AUTHORIZED" : "PUSH_FAILED";
    throw new StepsPushError(`error pushing image "${name}": ${error.message}`, type, { cause: error });
  }
}

/** From the store of what built it, or by tagging what a step has pushed under its digest. */
async function pushFrom({ deps, images }: StepsBuild, name: string, signal: AbortSignal): Promise<string> {
  const session = await images.sessionWith(name, signal);
  if (session) return session.pushImage(name, signal);
  const digest = images.digestOf(name)!;
  const { host, repository, tag = "latest" } = parseReference(fullImageName(name));
  const manifest = await deps.registry.getManifest({ host, repository, digest }, signal);
  await deps.registry.putManifest({ host, repository, tag }, manifest, signal);
  return digest;
}
