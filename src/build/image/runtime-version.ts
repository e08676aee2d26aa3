import { readLock } from "../../oci/base/lock.ts";
import { findBaseImage } from "../../oci/base/runtimes.ts";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import { parseReference } from "../../oci/reference.ts";
import { readLifecycleMetadata } from "./lifecycle-metadata.ts";
import { readImage } from "./run-image.ts";

const DIGEST_CHARACTERS = 12;

/**
 * Which version of its runtime an image was built on, for example nodejs22_22_23_3_17d07e9ab1df: runtime id, version of
 * the language where the base image has it, and the beginning of the base image's digest. "" for an image that was not
 * built on a base image of this server.
 */
export async function runtimeVersionOf(registry: DistributionClient, image: string): Promise<string> {
  const { config } = await readImage(registry, parseReference(image));
  const metadata = readLifecycleMetadata(config.config?.Labels?.["io.buildpacks.lifecycle.metadata"]);
  const reference = metadata?.runImage.reference ?? "";
  const runtime = reference === "" ? undefined : findBaseImage(reference.replace(/@.*$/, ""));
  if (!runtime) return "";
  const titles = (await readLock(registry, reference)).map(({ title }) => title);
  const version = titles.map((title) => / (\d+(?:\.\d+)+)/.exec(title)?.[1]).find((found) => found !== undefined);
  const { digest = "" } = parseReference(reference);
  const hex = digest.replace("sha256:", "").slice(0, DIGEST_CHARACTERS);
  return [runtime.id, ...(version?.split(".") ?? []), hex].join("_");
}
