import { join } from "node:path";
import { centralMirror, readMavenSettings } from "../../../../platform/registries/maven-settings.ts";
import { createDownloads } from "../../../debian/downloads.ts";
import { packageUrl } from "../../../sbom/component.ts";
import type { LayerPackage } from "../layer-package.ts";
import type { LayerContext } from "../recipe.ts";
import { defaultRepository } from "./default-repository.ts";

/** A file of Maven's central repository, by its coordinates and its hash. */
export interface Artifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  /** What follows the version in the file's name, for example ".jar" or "-bin.tar.gz". */
  readonly ending: string;
  readonly sha256: string;
}

/**
 * Fetches artifacts from the mirror that the machine's Maven settings name, else from where Maven itself would; resolves
 * with their files, in the same order. A file with another hash is an error.
 */
export async function fetchArtifacts(artifacts: readonly Artifact[], context: LayerContext): Promise<string[]> {
  const repository = centralMirror(await readMavenSettings()) ?? (await defaultRepository(context));
  const folder = join(context.dataFolder, "cache", "packages");
  const wanted = artifacts.map((artifact) => ({
    url: `${repository.replace(/\/$/, "")}/${pathOf(artifact)}`,
    file: join(folder, `${artifact.sha256}-${fileName(artifact)}`),
    sha256: artifact.sha256,
  }));
  context.onProgress(`Fetching ${artifacts.map(({ artifactId, version }) => `${artifactId} ${version}`).join(", ")}`);
  await createDownloads()(wanted);
  return wanted.map(({ file }) => file);
}

/** The name of an artifact's file. */
export function fileName({ artifactId, version, ending }: Artifact): string {
  return `${artifactId}-${version}${ending}`;
}

/** The record of an artifact. */
export function artifactPackage({ groupId, artifactId, version, sha256 }: Artifact): LayerPackage {
  const purl = packageUrl("maven", groupId, artifactId, version);
  return { name: `${groupId}:${artifactId}`, version, purl, hash: `sha256:${sha256}` };
}

function pathOf(artifact: Artifact): string {
  const { groupId, artifactId, version } = artifact;
  return [...groupId.split("."), artifactId, version, fileName(artifact)].join("/");
}
