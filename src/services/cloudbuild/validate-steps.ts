import { durationMs } from "@bufbuild/protobuf/wkt";
import { posix } from "node:path";
import type { Build, BuildStep, Volume } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { nameOf } from "../../build/steps/plan.ts";
import { invalidBuild } from "./errors.ts";
import {
  DEFAULT_TIMEOUT_SECONDS,
  MAX_ARG_LENGTH,
  MAX_ARGS,
  MAX_DIR_LENGTH,
  MAX_ENV_LENGTH,
  MAX_ENVS,
  MAX_NAME_LENGTH,
  MAX_STEPS,
} from "./limits.ts";
import { isPackImage } from "./pack-steps.ts";

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** Where every step has something mounted already. */
const RESERVED_PATHS = ["/workspace", "/builder/home", "/builder/outputs", "/var/run/docker.sock"];
const VARIABLE = /^[^=]+=/;

/** Rejects with INVALID_ARGUMENT, in Google's words where they are known, what is wrong with the steps of a new build. */
export function validateSteps(build: Build): void {
  const { steps, options } = build;
  if (steps.length === 0) throw invalidBuild("steps", "no build steps specified");
  if (steps.length > MAX_STEPS) throw invalidBuild("steps", `cannot specify more than ${MAX_STEPS} build steps`);
  checkEnv("options.env", options?.env ?? []);
  for (const [index, step] of steps.entries()) checkStep(step, index, build);
  checkVolumes(build);
}

function checkStep(step: BuildStep, index: number, { timeout }: Build): void {
  const field = `steps[${index}]`;
  if (step.name === "") throw invalidBuild(`${field}.name`, `build step ${index} must specify name`);
  checkLength(`${field}.name`, step.name, MAX_NAME_LENGTH);
  // Build environments of functions are args of `pack`, and may be larger.
  if (step.args.length > MAX_ARGS && !isPackImage(step.name))
    throw invalidBuild(`${field}.args`, `too many args (max: ${MAX_ARGS})`);
  for (const arg of step.args) checkLength(`${field}.args`, arg, MAX_ARG_LENGTH);
  checkLength(`${field}.dir`, step.dir, MAX_DIR_LENGTH);
  checkEnv(`${field}.env`, step.env);
  if (step.script !== "" && (step.args.length > 0 || step.entrypoint !== ""))
    throw invalidBuild(
      `${field}.script`,
      `build step ${nameOf(index, step.id)}: script cannot be specified with entrypoint or args`,
    );
  const badCode = step.allowExitCodes.find((code) => code < 1 || code > 255);
  if (badCode !== undefined)
    throw invalidBuild(`${field}.allow_exit_codes`, `exit code ${badCode} is not between 1 and 255`);
  checkTimeout(`${field}.timeout`, step.timeout && durationMs(step.timeout), timeout && durationMs(timeout));
}

function checkTimeout(field: string, ms: number | undefined, buildMs = DEFAULT_TIMEOUT_SECONDS * 1000): void {
  if (ms === undefined) return;
  if (ms < 0) throw invalidBuild(field, `invalid value for 'build.${field}': value must be greater than 0`);
  if (ms > buildMs)
    throw invalidBuild(
      field,
      `invalid value for 'build.${field}': value must be less than or equal to build timeout value of "${formatDuration(buildMs / 1000)}"`,
    );
}

/** As Go writes durations: 20m0s, 1h0m0s. */
function formatDuration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [...(hours > 0 ? [`${hours}h`] : []), ...(seconds >= 60 ? [`${minutes}m`] : []), `${seconds % 60}s`];
  return parts.join("");
}

function checkEnv(field: string, env: readonly string[]): void {
  if (env.length > MAX_ENVS) throw invalidBuild(field, `too many envs (max: ${MAX_ENVS})`);
  for (const entry of env) {
    checkLength(field, entry, MAX_ENV_LENGTH);
    if (!VARIABLE.test(entry)) throw invalidBuild(field, `the Env entry "${entry}" must be of the form "KEY=VALUE"`);
  }
}

function checkLength(field: string, text: string, max: number): void {
  if (text.length > max) throw invalidBuild(field, `build.${field} too long (max: ${max})`);
}

function checkVolumes({ steps, options }: Build): void {
  const global = options?.volumes ?? [];
  if (global.length > 0 && steps.length < 2)
    throw invalidBuild("options.volumes", "Global volumes defined but there are fewer than two steps");
  checkVolumeList("options.volumes", global, []);
  const uses = new Map<string, number>();
  for (const [index, { volumes }] of steps.entries()) {
    checkVolumeList(`steps[${index}].volumes`, volumes, global);
    for (const { name } of volumes) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  for (const [name, count] of uses)
    if (count < 2) throw invalidBuild("steps", `Volume "${name}" is only used by one step`);
}

/** `global` are the volumes that every step has besides. */
function checkVolumeList(field: string, volumes: readonly Volume[], global: readonly Volume[]): void {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  for (const { name, path } of volumes) {
    const clean = cleanPath(path);
    if (!VOLUME_NAME.test(name))
      throw invalidBuild(field, `volume name "${name}" does not match "${VOLUME_NAME.source}"`);
    if (!path.startsWith("/")) throw invalidBuild(field, `path "${path}" is not valid, must be absolute`);
    if (RESERVED_PATHS.includes(clean) || clean === "/") throw invalidBuild(field, `path "${path}" is reserved`);
    if (clean.startsWith("/cloudbuild/"))
      throw invalidBuild(field, `volume path "${clean}" cannot start with /cloudbuild/`);
    if (names.has(name)) throw invalidBuild(field, `volume name "${name}" is defined in more than one volume entry`);
    if (paths.has(clean)) throw invalidBuild(field, `volume path "${clean}" is defined in more than one volume entry`);
    if (global.some((volume) => volume.name === name))
      throw invalidBuild(field, `volume name "${name}" conflicts with global volume`);
    if (global.some((volume) => cleanPath(volume.path) === clean))
      throw invalidBuild(field, `volume path "${path}" conflicts with global volume`);
    names.add(name);
    paths.add(clean);
  }
}

function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}
