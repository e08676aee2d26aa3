import { parseReference } from "../reference.ts";
import { GO } from "./runtimes/go.ts";
import { JAVA } from "./runtimes/java.ts";
import { NODEJS } from "./runtimes/nodejs.ts";
import { OSONLY } from "./runtimes/osonly.ts";
import { PYTHON } from "./runtimes/python.ts";
import type { Runtime } from "./runtimes/runtime.ts";

export type { Runtime } from "./runtimes/runtime.ts";

/** The runtimes that images can be composed for, by their ids. */
// Google: Cloud Run, "Supported language runtimes and base images".
export const RUNTIMES: Readonly<Record<string, Runtime>> = Object.fromEntries(
  [...NODEJS, ...JAVA, ...GO, ...OSONLY, ...PYTHON].map((runtime) => [runtime.id, runtime]),
);

/** Thrown for a runtime that no image can be composed for. */
export class UnknownRuntimeError extends Error {
  override readonly name = "UnknownRuntimeError";
}

const PROJECT = "serverless-runtimes";
/** The region whose registry host names the images composed here; Google has copies in every region. */
const HOST = "us-central1-docker.pkg.dev";

/**
 * The runtime of an id such as nodejs22, on its default stack, or on the one before a slash, as in
 * google-22-full/nodejs22; throws UnknownRuntimeError.
 */
export function requireRuntime(id: string): Runtime {
  const runtime = findRuntime(id);
  if (!runtime) throw new UnknownRuntimeError(`unknown runtime: ${id}`);
  return runtime;
}

/** Whether the images of the runtime's stack have the packages of Google's full stacks. */
export function isFull({ stack }: Pick<Runtime, "stack">): boolean {
  return stack.endsWith("-full");
}

/** The runtime on the stack that it has by default: the one without the many packages of the full one. */
export function defaultStackOf(runtime: Runtime): Runtime {
  return { ...runtime, stack: runtime.stack.replace(/-full$/, "") };
}

/** HOST/PATH of a runtime's run image, without tag, as Google names it. */
export function runImageName({ id, stack }: Runtime): string {
  return `${HOST}/${PROJECT}/${stack}/runtimes/${id}`;
}

/** HOST/PATH of the image that builds for a runtime run in, without tag. */
export function buildImageName({ id, stack }: Runtime): string {
  return `${HOST}/${PROJECT}/${stack}/builder/${id}`;
}

/**
 * The runtime id that a base image stands for, undefined when it is an image of its own. Takes the three forms that
 * Google documents: RUNTIME_ID, STACK/RUNTIME_ID, REGION-docker.pkg.dev/serverless-runtimes/STACK/runtimes/RUNTIME_ID.
 */
export function runtimeOfBaseImage(baseImage: string): string | undefined {
  return findBaseImage(baseImage)?.id;
}

/** The runtime that a base image stands for, on the stack that it names; undefined when it is an image of its own. */
export function findBaseImage(baseImage: string): Runtime | undefined {
  if (/^(?:google-\d+(?:-full)?\/)?[a-z]+\d+$/.test(baseImage)) return findRuntime(baseImage);
  try {
    const { host, repository, digest } = parseReference(baseImage);
    const path = /^serverless-runtimes\/(google-\d+(?:-full)?)\/runtimes\/([a-z0-9]+)$/.exec(repository);
    if (!path || digest !== undefined || !host.endsWith("-docker.pkg.dev")) return undefined;
    return findRuntime(`${path[1]}/${path[2]}`);
  } catch {
    return undefined;
  }
}

function findRuntime(text: string): Runtime | undefined {
  const [id = "", stack] = text.split("/").reverse();
  const runtime = Object.hasOwn(RUNTIMES, id) ? RUNTIMES[id] : undefined;
  if (!runtime) return undefined;
  const standard = defaultStackOf(runtime);
  if (stack === undefined) return standard;
  return [standard.stack, `${standard.stack}-full`].includes(stack) ? { ...runtime, stack } : undefined;
}
