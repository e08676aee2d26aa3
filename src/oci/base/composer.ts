import type { DistributionClient } from "../distribution/client.ts";
import { parseReference } from "../reference.ts";
import { byDigest } from "./image-layers.ts";
import type { LayerTask } from "./layer-task.ts";

export interface BaseImagesDeps {
  /** The server's data folder; layers are kept below base-images/, downloads below cache/packages/. */
  readonly dataFolder: string;
  /** Must reach the server's own registry, which the images are pushed to. */
  readonly client: DistributionClient;
  /** A mirror of Debian's packages in place of the one in the host's apt sources. */
  readonly debianMirror?: string;
  /** Makes sure that the repository of an image name exists; left out where pushing makes it. */
  readonly ensureRepository?: (name: string) => Promise<void>;
}

/** What the makers of images share. */
export interface Composer extends BaseImagesDeps {
  /** Work goes into folders of their own below it, whose names begin with WORK. */
  readonly folder: string;
  /** True: what is there already counts as not composed; `share` then remembers what it did. */
  readonly isFresh: boolean;
  /** Joins the work that is under way for the same key. */
  share<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export type Progress = (line: string) => void;

/** How names of work folders begin. */
export const WORK = ".compose-";

/** The names under which an image is put into the registry: the way it is composed, and "latest". */
export interface Names {
  readonly name: string;
  readonly tag: string;
}

/** The image with that tag, made by `compose` if it is not there; resolves with its digest reference. */
export function ensureImage(
  composer: Composer,
  { name, tag }: Names,
  compose: (references: readonly string[]) => Promise<string>,
): Promise<string> {
  return composer.share(name, async () => {
    await composer.ensureRepository?.(name);
    const found = composer.isFresh ? undefined : await lookUp(composer, { name, tag });
    return found ?? compose([`${name}:${tag}`, `${name}:latest`]);
  });
}

/** The digest reference of a tag that is there. */
export async function lookUp({ client }: Composer, { name, tag }: Names): Promise<string | undefined> {
  const digest = await client.resolve(parseReference(`${name}:${tag}`));
  return digest === undefined ? undefined : byDigest(name, digest);
}

/** What every task of a layer process is told. */
export function placesOf({ dataFolder, debianMirror }: Composer): Pick<LayerTask, "dataFolder" | "debianMirror"> {
  return { dataFolder, ...(debianMirror === undefined ? {} : { debianMirror }) };
}
