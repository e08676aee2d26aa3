import type { BuildContext } from "../lib/context.ts";
import { buildpackProgram, optIn, type Program } from "../lib/program.ts";

/** google.utils.label-image: turns GOOGLE_LABEL_KEY=VALUE of the build's environment into image labels. */
export const run: Program = buildpackProgram({ detect: () => optIn("always enabled"), build });

const PREFIX = "GOOGLE_LABEL_";

function build(context: BuildContext): void {
  context.isRepeatable();
  for (const [name, value] of Object.entries(context.env)) {
    if (name.startsWith(PREFIX)) context.addLabel(name.slice(PREFIX.length), value);
  }
}
