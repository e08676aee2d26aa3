import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { goVariables } from "../lib/go/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.go.clear-source: leaves the source out of the image once it is compiled. */
export const run: Program = buildpackProgram({ detect, build });

const NAME = goVariables.clearSource;
const TRUE = /^(1|t|T|TRUE|true|True)$/;
const FALSE = /^(0|f|F|FALSE|false|False)$/;
/** The platform's own settings. Google: buildpacks, pkg/appstart, ConfigDir. */
const KEPT = ".googleconfig";

function detect(context: DetectContext): Detected {
  const value = context.env[NAME];
  if (value === undefined || FALSE.test(value)) return optOut(`${NAME} not set`);
  if (TRUE.test(value)) return optIn(`${NAME} set to "${value}"`);
  throw userError(`parsing "${NAME}": strconv.ParseBool: parsing "${value}": invalid syntax`);
}

function build(context: BuildContext): void {
  context.isRepeatable();
  context.log("Clearing source");
  for (const name of readdirSync(context.appDir)) {
    if (name !== KEPT) rmSync(join(context.appDir, name), { recursive: true, force: true });
  }
}
