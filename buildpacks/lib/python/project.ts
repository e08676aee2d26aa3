import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { DetectContext } from "../context.ts";
import { userError } from "../error.ts";

export const PYPROJECT = "pyproject.toml";
export const REQUIREMENTS = "requirements.txt";
export const PACKAGE_MANAGER = "GOOGLE_PYTHON_PACKAGE_MANAGER";

/** The part of pyproject.toml that builds look at. */
export interface Pyproject {
  readonly project?: {
    readonly dependencies?: readonly string[];
    readonly scripts?: Readonly<Record<string, string>>;
  };
  readonly tool?: {
    readonly poetry?: {
      readonly "requires-poetry"?: string;
      readonly dependencies?: Readonly<Record<string, unknown>>;
      readonly scripts?: Readonly<Record<string, string>>;
    };
    readonly uv?: { readonly "required-version"?: string; readonly package?: boolean };
  };
  readonly "build-system"?: unknown;
}

type Project = Pick<DetectContext, "appDir" | "env" | "fileExists">;

/** Reads pyproject.toml; undefined when there is none, a user error when it is not TOML. */
export function readPyproject({ appDir }: Pick<Project, "appDir">): Pyproject | undefined {
  const file = join(appDir, PYPROJECT);
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw userError(`could not parse ${PYPROJECT}: ${(error as Error).message}`);
  }
}

/** Whether pyproject.toml says what to install: requirements.txt beside it comes first. Google: IsPyprojectEnabled. */
export function isPyprojectEnabled(project: Project): boolean {
  return project.fileExists(PYPROJECT) && !project.fileExists(REQUIREMENTS);
}

/** Whether GOOGLE_PYTHON_PACKAGE_MANAGER names this one, in whatever case. */
export function isPackageManager({ env }: Pick<Project, "env">, name: string): boolean {
  return env[PACKAGE_MANAGER]?.toLowerCase() === name;
}

/** A decision with its reason, in the words of Google's log. */
export type Decision = readonly [is: boolean, reason: string];

/** Whether Poetry installs the project. Google: buildpacks, pkg/python/pyproject.go, IsPoetryProject. */
export function isPoetryProject(project: Project): Decision {
  const refused = withoutPyproject(project);
  if (refused) return refused;
  if (project.fileExists("poetry.lock")) return [true, "found poetry.lock"];
  if (readPyproject(project)?.tool?.poetry) return [true, "found [tool.poetry] in pyproject.toml"];
  return [false, "neither poetry.lock nor [tool.poetry] found"];
}

/** Whether uv installs the project by its pyproject.toml. Google: buildpacks, pkg/python/pyproject.go, IsUVPyproject. */
export function isUvProject(project: Project): Decision {
  const refused = withoutPyproject(project);
  if (refused) return refused;
  if (project.fileExists("uv.lock")) return [true, `found ${PYPROJECT} and uv.lock`];
  const found = `found ${PYPROJECT}`;
  if (isPackageManager(project, "uv")) return [true, `${found}, using uv because ${PACKAGE_MANAGER} is set to 'uv'`];
  if (!project.env[PACKAGE_MANAGER]) {
    return [true, `${found} and ${PACKAGE_MANAGER} is not set, using uv as default package manager`];
  }
  return [false, `${found}, but ${PACKAGE_MANAGER} is not set to 'uv'`];
}

/** Whether pip installs the project by its pyproject.toml. */
export function isPipProject(project: Project): boolean {
  return isPackageManager(project, "pip") && isPyprojectEnabled(project);
}

function withoutPyproject(project: Project): Decision | undefined {
  if (!project.fileExists(PYPROJECT)) return [false, `${PYPROJECT} not found`];
  if (!project.fileExists(REQUIREMENTS)) return undefined;
  return [false, `${PYPROJECT} and ${REQUIREMENTS} found, prefer requirements.txt`];
}

/** Whether the project lists a package among its direct dependencies. Google: buildpacks, pkg/python/dependencies.go. */
export function hasPackage(project: Project, name: string): boolean {
  if (isPyprojectEnabled(project)) {
    const { project: standard, tool } = readPyproject(project) ?? {};
    const listed = (standard?.dependencies ?? []).join("\n");
    return lists(listed, name) || tool?.poetry?.dependencies?.[name] !== undefined;
  }
  const pipfile = join(project.appDir, "Pipfile");
  if (!project.fileExists(REQUIREMENTS) && existsSync(pipfile)) return pipfilePackages(pipfile).includes(name);
  return requirementsList(project, name);
}

/** Whether requirements.txt lists a package. */
export function requirementsList({ appDir }: Pick<Project, "appDir">, name: string): boolean {
  const file = join(appDir, REQUIREMENTS);
  return existsSync(file) && lists(readFileSync(file, "utf8"), name);
}

function lists(text: string, name: string): boolean {
  const escaped = name.replace(/[[\]]/g, "\\$&");
  const boundary = name.endsWith("]") ? "" : "\\b";
  return new RegExp(`^${escaped}${boundary}([^-]|$)`, "m").test(text) || new RegExp(`#egg=${escaped}$`, "m").test(text);
}

function pipfilePackages(file: string): string[] {
  try {
    const { packages = {} } = parse(readFileSync(file, "utf8")) as { packages?: Record<string, unknown> };
    return Object.keys(packages);
  } catch (error) {
    throw userError(`could not parse Pipfile: ${(error as Error).message}`);
  }
}

/** The command among a project's scripts that starts it: the only one, else "start". Google: GetScriptCommand. */
export function scriptCommand(project: Pick<Project, "appDir">): string | undefined {
  const { project: standard, tool } = readPyproject(project) ?? {};
  for (const scripts of [tool?.poetry?.scripts ?? {}, standard?.scripts ?? {}]) {
    const names = Object.keys(scripts);
    if (names.length === 1) return names[0];
    if (scripts["start"]) return "start";
  }
  return undefined;
}
