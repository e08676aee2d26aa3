import { join } from "node:path";
import { fileEntry } from "../layers/layer-entry.ts";
import { writeLayer } from "../layers/write-layer.ts";
import type { NamedLayer } from "./layers/recipe.ts";
import type { OnDemandTools } from "./runtimes/build-tools.ts";

/** A folder that whoever runs a build image without its tools mounts into the sandbox, writable. */
export const TOOLS_SIGNAL_FOLDER = "/run/build-tools";
/** The file that appears in the folder as soon as a build calls a program that is not there. */
export const TOOLS_SIGNAL = "wanted";

/**
 * The programs in place of those that a build image lacks. Each of them asks for the tools and then waits to be killed,
 * so that the build neither fails for want of them nor takes another way.
 */
const PLACEHOLDER = `#!/bin/sh
{ : > ${TOOLS_SIGNAL_FOLDER}/${TOOLS_SIGNAL}; } 2>/dev/null && exec sleep infinity
echo "$0: this image has no build tools" >&2
exit 127
`;

/** Writes the layer of the placeholders. */
export async function writePlaceholders({ programs }: OnDemandTools, folder: string): Promise<NamedLayer> {
  const entries = [...programs].sort().map((name) => fileEntry(`usr/bin/${name}`, PLACEHOLDER, 0o755));
  const layer = await writeLayer(entries, join(folder, "placeholders.tar"), "none");
  return { ...layer, title: "Build tools on demand", packages: [] };
}
