import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { REQUIREMENTS, requirementsList } from "../lib/python/project.ts";
import { addRequirementsFile, REQUIREMENTS_PLAN } from "../lib/python/requirements.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.python.webserver: has gunicorn installed for applications that say neither how they start nor with what. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  if (context.env["GOOGLE_ENTRYPOINT"]) return optOut("custom entrypoint present");
  if (requirementsList(context, "gunicorn")) return optOut("gunicorn present in requirements.txt");
  const reason = context.fileExists(REQUIREMENTS)
    ? "gunicorn missing from requirements.txt"
    : "requirements.txt with gunicorn not found";
  return optIn(reason, { provides: REQUIREMENTS_PLAN });
}

function build(context: BuildContext): void {
  context.isRepeatable();
  const layer = context.layer("gunicorn");
  addRequirementsFile(layer, join(context.buildpackDir, "webserver", "requirements.txt"));
  layer.save(["build"]);
}
