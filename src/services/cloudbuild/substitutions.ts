import { clone } from "@bufbuild/protobuf";
import {
  ArtifactsSchema,
  type Build,
  BuildOptions_SubstitutionOption as SubstitutionOption,
  BuildSchema,
  BuildStepSchema,
  SecretSchema,
  SecretsSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { BuildName } from "./build-name.ts";
import { invalidSubstitution, unknownSubstitution, unusedSubstitutions } from "./errors.ts";
import { MAX_SUBSTITUTED_LENGTH } from "./limits.ts";
import { builtInSubstitutions, OVERRIDABLE } from "./substitutions/built-in.ts";
import { checkSubstitutions } from "./substitutions/check.ts";
import { expandTemplate, type Substitutes } from "./substitutions/expand-template.ts";
import { mapStrings } from "./substitutions/map-strings.ts";

/** Fields of a step in which Cloud Build replaces nothing: a script gets its values through `automap_substitutions`. */
const NOT_IN_STEPS: ReadonlySet<string> = new Set(["id", "wait_for", "script", "secret_env", "status_detail"]);

/**
 * The build with substitutions replaced in steps, images, tags, artifacts, secrets, service account, logs bucket and
 * options (env, pool), and added to the env of steps that map them. Rejects with INVALID_ARGUMENT what does not match,
 * unless the build is ALLOW_LOOSE: there a key without a value stands for nothing.
 * Google: cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
 */
export function substitute(build: Build, name: BuildName): Build {
  checkSubstitutions(build.substitutions);
  const isLoose = build.options?.substitutionOption === SubstitutionOption.ALLOW_LOOSE;
  const mode = { isLoose, dynamic: build.options?.dynamicSubstitutions ?? false, spend: createBudget() };
  const values = valuesOf({ ...builtInSubstitutions(build, name), ...build.substitutions }, mode);
  const used = new Set<string>();
  const substitutes = substitutesOf(mode, (key) => {
    used.add(key);
    return values.get(key);
  });
  const result = clone(BuildSchema, build);
  replaceIn(result, (text) => expandTemplate(text, substitutes));
  const isMapped = automap(result, values);
  // What the value of another one uses is matched, too.
  for (const key of used) for (const inner of values.usedBy(key)) used.add(inner);
  const unused = userKeys(build).filter((key) => !used.has(key));
  if (unused.length > 0 && !isLoose && !isMapped) throw unusedSubstitutions(unused);
  return result;
}

/** The values of a build's substitutions, built-in ones included, once those they refer to have been put in. */
export function substitutionValues(build: Build, name: BuildName): Record<string, string> {
  const mode = { isLoose: true, dynamic: build.options?.dynamicSubstitutions ?? false, spend: createBudget() };
  const values = valuesOf({ ...builtInSubstitutions(build, name), ...build.substitutions }, mode);
  return Object.fromEntries(values.keys().map((key) => [key, values.get(key) ?? ""]));
}

interface Values {
  get(key: string): string | undefined;
  keys(): string[];
  /** Keys that the value of a key is made of. */
  usedBy(key: string): ReadonlySet<string>;
}

interface Mode extends Pick<Substitutes, "dynamic" | "spend"> {
  readonly isLoose: boolean;
}

/** The values of all substitutions; with dynamic substitutions those of the user may refer to others. */
function valuesOf(raw: Readonly<Record<string, string>>, mode: Mode): Values {
  const expanded = new Map<string, string>();
  const uses = new Map<string, Set<string>>();
  const get = (key: string, within: readonly string[] = []): string | undefined => {
    const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
    if (value === undefined || !mode.dynamic || !key.startsWith("_")) return value;
    if (within.includes(key)) throw invalidSubstitution(`substitution key "${key}" refers to itself`);
    const known = expanded.get(key) ?? expandValue(key, value, within);
    expanded.set(key, known);
    return known;
  };
  const expandValue = (key: string, value: string, within: readonly string[]) => {
    const keys = new Set<string>();
    uses.set(key, keys);
    const substitutes = substitutesOf(mode, (inner) => {
      keys.add(inner);
      return get(inner, [...within, key]);
    });
    return expandTemplate(value, substitutes);
  };
  return { get: (key) => get(key), keys: () => Object.keys(raw), usedBy: (key) => uses.get(key) ?? new Set() };
}

function substitutesOf({ isLoose, dynamic, spend }: Mode, valueOf: Substitutes["valueOf"]): Substitutes {
  return {
    valueOf,
    missing: (key) => {
      if (!isLoose) throw unknownSubstitution(key);
      return "";
    },
    dynamic,
    isKey: (key) => key.startsWith("_") || valueOf(key) !== undefined,
    spend,
  };
}

/** Values that refer to each other could grow without end. */
function createBudget(): (length: number) => void {
  let left = MAX_SUBSTITUTED_LENGTH;
  return (length) => {
    left -= length;
    if (left < 0) throw invalidSubstitution(`the values put in have more than ${MAX_SUBSTITUTED_LENGTH} characters`);
  };
}

function userKeys({ substitutions }: Build): string[] {
  return Object.keys(substitutions).filter((key) => !OVERRIDABLE.includes(key));
}

function replaceIn(build: Build, replace: (text: string) => string): void {
  for (const step of build.steps) mapStrings(BuildStepSchema, step, replace, NOT_IN_STEPS);
  for (const secret of build.secrets) mapStrings(SecretSchema, secret, replace);
  if (build.availableSecrets) mapStrings(SecretsSchema, build.availableSecrets, replace);
  if (build.artifacts) mapStrings(ArtifactsSchema, build.artifacts, replace);
  build.images = build.images.map(replace);
  build.tags = build.tags.map(replace);
  build.logsBucket = replace(build.logsBucket);
  build.serviceAccount = replace(build.serviceAccount);
  const { options } = build;
  if (!options) return;
  options.env = options.env.map(replace);
  options.workerPool = replace(options.workerPool);
  if (options.pool) options.pool.name = replace(options.pool.name);
}

/** Puts all substitutions into the env of the steps that ask for it, behind what they set themselves. True when any does. */
function automap(build: Build, values: Values): boolean {
  const all = build.options?.automapSubstitutions ?? false;
  const steps = build.steps.filter((step) => step.automapSubstitutions ?? all);
  if (steps.length === 0) return false;
  const variables = values.keys().map((key) => `${key}=${values.get(key)}`);
  for (const step of steps) step.env = [...variables, ...(build.options?.env ?? []), ...step.env];
  return true;
}
