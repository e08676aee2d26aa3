import { clone } from "@bufbuild/protobuf";
import {
  type Build,
  BuildOptions_SubstitutionOption as SubstitutionOption,
  BuildSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { BuildName } from "./build-name.ts";
import { invalidSubstitutionKey, unknownSubstitution, unusedSubstitution } from "./errors.ts";

const TEMPLATE = /\$(?:\$|([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})/g;

/**
 * The build with $KEY and ${KEY} replaced in steps, images, tags, logs bucket and options.env; `$$` stands for `$`.
 * Google: cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
 */
export function substitute(build: Build, name: BuildName): Build {
  for (const key of Object.keys(build.substitutions)) if (!/^_[A-Z0-9_]+$/.test(key)) throw invalidSubstitutionKey(key);
  const values: Readonly<Record<string, string>> = { ...builtInSubstitutions(name), ...build.substitutions };
  const used = new Set<string>();
  const isLoose = build.options?.substitutionOption === SubstitutionOption.ALLOW_LOOSE;
  const replace = (text: string) =>
    text.replaceAll(TEMPLATE, (_match: string, plain?: string, braced?: string) => {
      const key = plain ?? braced;
      if (key === undefined) return "$";
      used.add(key);
      const value = values[key];
      if (value === undefined && !isLoose) throw unknownSubstitution(key);
      return value ?? "";
    });
  const result = replaceIn(clone(BuildSchema, build), replace);
  const unused = Object.keys(build.substitutions).find((key) => !used.has(key));
  if (unused !== undefined && !isLoose) throw unusedSubstitution(unused);
  return result;
}

function builtInSubstitutions({ project, location, id }: BuildName): Record<string, string> {
  return { PROJECT_ID: project, PROJECT_NUMBER: projectNumberOf(project), BUILD_ID: id, LOCATION: location };
}

function replaceIn(build: Build, replace: (text: string) => string): Build {
  for (const step of build.steps) {
    step.name = replace(step.name);
    step.args = step.args.map(replace);
    step.env = step.env.map(replace);
    step.dir = replace(step.dir);
    step.entrypoint = replace(step.entrypoint);
  }
  build.images = build.images.map(replace);
  build.tags = build.tags.map(replace);
  build.logsBucket = replace(build.logsBucket);
  if (build.options) build.options.env = build.options.env.map(replace);
  return build;
}
