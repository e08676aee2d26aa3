import { posix } from "node:path";
import type { BuildpackBuildRequest, PackOptions } from "../build.ts";
import type { Selection } from "../lifecycle/exchange.ts";
import { BuildInputError } from "./build-input-error.ts";
import { type ChosenBuildpack, chooseBuildpack, type ChoiceContext } from "./choose-buildpack.ts";
import { isOwnBuilder } from "./own-builder.ts";
import { parseProjectDescriptor, type ProjectDescriptor } from "./project-descriptor.ts";
import { readSourceFile } from "./source-file.ts";

/** What a build is made of, after everything that the project and its user said. */
export interface BuildInputs {
  /** Variables of the build, those of the project descriptor and of files included. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of a builder image; undefined for our own buildpacks. */
  readonly builder: string | undefined;
  readonly selection: Selection;
  /** Images with further buildpacks, in order; those of a group have no place in `selection` yet. */
  readonly chosen: Readonly<Record<"group" | "pre" | "post", readonly ChosenBuildpack[]>>;
}

const MAX_FILE_BYTES = 1024 * 1024;
const DESCRIPTOR = "project.toml";

/** Reads project descriptor and environment files out of the source; throws a BuildInputError for what is wrong with them. */
export function readBuildInputs(request: BuildpackBuildRequest): BuildInputs {
  const { sourceFolder, sourcePath = "", pack = {} } = request;
  const read = (path: string): string | undefined => readSourceFile(sourceFolder, path, MAX_FILE_BYTES);
  const contextOf = (folder: string): ChoiceContext => ({
    folder,
    isBuildpack: (path) => read(posix.join(path, "buildpack.toml")) !== undefined,
  });
  const descriptor = readDescriptor(pack.descriptor, sourcePath, read, contextOf);
  const given = (locators: readonly string[] = []): ChosenBuildpack[] =>
    locators.map((locator) => chooseBuildpack(locator, contextOf(pack.folder ?? "")));
  const builder = pack.builder ?? descriptor?.builder ?? pack.defaultBuilder;
  return {
    env: { ...descriptor?.env, ...readEnvFiles(pack.envFiles ?? [], request.env, read), ...request.env },
    builder: builder === undefined || isOwnBuilder(builder) ? undefined : builder,
    selection: {
      ...(descriptor?.include ? { include: descriptor.include } : {}),
      ...(descriptor?.exclude ? { exclude: descriptor.exclude } : {}),
    },
    chosen: chosenBuildpacks(pack, descriptor, given),
  };
}

/** pack: buildpacks named by options take the place of those of the project descriptor. */
function chosenBuildpacks(
  pack: PackOptions,
  descriptor: ProjectDescriptor | undefined,
  given: (locators?: readonly string[]) => ChosenBuildpack[],
): BuildInputs["chosen"] {
  const first = (options: ChosenBuildpack[], project: readonly ChosenBuildpack[] = []): readonly ChosenBuildpack[] =>
    options.length > 0 ? options : project;
  return {
    group: first(given(pack.buildpacks), descriptor?.group),
    pre: first(given(pack.preBuildpacks), descriptor?.pre),
    post: first(given(pack.postBuildpacks), descriptor?.post),
  };
}

function readDescriptor(
  named: string | undefined,
  sourcePath: string,
  read: (path: string) => string | undefined,
  contextOf: (folder: string) => ChoiceContext,
): ProjectDescriptor | undefined {
  const path = named ?? posix.join(sourcePath, DESCRIPTOR);
  const content = read(path);
  if (content !== undefined)
    return parseProjectDescriptor(content, named ?? DESCRIPTOR, contextOf(posix.dirname(path)));
  if (named !== undefined) throw new BuildInputError(`stat project descriptor: ${named} is not there`);
  return undefined;
}

/** pack: NAME=VALUE lines, or NAME for a variable that is set already. */
function readEnvFiles(
  paths: readonly string[],
  env: Readonly<Record<string, string>>,
  read: (path: string) => string | undefined,
): Record<string, string> {
  const variables = paths.flatMap((path) => {
    const content = read(path);
    if (content === undefined) throw new BuildInputError(`failed to parse env file '${path}': it is not there`);
    const lines = content.split("\n").map((line) => line.trim());
    return lines.filter(Boolean).map((line): [string, string] => {
      const equals = line.indexOf("=");
      return equals < 0 ? [line, env[line] ?? ""] : [line.slice(0, equals), line.slice(equals + 1)];
    });
  });
  return Object.fromEntries(variables);
}
