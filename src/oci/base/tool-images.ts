import type { LayerRecipe } from "./layers/recipe.ts";
import { DOCKER } from "./tools/docker.ts";

/** An image of programs that builds run, in place of one that would have to be pulled. */
export interface ToolImage {
  readonly id: string;
  /** The Debian release that its base layer is made of. */
  readonly codename: "bookworm" | "trixie";
  /** The layers above the base layer, lowest first. */
  readonly layers: readonly LayerRecipe[];
  readonly entrypoint: readonly string[];
}

/** The tool images that can be composed, by their ids. */
export const TOOL_IMAGES: Readonly<Record<string, ToolImage>> = { [DOCKER.id]: DOCKER };

/** Thrown for a tool image that is not in TOOL_IMAGES. */
export class UnknownToolImageError extends Error {
  override readonly name = "UnknownToolImageError";
}

/** The tool image of that id; throws UnknownToolImageError. */
export function requireToolImage(id: string): ToolImage {
  const image = Object.hasOwn(TOOL_IMAGES, id) ? TOOL_IMAGES[id] : undefined;
  if (!image) throw new UnknownToolImageError(`unknown tool image: ${id}`);
  return image;
}

/** HOST/PATH of a tool image in the server's registry, without tag. */
export function toolImageName({ id }: Pick<ToolImage, "id">): string {
  return `us-central1-docker.pkg.dev/serverless-runtimes/tools/${id}`;
}
