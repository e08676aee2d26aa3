import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import type { ImageConfig, UnpackedImage } from "../../oci/oci.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Sandboxes, SandboxSpec } from "../sandbox.ts";
import { ensureClosure, STEM_FOLDER } from "./closure.ts";
import type { Findings } from "./findings.ts";
import { type StemLanguage, stemLanguages } from "./languages.ts";
import { findInLayers } from "./layer-files.ts";
import { abortOf } from "./abort.ts";
import { parseReport, type Report } from "./report.ts";

export interface StudyDeps {
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Ends a study that runs. */
  readonly closing: AbortSignal;
  /** Folder of all closures. */
  readonly closures: string;
  /** Folder for what a study needs while it runs. */
  readonly workFolder: string;
}

/** What was started cold, and is to be started from a stem next time. */
export interface StudySubject {
  readonly spec: SandboxSpec;
  readonly image: UnpackedImage;
  /** Variables whose values are secrets, or another start's may have other values of. */
  readonly changingNames: readonly string[];
}

const PATIENCE_MS = 60_000;
/** A study has time: it must not be in the way of anything else. */
const STUDY_CPUS = 0.5;
const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Starts the image once more, in a sandbox without network and with a script in the place of the framework's main file,
 * which tells with which variables and arguments the image's own launcher started it and which files the framework loads.
 * No code of the function runs. Rejects when the sandbox cannot be started.
 */
export async function study(deps: StudyDeps, subject: StudySubject): Promise<Findings> {
  try {
    return await findOut(deps, subject);
  } catch (error) {
    if (error instanceof Unsuitable) return { usable: false, why: error.message };
    throw error;
  }
}

/** Hash of what a stem must have in common with a cold start, besides what is replaced when it becomes an instance. */
export function hashOfRest(spec: SandboxSpec): string {
  const { layers, args, cwd, user, hostname, mounts, resolver, writableRoot, nesting, writableFolder } = spec;
  const rest = [layers, args, cwd, user, hostname, mounts, resolver, writableRoot, nesting, writableFolder];
  return createHash("sha256").update(JSON.stringify(rest)).digest("hex");
}

/** The image cannot be started from a stem; the message says why. */
class Unsuitable extends Error {}

async function findOut(deps: StudyDeps, subject: StudySubject): Promise<Findings> {
  const { spec, image } = subject;
  const { language, mainPath } = startOf(image);
  const baseLayers = baseLayerCount(image.config);
  if (hasHooks(image.layers)) throw new Unsuitable("it runs programs before it starts");
  const { script, files } = await scriptOf(image.layers, language, mainPath);
  const report = await run(deps, spec, { mainPath, script, files });
  const program = await findInLayers(image.layers, report.execPath);
  if (program === undefined || program.layer >= baseLayers) throw new Unsuitable("it has a runtime of its own");
  if (report.args[1] !== mainPath || report.execArgv.length > 0) throw new Unsuitable("it is started another way");
  if (!language.allows(report.env)) throw new Unsuitable("variables change how the runtime starts");
  await checkStartFiles(image.layers.slice(baseLayers), report, language);
  const bootEnv = bootEnvOf(report, language);
  const changing = subject.changingNames.find((name) => name in bootEnv || report.env[name] !== spec.env[name]);
  if (changing !== undefined) throw new Unsuitable(`the start depends on ${changing}, which may change`);
  const { main, loaded, state, links, args, cwd } = report;
  const closure = await ensureClosure({
    folder: deps.closures,
    layers: image.layers,
    baseLayers,
    loaded,
    read: report.files,
    links,
    mainPath,
    main,
    cwd,
    script,
    files,
  }).catch((error: Error) => {
    throw new Unsuitable(error.message);
  });
  const { set, unset } = changes(spec.env, report.env);
  const { layers, user, hostname, limits } = spec;
  return {
    usable: true,
    layers,
    baseLayers,
    user,
    hostname,
    memoryBytes: limits.memoryBytes,
    pids: limits.pids,
    rest: hashOfRest(spec),
    args,
    cwd,
    set,
    unset,
    bootEnv,
    closure,
    main,
    loaded,
    state,
  };
}

/** Google: buildpacks name the start command in a label of the image (platform.md, "io.buildpacks.build.metadata"). */
function startOf({ config, layers }: UnpackedImage): { language: StemLanguage; mainPath: string } {
  const { labels, entrypoint, cmd } = config;
  const { processes = [] } = parse(labels["io.buildpacks.build.metadata"]) as {
    processes?: { type?: string; command?: string[]; args?: string[]; direct?: boolean }[];
  };
  const start = processes.find(({ type }) => entrypoint.length === 1 && entrypoint[0] === `/cnb/process/${type}`);
  if (start?.direct !== true || cmd.length > 0) throw new Unsuitable("it was not built by buildpacks");
  const command = [...(start.command ?? []), ...(start.args ?? [])];
  for (const language of stemLanguages) {
    const mainPath = language.mainOf(command, layers);
    if (mainPath !== undefined && normalize(mainPath) === mainPath) return { language, mainPath };
  }
  throw new Unsuitable("it does not start a Functions Framework that stems know");
}

