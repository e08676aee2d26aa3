import type { LayerRecipe } from "../layers/recipe.ts";
import type { OnDemandTools } from "./build-tools.ts";

/** How the images of a language runtime are put together. */
export interface Runtime {
  /** Google's runtime id, for example nodejs22. */
  readonly id: string;
  /** Google's stack of the runtime's images: the full one in the table of runtimes, else the one that was asked for. */
  readonly stack: string;
  /** The Debian release that its base layer is made of. */
  readonly codename: "bookworm" | "trixie";
  /** The layers of the run image above the base layer, lowest first. */
  readonly run: readonly LayerRecipe[];
  /** The layers of the build image above the run image, lowest first. */
  readonly build: readonly LayerRecipe[];
  /** Layers above them that most builds do without. */
  readonly onDemand?: OnDemandTools;
  /** Variables of the run image besides those that all have. */
  readonly env?: Readonly<Record<string, string>>;
}
