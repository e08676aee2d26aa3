import { posix } from "node:path";
import type { BuildpackChoice } from "../lifecycle/exchange.ts";
import { BuildInputError } from "./build-input-error.ts";

/** A buildpack as a user named it, found. */
export interface ChosenBuildpack {
  /** Absent for an image, which says itself which buildpack it is. */
  readonly choice?: BuildpackChoice;
  /** Name of the image that holds it. */
  readonly image?: string;
}

export interface ChoiceContext {
  /** Folder that relative paths start from, below the source. */
  readonly folder: string;
  /** Whether a folder below the source holds a buildpack. */
  readonly isBuildpack: (path: string) => boolean;
}

const ID_AND_VERSION = /^([A-Za-z0-9./-]+)(?:@([A-Za-z0-9.+-]+))?$/;

/**
 * Finds what a buildpack locator of pack means: "from=builder", urn:cnb:builder:ID[@VERSION], a folder of the source, an
 * image (docker://), or an id. Throws a BuildInputError for buildpacks of other places.
 */
export function chooseBuildpack(locator: string, { folder, isBuildpack }: ChoiceContext): ChosenBuildpack {
  if (locator === "from=builder") return { choice: { fromBuilder: true } };
  if (locator.startsWith("docker://")) return { image: locator.slice("docker://".length).replace(/^\/+/, "") };
  const plain = locator.replace(/^urn:cnb:builder:/, "");
  const isPath = /^\.{0,2}\//.test(locator) || locator === "." || locator.startsWith("file://");
  if (plain === locator && (/^[a-z]+:/.test(locator) || /\.(tgz|tar\.gz|cnb)$/.test(locator)))
    throw new BuildInputError(
      `the buildpack '${locator}' is neither in the source, nor in the builder, nor in an image`,
    );
  const path = posix.normalize(posix.join("/", folder, locator)).slice(1);
  const stays = !posix.join(folder || ".", locator).startsWith("..") && !locator.startsWith("/");
  if (plain === locator && stays && isBuildpack(path)) return { choice: { path } };
  const match = ID_AND_VERSION.exec(plain);
  if (isPath || !match) throw new BuildInputError(`there is no buildpack in '${locator}'`);
  return { choice: { id: match[1]!, version: match[2] ?? "" } };
}
