import { type Archive, debianArchive } from "../oci/debian/archive.ts";
import type { Config } from "../platform/config/config.ts";

/** Where distribution packages come from, if a setting says so; by default the host's own apt sources do. */
export function packageArchive({ sources }: Pick<Config, "sources">): { readonly archive?: Archive } {
  return sources.debianMirror === undefined ? {} : { archive: debianArchive(sources.debianMirror) };
}
