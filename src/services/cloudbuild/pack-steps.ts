import { parseArgs } from "node:util";
import type { PackOptions } from "../../build/build.ts";
import type { PackBuildStep, PackStep } from "../../build/steps/steps.ts";
import type { BuildStep } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { findBaseImage } from "../../oci/base/runtimes.ts";
import { type ApiError, unimplemented } from "../../wire/errors.ts";
import { invalidBuild } from "./errors.ts";

const PACK = /^(gcr\.io\/k8s-skaffold\/pack|(?:docker\.io\/)?buildpacksio\/pack)(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/** Whether a step's image is the one of `pack`, which homerun runs itself. */
export function isPackImage(name: string): boolean {
  return PACK.test(name);
}

/**
 * What a step of the `pack` image comes to; undefined for a step of another image. Secrets reach the build only where
 * `--env` names them. Commands that are not supported are UNIMPLEMENTED by name.
 */
export function packStepOf(
  step: BuildStep,
  index: number,
  env: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>> = {},
): PackStep | undefined {
  if (!isPackImage(step.name)) return undefined;
  const where = `build.steps[${index}]`;
  if (step.entrypoint !== "" && step.entrypoint !== "pack")
    throw unimplemented(`The entrypoint ${step.entrypoint} of ${where}`);
  if (step.script !== "") throw unimplemented(`The field ${where}.script of a \`pack\` step`);
  if (step.volumes.length > 0) throw unimplemented(`The field ${where}.volumes of a \`pack\` step`);
  const [command = "", ...args] = step.args;
  if (command === "config" && args[0] === "default-builder")
    return { command, ...(args[1] ? { defaultBuilder: args[1] } : {}) };
  if (command !== "build") throw unimplemented(`The command \`pack ${command}\` of ${where}`);
  return readPackBuild(args, index, env, secrets);
}

function readPackBuild(
  args: readonly string[],
  index: number,
  stepEnv: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): PackBuildStep {
  const { values, positionals } = parsePackArgs(args);
  const [image, ...others] = positionals;
  if (!image || others.length > 0)
    throw invalidBuild(`steps[${index}].args`, "`pack build` needs exactly one image name");
  const given = (values.env ?? []).map((text) => parseVariable(text, { ...stepEnv, ...secrets }));
  const env = { ...stepEnv, ...Object.fromEntries(given) };
  return {
    command: "build",
    names: [...new Set([image, ...(values.tag ?? [])])],
    publish: values.publish ?? false,
    env,
    runImage: runImageOf(values["run-image"]),
    path: relativePath(values.path ?? ".", index),
    options: packOptions(values),
  };
}

function packOptions(values: ReturnType<typeof parsePackArgs>["values"]): PackOptions {
  const { builder, descriptor, "default-process": defaultProcess } = values;
  // pack: a buildpack option may hold several, and an empty one none.
  const split = (values: string[] = []): string[] => values.flatMap((value) => value.split(",")).filter(Boolean);
  const lists = {
    buildpacks: split(values.buildpack),
    preBuildpacks: split(values["pre-buildpack"]),
    postBuildpacks: split(values["post-buildpack"]),
    envFiles: values["env-file"] ?? [],
  };
  const given = Object.entries(lists).filter(([, list]) => list.length > 0);
  return {
    ...(builder ? { builder } : {}),
    ...(descriptor ? { descriptor } : {}),
    ...(defaultProcess ? { defaultProcess } : {}),
    ...(Object.fromEntries(given) as Pick<PackOptions, keyof typeof lists>),
  };
}

function parsePackArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        builder: { type: "string", short: "B" },
        "run-image": { type: "string" },
        buildpack: { type: "string", short: "b", multiple: true },
        "pre-buildpack": { type: "string", multiple: true },
        "post-buildpack": { type: "string", multiple: true },
        "default-process": { type: "string", short: "D" },
        descriptor: { type: "string", short: "d" },
        "env-file": { type: "string", multiple: true },
        env: { type: "string", short: "e", multiple: true },
        tag: { type: "string", short: "t", multiple: true },
        path: { type: "string", short: "p" },
        publish: { type: "boolean" },
        network: { type: "string" },
        "pull-policy": { type: "string" },
        "trust-builder": { type: "boolean" },
        "no-color": { type: "boolean" },
        verbose: { type: "boolean", short: "v" },
        quiet: { type: "boolean", short: "q" },
        timestamps: { type: "boolean" },
      },
    });
  } catch (error) {
    throw unsupportedArgument(error);
  }
}

function unsupportedArgument(error: unknown): ApiError {
  const option = error instanceof Error ? /'([^']+)'/.exec(error.message)?.[1] : undefined;
  return unimplemented(`The option ${option ?? ""} of \`pack build\``);
}

/** pack: `--env KEY` without a value takes the one of pack's own environment. */
function parseVariable(text: string, own: Readonly<Record<string, string>>): [string, string] {
  const equals = text.indexOf("=");
  const inherited = equals < 0 && Object.hasOwn(own, text) ? own[text] : undefined;
  if (inherited !== undefined) return [text, inherited];
  if (equals < 1) throw invalidBuild("steps", `the environment variable "${text}" is not of the form KEY=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** "" where none is named: the builder or GOOGLE_RUNTIME decides then. */
function runImageOf(given = ""): string {
  const runtime = given === "" ? undefined : findBaseImage(given);
  return runtime ? `${runtime.stack}/${runtime.id}` : given;
}

function relativePath(path: string, stepIndex: number): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes(".."))
    throw invalidBuild(`steps[${stepIndex}].args`, `the path "${path}" leads out of the source`);
  return parts.join("/");
}
