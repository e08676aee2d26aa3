import { createHash } from "node:crypto";
import type { PackageAccess } from "../package-access/package-access.ts";
import type { BuildpackBuildRequest } from "../build.ts";
import type { PreparedBuild } from "../builder-image/prepare-build.ts";
import { addFolder } from "./add-folder.ts";
import { programHash } from "./program-hash.ts";

export interface HashedInputs {
  /** What hashSource said before the build began. */
  readonly source: string;
  readonly request: Pick<BuildpackBuildRequest, "sourcePath" | "pack">;
  readonly prepared: PreparedBuild;
  /** Reference of the run image by digest. */
  readonly runImage: string;
  readonly packages: PackageAccess;
}

/** A hash of everything that decides what a build makes, as far as its buildpacks are repeatable: SHA-256, in hex. */
export async function hashInputs(inputs: HashedInputs): Promise<string> {
  const { source, request, prepared, runImage, packages } = inputs;
  const { env, selection, images } = prepared;
  const settings = {
    program: await programHash(),
    source,
    sourcePath: request.sourcePath ?? "",
    pack: request.pack ?? {},
    env: Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    selection,
    runImage,
    build: [images.build.digest, images.build.layers, images.owner, images.runImageHasRuntime],
    packages: [packages.env, packages.homeFiles],
  };
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex");
}

/** A hash of a source folder as it is now: SHA-256, in hex. */
export async function hashSource(folder: string): Promise<string> {
  const hash = createHash("sha256");
  await addFolder(hash, folder, "");
  return hash.digest("hex");
}
