import type { WrittenLayer } from "../../layers/write-layer.ts";
import type { DebianRecipe } from "./debian-layer.ts";
import type { GoRecipe } from "./go-layer.ts";
import type { LayerPackage } from "./layer-package.ts";
import type { JavaTruststoreRecipe } from "./java-truststore-layer.ts";
import type { MavenRecipe } from "./maven-layer.ts";
import type { NodeRecipe } from "./node-layer.ts";
import type { NpmRecipe } from "./npm-layer.ts";
import type { PythonRecipe } from "./python-layer.ts";
import type { PythonToolsRecipe } from "./python-tools-layer.ts";

/** What one layer of a base image is made of; the writers are in the files of the same names, `write-layers.ts` picks. */
export type LayerRecipe =
  | NodeRecipe
  | NpmRecipe
  | DebianRecipe
  | GoRecipe
  | PythonRecipe
  | PythonToolsRecipe
  | JavaTruststoreRecipe
  | MavenRecipe;

/** A layer with what it holds, for the image's history. */
export interface NamedLayer extends WrittenLayer {
  readonly title: string;
  /** The packages it is made of, where they are known. */
  readonly packages?: readonly LayerPackage[];
}

/** Where and with what a layer is written. */
export interface LayerContext {
  /** Receives the layer's archive and what is downloaded for it; the caller deletes it. */
  readonly folder: string;
  /** The server's data folder: downloads that are kept lie below cache/packages/. */
  readonly dataFolder: string;
  /** The Debian release below. */
  readonly codename: string;
  /** A mirror in place of the one in the host's apt sources. */
  readonly debianMirror?: string;
  /** Recipes of the layers of the same image below this one, without the base layer's packages. */
  readonly below: readonly LayerRecipe[];
  readonly onProgress: (line: string) => void;
}
