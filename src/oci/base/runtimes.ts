import { parseReference } from "../reference.ts";
import { GO } from "./runtimes/go.ts";
import { NODEJS } from "./runtimes/nodejs.ts";
import { OSONLY } from "./runtimes/osonly.ts";
import { PYTHON } from "./runtimes/python.ts";
import type { Runtime } from "./runtimes/runtime.ts";

export type { Runtime } from "./runtimes/runtime.ts";

/** The runtimes that images can be composed for, by their ids. */
// Google: Cloud Run, "Supported language runtimes and base images".
export const RUNTIMES: Readonly<Record<string, Runtime>> = Object.fromEntries(
  [...NODEJS, ...GO, ...OSONLY, ...PYTHON].map((runtime) => [runtime.id, runtime]),
);

/** Thrown for a runtime that no image can be composed for. */
export class UnknownRuntimeError extends Error {
  override readonly name = "UnknownRuntimeError";
}

const PROJECT = "serverless-runtimes";
/** The region whose registry host names the images composed here; Google has copies in every region. */
const HOST = "us-central1-docker.pkg.dev";

/** The runtime of that id; throws UnknownRuntimeError. */
export function requireRuntime(id: string): Runtime {
  const runtime = Object.hasOwn(RUNTIMES, id) ? RUNTIMES[id] : undefined;
  if (!runtime) throw new UnknownRuntimeError(`unknown runtime: ${id}`);
  return runtime;
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
  const short = /^(?:google-\d+(?:-full)?\/)?([a-z]+\d+)$/.exec(baseImage)?.[1];
  if (short !== undefined) return Object.hasOwn(RUNTIMES, short) ? short : undefined;
  try {
    const { host, repository, digest } = parseReference(baseImage);
    const id = /^serverless-runtimes\/google-\d+(?:-full)?\/runtimes\/([a-z0-9]+)$/.exec(repository)?.[1];
    const known = digest === undefined && host.endsWith("-docker.pkg.dev") && id !== undefined;
    return known && Object.hasOwn(RUNTIMES, id) ? id : undefined;
  } catch {
    return undefined;
  }
}
