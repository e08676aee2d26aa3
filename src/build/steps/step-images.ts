import type { SandboxSpec } from "../../instances/sandbox.ts";
import type { UnpackedImage } from "../../oci/oci.ts";
import type { BuilderDeps } from "../build.ts";
import type { BuildSpace } from "./build-space.ts";
import { digestReference, fullImageName, pullReference } from "./image-name.ts";
import { StepImageError, type StepImageProvider, type StepImageSession } from "./step-image.ts";
import type { BuildStepsRequest, Span, StepRequest } from "./steps.ts";

/** What a step runs in. */
export interface StepImage {
  readonly image: UnpackedImage;
  readonly adjust?: (spec: SandboxSpec) => SandboxSpec;
  /** When it was pulled; absent for an image that was there. */
  readonly pullTime?: Span;
}

/** The images of one build: pulled, made here, or built by its own steps. */
export interface StepImages extends AsyncDisposable {
  /** Rejects with a StepImageError when the image cannot be had. */
  ensure(step: StepRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<StepImage>;
  /** Notes that a step has put an image into a registry under its digest, for later steps and for pushes. */
  noteBuilt(name: string, digest: string): void;
  /** The digest that was noted for a name. */
  digestOf(name: string): string | undefined;
  /** Notes that a step has pushed an image under this name itself. */
  notePushed(name: string, digest: string): void;
  /** What was noted by notePushed, in order. */
  readonly pushed: ReadonlyMap<string, string>;
  /** The open session that has an image of this name. */
  sessionWith(name: string, signal: AbortSignal): Promise<StepImageSession | undefined>;
}

type Deps = Pick<BuilderDeps, "images" | "stepImages" | "clock">;

/** No images yet. Disposing ends the sessions of what made some. */
export function createStepImages(deps: Deps, request: BuildStepsRequest, space: BuildSpace): StepImages {
  const sessions = createSessions(deps.stepImages ?? [], request, space);
  const built = new Map<string, string>();
  const pushed = new Map<string, string>();
  const pulled = new Map<string, UnpackedImage>();

  async function ensurePulled(name: string, onLine: (line: string) => void, signal: AbortSignal): Promise<StepImage> {
    const full = fullName(name);
    const digest = built.get(full);
    const known = pulled.get(full);
    if (known) onLine(`Already have image (with digest): ${name}`);
    else onLine(`${digest === undefined ? "Pulling" : "Already have"} image: ${name}`);
    if (known) return { image: known };
    const startMs = deps.clock.nowMs();
    const reference = digest === undefined ? pullReference(full) : digestReference(full, digest);
    const image = await pull(deps, name, reference, signal);
    if (digest !== undefined) return { image };
    pulled.set(full, image);
    onLine(`Digest: ${image.digest}`);
    return { image, pullTime: { startMs, endMs: deps.clock.nowMs() } };
  }

  return {
    sessionWith: sessions.having,
    async ensure(step, onLine, signal) {
      const maker = await sessions.making(step.name);
      if (maker) onLine(`Already have image (with digest): ${step.name}`);
      if (maker) return maker.prepare(step, signal);
      const session = await sessions.having(step.name, signal);
      const own = await session?.findImage(step.name, signal);
      if (!own) return ensurePulled(step.name, onLine, signal);
      onLine(`Already have image: ${step.name}`);
      return { image: own };
    },
    noteBuilt(name, digest) {
      built.set(fullName(name), digest);
      pulled.delete(fullName(name));
    },
    digestOf: (name) => built.get(fullName(name)),
    notePushed: (name, digest) => void pushed.set(name, digest),
    pushed,
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

interface Sessions extends AsyncDisposable {
  /** The session, opened now if need be, of the provider whose image has this name. */
  making(name: string): Promise<StepImageSession | undefined>;
  having(name: string, signal: AbortSignal): Promise<StepImageSession | undefined>;
}

function createSessions(
  providers: readonly StepImageProvider[],
  request: BuildStepsRequest,
  space: BuildSpace,
): Sessions {
  const opened = new Map<StepImageProvider, Promise<StepImageSession>>();
  return {
    async making(name) {
      const provider = providers.find((each) => each.matches(name));
      if (!provider) return undefined;
      const open = async () => provider.open(request, await space.provider(providers.indexOf(provider)));
      const session = opened.get(provider) ?? open();
      opened.set(provider, session);
      return session;
    },
    async having(name, signal) {
      for (const opening of opened.values()) {
        const session = await opening;
        if (await session.hasImage(name, signal)) return session;
      }
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const session of await Promise.allSettled(opened.values()))
        if (session.status === "fulfilled") await session.value[Symbol.asyncDispose]();
    },
  };
}

async function pull(deps: Deps, name: string, reference: string, signal: AbortSignal): Promise<UnpackedImage> {
  try {
    return await deps.images.ensure(reference, signal);
  } catch (cause) {
    signal.throwIfAborted();
    // Whatever is wrong with a registry or an image is wrong with the step that asks for it.
    throw new StepImageError(`error pulling image "${name}": ${reasonOf(cause)}`, { cause });
  }
}

/** What went wrong with the network stands in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function fullName(name: string): string {
  try {
    return fullImageName(name);
  } catch (cause) {
    throw new StepImageError(`invalid image name "${name}"`, { cause });
  }
}
