import type { BuildContext } from "../context.ts";
import type { Layer } from "../layer.ts";
import { REQUIREMENTS } from "./project.ts";

/** Folder of wheels to install from in place of an index. */
export const VENDORED = "GOOGLE_VENDOR_PIP_DEPENDENCIES";
/** Requirements files of other buildpacks, installed before the application's own. */
const FILES = "GOOGLE_INTERNAL_REQUIREMENTS_FILES";
/** The name under which buildpacks offer and take requirements files. */
export const REQUIREMENTS_PLAN: readonly string[] = ["requirements.txt"];

/** Has a later buildpack install what a file lists. */
export function addRequirementsFile(layer: Layer, file: string): void {
  layer.setEnv("build", FILES, file, { action: "append", delimiter: ":" });
}

/** The requirements files to install, in order: what comes later may override. */
export function requirementsFiles(context: BuildContext): string[] {
  const others = (context.env[FILES] ?? "").split(":").filter(Boolean);
  return context.fileExists(REQUIREMENTS) ? [...others, REQUIREMENTS] : others;
}

/** Options of pip and uv for a project that brings its wheels along. */
export function vendoringOptions({ env }: Pick<BuildContext, "env">): string[] {
  const folder = env[VENDORED];
  return folder === undefined ? [] : ["--no-index", "--find-links", folder];
}

/** What decides what is installed besides requirements files. */
export function installInputs({ env }: Pick<BuildContext, "env">): { files: string[]; strings: string[] } {
  const folder = env[VENDORED];
  const settings = Object.entries(env).filter(([name]) =>
    /^(PIP|UV)_.*(INDEX|FIND_LINKS|CONSTRAINT|BINARY|PRE)/.test(name),
  );
  return { files: folder ? [folder] : [], strings: [...settings.flat(), folder ?? "-"] };
}
