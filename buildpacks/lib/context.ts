import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, type ExecOptions, type ExecResult } from "./exec.ts";
import { type Layer, openLayer } from "./layer.ts";

/** What detection may look at. */
export interface DetectContext {
  readonly appDir: string;
  /** The build's environment; a buildpack may change it for the commands that it runs. */
  readonly env: Record<string, string>;
  log(line: string): void;
  fileExists(path: string): boolean;
}

/** What a build may look at and leave behind. */
export interface BuildContext extends DetectContext {
  readonly buildpackDir: string;
  readonly buildpackId: string;
  readonly buildpackVersion: string;
  warn(line: string): void;
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  layer(name: string): Layer;
  /** Reads a text file of the application, or undefined when it is not there. */
  readFile(path: string): string | undefined;
  /** Defines the process that the image starts by default, in place of any earlier definition. */
  addWebProcess(process: Process): void;
  addProcess(type: string, process: Process): void;
  /** Adds an image label below "google.". */
  addLabel(key: string, value: string): void;
  /** Puts paths of the application into a layer of their own. */
  addSlice(paths: readonly string[]): void;
  /**
   * Says that the same inputs make the same here, and that nothing of the project's own ran: if all buildpacks say so,
   * a build with the same inputs need not run again.
   */
  isRepeatable(): void;
}

/** A command and the arguments that a container's own may replace. */
export interface Process {
  readonly command: readonly string[];
  readonly args?: readonly string[];
}

/** What the build wrote down for launch.toml. */
export interface LaunchToml {
  readonly processes: readonly (Process & { readonly type: string; readonly default: boolean })[];
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly slices: readonly { readonly paths: readonly string[] }[];
}

/** What the build wrote down. */
export interface Written {
  readonly launch: LaunchToml;
  /** For store.toml: what the platform is told of this build. */
  readonly store: { readonly repeatable: boolean };
}

export interface BuildInputs {
  readonly appDir: string;
  readonly env: Record<string, string>;
  readonly layersDir: string;
  readonly buildpackDir: string;
  readonly buildpackId: string;
  readonly buildpackVersion: string;
  readonly write: (output: string | Uint8Array) => void;
}

/** Label keys that Google's buildpacks accept. Google: buildpacks, pkg/gcpbuildpack, AddLabel. */
const LABEL_KEY = /^[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** A context for detection. */
export function createDetectContext(inputs: Pick<BuildInputs, "appDir" | "env" | "write">): DetectContext {
  return {
    appDir: inputs.appDir,
    env: inputs.env,
    log: (line) => inputs.write(`${line}\n`),
    fileExists: (path) => existsSync(join(inputs.appDir, path)),
  };
}

/** A context for a build, and what the build wrote down through it. */
export function createBuildContext(inputs: BuildInputs): { context: BuildContext; written: () => Written } {
  let repeatable = false;
  const processes = new Map<string, LaunchToml["processes"][number]>();
  const labels = new Map<string, string>();
  const slices: { paths: readonly string[] }[] = [];
  const base = createDetectContext(inputs);
  const warn = (line: string): void => base.log(`WARNING: ${line}`);
  const context: BuildContext = {
    ...base,
    buildpackDir: inputs.buildpackDir,
    buildpackId: inputs.buildpackId,
    buildpackVersion: inputs.buildpackVersion,
    warn,
    exec: (command, options) => exec({ env: inputs.env, cwd: inputs.appDir, write: inputs.write }, command, options),
    layer: (name) => openLayer(inputs.layersDir, name),
    readFile(path) {
      const file = join(inputs.appDir, path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    addWebProcess: (process) => void processes.set("web", { ...process, type: "web", default: true }),
    addProcess: (type, process) => void processes.set(type, { ...process, type, default: false }),
    addLabel(key, value) {
      if (!LABEL_KEY.test(key)) return warn(`Label "${key}" does not match ${LABEL_KEY.source}, skipping.`);
      if (key.includes("__")) return warn(`Label "${key}" must not contain consecutive underscores, skipping.`);
      const full = `google.${key.toLowerCase().replaceAll("_", "-")}`;
      base.log(`Adding image label ${full}: ${value}`);
      labels.set(full, value);
    },
    addSlice: (paths) => void slices.push({ paths }),
    isRepeatable: () => void (repeatable = true),
  };
  const launch = (): LaunchToml => ({
    processes: [...processes.values()],
    labels: [...labels].map(([key, value]) => ({ key, value })),
    slices,
  });
  return { context, written: () => ({ launch: launch(), store: { repeatable } }) };
}
