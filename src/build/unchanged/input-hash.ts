import { createHash } from "node:crypto";
import type { PackageAccess } from "../package-access/package-access.ts";
import type { BuildpackBuildRequest } from "../build.ts";
import type { PreparedBuild } from "../builder-image/prepare-build.ts";
import { addFolder } from "./add-folder.ts";
import { programHash } from "./program-hash.ts";

export interface HashedInputs {
  readonly request: Pick<BuildpackBuildRequest, "sourceFolder" | "sourcePath" | "pack">;
  readonly prepared: PreparedBuild;
  /** Reference of the run image by digest. */
  readonly runImage: string;
  readonly packages: PackageAccess;
}

/** A hash of everything that decides what a build makes, as far as its buildpacks are repeatable: SHA-256, in hex. */
export async function hashInputs({ request, prepared, runImage, packages }: HashedInputs): Promise<string> {
  const hash = createHash("sha256");
  const { env, selection, images } = prepared;
  const settings = {
    program: await programHash(),
    sourcePath: request.sourcePath ?? "",
    pack: request.pack ?? {},
    env: Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    selection,
    runImage,
    build: [images.build.digest, images.build.layers, images.owner, images.runImageHasRuntime],
    packages: [packages.env, packages.homeFiles],
  };
  hash.update(JSON.stringify(settings));
  await addFolder(hash, request.sourceFolder, "");
  return hash.digest("hex");
}