/** The layers up to the last one of the run image, which the image names (platform.md, "io.buildpacks.lifecycle.metadata"). */
function baseLayerCount({ labels, diffIds }: ImageConfig): number {
  const { runImage } = parse(labels["io.buildpacks.lifecycle.metadata"]) as { runImage?: { topLayer?: string } };
  const count = diffIds.indexOf(runImage?.topLayer ?? "") + 1;
  if (count === 0) throw new Unsuitable("it does not say which run image it has");
  return count;
}

function parse(json: string | undefined): object {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Programs whose output sets variables may say something else each time (buildpack.md, "Exec.d"). */
function hasHooks(layers: readonly string[]): boolean {
  return layers.some((layer) => globSync("layers/*/*/exec.d", { cwd: layer }).length > 0);
}

/** The stem's script for this image, and what it reads. */
async function scriptOf(
  layers: readonly string[],
  language: StemLanguage,
  mainPath: string,
): Promise<Pick<Start, "script" | "files">> {
  const file = await mainFile(layers, mainPath);
  const main = file === undefined ? "" : await readFile(file, "utf8");
  const preload = language.preloadOf(main);
  if (preload.length === 0) throw new Unsuitable("what its framework loads is unknown");
  const script = await readFile(join(import.meta.dirname, "scripts", language.script), "utf8");
  return {
    script: `${language.headOf(main)}${script}`,
    files: { "preload.json": JSON.stringify(preload), ...language.files },
  };
}

/** What packages have the runtime run before any program may look at anything, of which nobody would know. */
async function checkStartFiles(
  layers: readonly string[],
  { startFiles }: Report,
  { allowsStartFile }: StemLanguage,
): Promise<void> {
  for (const path of startFiles) {
    const found = await findInLayers(layers, path);
    if (found !== undefined && !allowsStartFile(await readFile(found.file, "utf8"))) {
      throw new Unsuitable("a package of it runs code of its own when the runtime starts");
    }
  }
}

interface Start {
  readonly mainPath: string;
  readonly script: string;
  readonly files: Readonly<Record<string, string>>;
}

async function run(deps: StudyDeps, spec: SandboxSpec, { mainPath, script, files }: Start): Promise<Report> {
  const id = `study-${deps.ids.uuid()}`;
  const folder = join(deps.workFolder, id);
  await mkdir(folder, { recursive: true });
  try {
    const [scriptFile, filesFolder] = [join(folder, "script"), join(folder, "files")];
    await mkdir(filesFolder);
    await writeFile(scriptFile, script, { mode: 0o755 });
    for (const [name, content] of Object.entries(files)) await writeFile(join(filesFolder, name), content);
    const mounts = [
      { source: scriptFile, destination: mainPath, readOnly: true },
      { source: filesFolder, destination: STEM_FOLDER, readOnly: true },
    ];
    const limits = { ...spec.limits, cpus: STUDY_CPUS };
    const outcome = { ...spec, id, limits, network: "none", mounts: [...spec.mounts, ...mounts] } as const;
    const report = parseReport(await outputOf(deps, outcome));
    if (report === undefined) throw new Unsuitable("its framework does not load by itself");
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The main file on the host; links of whole folders, as buildpacks make them for node_modules, are followed by hand. */
async function mainFile(layers: readonly string[], path: string): Promise<string | undefined> {
  const direct = await findInLayers(layers, path);
  if (direct !== undefined) return direct.file;
  const inPackages = path.slice(path.lastIndexOf("/node_modules/"));
  for (const layer of layers.toReversed()) {
    const [found] = globSync(`layers/*/*${inPackages}`, { cwd: layer });
    if (found !== undefined && existsSync(join(layer, found))) return (await findInLayers([layer], `/${found}`))?.file;
  }
  return undefined;
}

async function outputOf(deps: StudyDeps, spec: Omit<SandboxSpec, "onOutput">): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onOutput: SandboxSpec["onOutput"] = (stream, chunk) => {
    bytes += chunk.length;
    if (stream === "stdout" && bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
  };
  await using sandbox = await deps.sandboxes.start({ ...spec, onOutput });
  using _patience = deps.clock.after(PATIENCE_MS, () => void sandbox.kill("SIGKILL"));
  await Promise.race([sandbox.exited, abortOf(deps.closing)]);
  return Buffer.concat(chunks).toString();
}

/** What the runtime and the framework have looked at once they are loaded. */
function bootEnvOf({ env, readNames }: Report, { bootNames }: StemLanguage): Record<string, string> {
  if (readNames.includes("*")) throw new Unsuitable("its framework looks at all variables");
  const names = Object.keys(env).filter((name) => bootNames.test(name) || readNames.includes(name));
  return Object.fromEntries(names.toSorted().map((name) => [name, env[name]!]));
}

function changes(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  const set = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const unset = Object.keys(before).filter((name) => !(name in after));
  return { set: Object.fromEntries(set), unset };
}
