import { join } from "node:path";
import { type FlagTable, type GivenFlag, readFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/** A `docker build` as podman runs it. */
export interface BuildCommand {
  /** Arguments of podman. */
  readonly args: readonly string[];
  /** Whether only the image's id is printed. */
  readonly quiet: boolean;
  /** Images to push afterwards. */
  readonly push: readonly string[];
  /** Folder of the build's files; undefined when it is no folder: standard input or a URL. */
  readonly context: string | undefined;
  /** The Dockerfile, when the context is a folder. */
  readonly file: string | undefined;
  /** What is done otherwise than asked, without a difference in the image. */
  readonly notes: readonly string[];
}

/** Flags that podman has under the same name and with the same meaning. */
const SAME = words(`add-host annotation build-arg build-context iidfile label platform secret shm-size ssh tag target
  ulimit`);
const SAME_SWITCHES = words("force-rm no-cache rm squash");
/** Flags without an effect on the image: how it is shown, where it is cached, and limits that the step has anyway. */
const WITHOUT_EFFECT = words(`builder cache-from cache-to cgroup-parent cpu-period cpu-quota cpu-shares cpuset-cpus
  cpuset-mems isolation memory memory-swap progress`);
const OWN = words("attest file network output provenance sbom security-opt");
const OWN_SWITCHES = words("compress disable-content-trust load pull push quiet");
const SHORT: Readonly<Record<string, string>> = { file: "f", memory: "m", output: "o", quiet: "q", tag: "t", cpu: "c" };

const FLAGS: FlagTable = Object.fromEntries([
  ...[...SAME, ...WITHOUT_EFFECT, ...OWN].map((name) => [name, flag("value", name)]),
  ...[...SAME_SWITCHES, ...OWN_SWITCHES].map((name) => [name, flag("switch", name)]),
]);
/** The networks of a step: its own, whatever it is called. */
const STEP_NETWORKS = new Set(["default", "bridge", "host", "cloudbuild"]);

/**
 * Translates the arguments of `docker build` or `docker buildx build`. The format is Docker's, so that HEALTHCHECK, SHELL
 * and ONBUILD are kept; unless the image is to be reproducible. Throws a UsageError for what is not supported.
 */
export function buildCommand(args: readonly string[], env: Readonly<Record<string, string | undefined>>): BuildCommand {
  const { flags, rest } = readFlags(args, FLAGS, true);
  const [context, ...others] = rest;
  if (context === undefined || others.length > 0) {
    throw new UsageError(`"docker build" requires exactly 1 argument.`);
  }
  const isFolder = context !== "-" && !/^(https?|git|ssh):\/\/|^git@/.test(context);
  const files = valuesOf(flags, "file");
  const file = files.at(-1) ?? (isFolder ? join(context, "Dockerfile") : undefined);
  const tags = valuesOf(flags, "tag");
  const outputs = valuesOf(flags, "output").map(readOutput);
  const isPushed = isOn(flags, "push") || outputs.some(({ push }) => push);
  const timestamp = sourceDateEpoch(flags, env);
  return {
    args: [
      ...words("build --isolation oci --layers --identity-label=false"),
      // The other format has the random name of a container in it.
      "--format",
      timestamp === undefined ? "docker" : "oci",
      ...flags.flatMap(translate),
      ...outputs.flatMap(({ exported }) => (exported === undefined ? [] : ["--output", exported])),
      ...(timestamp === undefined ? [] : ["--timestamp", timestamp]),
      ...(file === undefined ? [] : ["--file", file]),
      context,
    ],
    quiet: isOn(flags, "quiet"),
    push: isPushed ? tags : [],
    context: isFolder ? context : undefined,
    file,
    notes: flags.some(({ name }) => name === "cache-to")
      ? ["WARNING: --cache-to has no effect: builds of a project share their cache"]
      : [],
  };
}

function translate({ name, value }: GivenFlag): string[] {
  if (SAME.includes(name)) return [`--${name}`, value];
  if (SAME_SWITCHES.includes(name)) return [`--${name}=${value}`];
  switch (name) {
    case "pull":
      return value === "false" ? [] : ["--pull=always"];
    case "quiet":
      return [`--quiet=${value}`];
    case "network":
      if (!STEP_NETWORKS.has(value)) throw new UsageError(`network ${value} is not supported`);
      return [];
    case "attest":
    case "provenance":
    case "sbom":
      if (value !== "false") throw new UsageError(`--${name}=${value} is not supported`);
      return [];
    case "security-opt":
      throw new UsageError("--security-opt is not supported");
    default:
      return [];
  }
}

interface Output {
  readonly push: boolean;
  /** podman's value for an export to files. */
  readonly exported?: string;
}

/** BuildKit's outputs: images go into the store in any case. */
function readOutput(text: string): Output {
  if (!text.includes("=")) return { push: false, exported: text };
  const fields = Object.fromEntries(text.split(",").map((field) => field.split("=", 2) as [string, string]));
  const type = fields["type"];
  if (type === "local" || type === "tar") return { push: false, exported: text };
  if (type === "registry") return { push: true };
  if ((type === "image" || type === "docker") && fields["dest"] === undefined) {
    return { push: fields["push"] === "true" };
  }
  throw new UsageError(`output ${text} is not supported`);
}

/** What makes a build reproducible, as BuildKit has it: a build argument or a variable of that name. */
function sourceDateEpoch(
  flags: readonly GivenFlag[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const argument = valuesOf(flags, "build-arg").findLast((text) => /^SOURCE_DATE_EPOCH(=|$)/.test(text));
  const value = argument?.split("=")[1] ?? env["SOURCE_DATE_EPOCH"];
  return value !== undefined && /^\d+$/.test(value) ? value : undefined;
}

function valuesOf(flags: readonly GivenFlag[], wanted: string): string[] {
  return flags.filter(({ name }) => name === wanted).map(({ value }) => value);
}

function isOn(flags: readonly GivenFlag[], wanted: string): boolean {
  return flags.findLast(({ name }) => name === wanted)?.value === "true";
}

function flag(kind: "switch" | "value", name: string) {
  const short = SHORT[name];
  return short === undefined ? { kind } : { kind, short };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
