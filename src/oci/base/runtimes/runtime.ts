import type { LayerRecipe } from "../layers/recipe.ts";

/** How the images of a language runtime are put together. */
export interface Runtime {
  /** Google's runtime id, for example nodejs22. */
  readonly id: string;
  /** Google's stack of that runtime by default. */
  readonly stack: string;
  /** The Debian release that its base layer is made of. */
  readonly codename: "bookworm" | "trixie";
  /** The layers of the run image above the base layer, lowest first. */
  readonly run: readonly LayerRecipe[];
  /** The layers of the build image above the run image, lowest first. */
  readonly build: readonly LayerRecipe[];
  /** Variables of the run image besides those that all have. */
  readonly env?: Readonly<Record<string, string>>;
}
