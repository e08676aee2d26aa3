import { globSync } from "node:fs";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import {
  hasPackage,
  isPoetryProject,
  isPyprojectEnabled,
  isUvProject,
  PYPROJECT,
  scriptCommand,
} from "../lib/python/project.ts";
import { isAtLeast } from "../lib/python/version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.python.missing-entrypoint: how applications start that do not say it themselves. */
export const run: Program = buildpackProgram({ detect, build });

/** From this version on what the project depends on decides how it starts. */
const SMART_SINCE = "3.13.0";
const SET_ENTRYPOINT = 'set an entrypoint with "GOOGLE_ENTRYPOINT" env var or by creating a "Procfile" file';

function detect(context: DetectContext): Detected {
  const runtime = context.env["GOOGLE_RUNTIME"]?.trim().toLowerCase();
  if (runtime) {
    return runtime.startsWith("python")
      ? optIn('GOOGLE_RUNTIME matches "python"')
      : optOut('GOOGLE_RUNTIME does not match to "python"');
  }
  const files = globSync("**/*.py", { cwd: context.appDir });
  return files.length > 0 ? optIn("found .py files") : optOut("no .py files found");
}

function build(context: BuildContext): void {
  context.isRepeatable();
  const command = scriptOf(context) ?? defaultCommand(context);
  context.warn(`Setting default entrypoint: "${command.join(" ")}"`);
  context.addWebProcess({ command });
}

/** The script of pyproject.toml that starts the application. */
function scriptOf(context: BuildContext): string[] | undefined {
  if (!isPyprojectEnabled(context)) return undefined;
  const script = scriptCommand(context);
  if (script === undefined) return undefined;
  if (isPoetryProject(context)[0]) return ["poetry", "run", script];
  return isUvProject(context)[0] ? ["uv", "run", script] : [script];
}

/** Google: buildpacks, cmd/python/missing_entrypoint, BuildFn and smartDefaultEntrypoint. */
function defaultCommand(context: BuildContext): string[] {
  const isSmart = isAtLeast(context, SMART_SINCE);
  const file = ["main.py", "app.py"].find((name) => context.fileExists(name));
  const module = file === "main.py" ? "main:app" : "app:app";
  if (file === undefined && !(isSmart && hasPackage(context, "google-adk"))) {
    const files = "provide a main.py or app.py file or";
    throw userError(
      context.fileExists(PYPROJECT)
        ? `for Python with pyproject.toml, ${files} a script command in pyproject.toml or ${SET_ENTRYPOINT}`
        : `for Python, ${files} ${SET_ENTRYPOINT}`,
    );
  }
  const gunicorn = ["gunicorn", "-b", ":8080", module];
  return (isSmart ? commandByPackage(context, module, file ?? "app.py") : undefined) ?? gunicorn;
}

/** What starts an application that depends on one of the usual servers and frameworks. */
function commandByPackage(context: BuildContext, module: string, file: string): string[] | undefined {
  const has = (name: string): boolean => hasPackage(context, name);
  if (has("gunicorn")) return undefined;
  if (has("uvicorn") || has("fastapi[standard]")) return ["uvicorn", module, "--port", "8080", "--host", "0.0.0.0"];
  if (has("gradio")) {
    addGradioVariables(context);
    return ["python", file];
  }
  if (has("streamlit")) return ["streamlit", "run", file, "--server.address", "0.0.0.0", "--server.port", "8080"];
  return has("google-adk") ? ["adk", "api_server", "--port", "8080", "--host", "0.0.0.0"] : undefined;
}

function addGradioVariables(context: BuildContext): void {
  const layer = context.layer("gradio-env-var");
  layer.setEnv("launch", "GRADIO_SERVER_NAME", "0.0.0.0", { action: "default" });
  layer.setEnv("launch", "GRADIO_SERVER_PORT", "8080", { action: "default" });
  layer.save(["launch"]);
}
