import { parseArgs } from "node:util";
import type { Build, BuildStep } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type ApiError, unimplemented } from "../../wire/errors.ts";
import { invalidBuild } from "./errors.ts";

const PACK = /^(gcr\.io\/k8s-skaffold\/pack|buildpacksio\/pack)(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;
/** The run image of a Google runtime: REGION-docker.pkg.dev/serverless-runtimes/STACK/runtimes/RUNTIME. */
const GOOGLE_RUN_IMAGE =
  /^[a-z0-9-]+docker\.pkg\.dev\/serverless-runtimes\/[a-z0-9-]+\/runtimes\/([a-z]+\d+)(?::[\w.-]+)?$/;
/** What runs a buildpacks build that names neither a run image nor a runtime. */
const DEFAULT_RUN_IMAGE = "nodejs22";

/** A buildpacks build as the steps of a build describe it. */
export interface PackBuild {
  /** Index of the step that builds. */
  readonly stepIndex: number;
  /** Image names to push to. */
  readonly destinations: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A runtime id such as "nodejs22", or an image reference. */
  readonly runImage: string;
  /** Folder of the application inside the source, "" for the source itself. */
  readonly path: string;
}

/**
 * Reads `pack build IMAGE ...` out of a build's steps (with gcloud's `pack config default-builder` step before it).
 * Steps of any other form are UNIMPLEMENTED by name.
 */
export function readPackSteps(build: Build): PackBuild {
  const commands = build.steps.map(packCommand);
  const builds = commands.flatMap((args, index) => (args[0] === "build" ? [{ args: args.slice(1), index }] : []));
  const [only, second] = builds;
  if (!only) throw invalidBuild("steps", "no build step runs `pack build`");
  if (second) throw unimplemented("A build with more than one `pack build` step");
  return readPackBuild(only.args, only.index, build);
}

function packCommand(step: BuildStep, index: number): string[] {
  const where = `build.steps[${index}]`;
  if (!PACK.test(step.name)) throw unimplemented(`The build step ${step.name || where}`);
  if (step.entrypoint !== "" && step.entrypoint !== "pack")
    throw unimplemented(`The entrypoint ${step.entrypoint} of ${where}`);
  const unsupported = unsupportedStepField(step);
  if (unsupported) throw unimplemented(`The field ${where}.${unsupported}`);
  const isDefaultBuilder = step.args[0] === "config" && step.args[1] === "default-builder";
  if (step.args[0] !== "build" && !isDefaultBuilder)
    throw unimplemented(`The command \`pack ${step.args[0] ?? ""}\` of ${where}`);
  return step.args;
}

function unsupportedStepField(step: BuildStep): string | undefined {
  if (step.env.length > 0) return "env";
  if (step.dir !== "") return "dir";
  if (step.secretEnv.length > 0) return "secret_env";
  if (step.volumes.length > 0) return "volumes";
  if (step.script !== "") return "script";
  if (step.timeout !== undefined) return "timeout";
  if (step.allowFailure) return "allow_failure";
  return step.allowExitCodes.length > 0 ? "allow_exit_codes" : undefined;
}

function readPackBuild(args: readonly string[], stepIndex: number, build: Build): PackBuild {
  const { values, positionals } = parsePackArgs(args);
  const [image, ...others] = positionals;
  if (!image || others.length > 0)
    throw invalidBuild(`steps[${stepIndex}].args`, "`pack build` needs exactly one image name");
  const env = Object.fromEntries([...(build.options?.env ?? []), ...(values.env ?? [])].map(parseVariable));
  const pushed = values.publish ? [image, ...(values.tag ?? [])] : [];
  const unbuilt = build.images.find((name) => name !== image && !values.tag?.includes(name));
  if (unbuilt) throw invalidBuild("images", `no build step makes the image "${unbuilt}"`);
  return {
    stepIndex,
    destinations: [...new Set([...pushed, ...build.images])],
    env,
    runImage: runImageOf(values["run-image"], env),
    path: relativePath(values.path ?? ".", stepIndex),
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

function parseVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw invalidBuild("steps", `the environment variable "${text}" is not of the form KEY=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function runImageOf(given: string | undefined, env: Readonly<Record<string, string>>): string {
  if (given === undefined) return env["GOOGLE_RUNTIME"] || DEFAULT_RUN_IMAGE;
  return GOOGLE_RUN_IMAGE.exec(given)?.[1] ?? given;
}

function relativePath(path: string, stepIndex: number): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes(".."))
    throw invalidBuild(`steps[${stepIndex}].args`, `the path "${path}" leads out of the source`);
  return parts.join("/");
}
