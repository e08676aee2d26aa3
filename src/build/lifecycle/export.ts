import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { writeArchive } from "./archive.ts";
import { escapeId } from "./buildpack.ts";
import type { BuiltBuildpack, BuiltLayer } from "./build.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import type { BuildpackRecord, BuiltLayerRecord, LayerArchive, LifecycleResult } from "./exchange.ts";
import { joinLaunchMetadata, type LaunchPlan, readStore } from "./launch-metadata.ts";
import { formatLauncher, type LaunchEnvironment, readLaunchEnvironment } from "./launcher.ts";
import type { Restored } from "./restore.ts";
import { readSboms, sbomEntries } from "./sbom.ts";
import type { Settings } from "./settings.ts";
import { fileEntry, folderEntries, parentEntries, sliceEntries, tarHeader } from "./tar.ts";

type Log = (line: string) => void;

/** The part of the result that export finds out. */
export type Exported = Omit<LifecycleResult, "phases" | "group">;

/** Turns what the buildpacks left into layer archives and image metadata (buildpack.md, "Export"). */
export async function exportLayers(
  settings: Settings,
  built: readonly BuiltBuildpack[],
  restored: Restored,
  log: Log,
): Promise<Exported> {
  const launch = joinLaunchMetadata(built.map(({ launch }) => launch));
  const buildpacks: BuildpackRecord[] = [];
  const archives: LayerArchive[] = [];
  for (const buildpack of built) {
    const layers: Record<string, BuiltLayerRecord> = {};
    for (const layer of buildpack.layers.filter(({ metadata }) => metadata.launch || metadata.cache)) {
      const { record, archive } = await exportLayer(settings, buildpack, layer, restored, log);
      layers[layer.name] = record;
      archives.push(archive);
    }
    const { id: key, version } = buildpack.element;
    const store = readStore(buildpack.folder);
    buildpacks.push({ key, version, layers, ...(store ? { store } : {}) });
  }
  const sbom = await exportSboms(settings, built, buildpacks);
  const launcher = await exportLauncher(settings, built, buildpacks, launch, log);
  const app = await exportApp(settings, launch.slices, log);
  const inImage = archives.filter(({ launch }) => launch);
  return {
    processes: launch.processes,
    ...(launch.defaultProcess === undefined ? {} : { defaultProcess: launch.defaultProcess }),
    labels: launch.labels,
    buildpacks,
    archives: [...inImage, ...sbom, launcher, ...app, ...archives.filter(({ launch }) => !launch)],
    app: app.map(({ diffId }) => diffId),
    launcher: launcher.diffId,
    config: launcher.diffId,
    ...(sbom[0] ? { sbom: sbom[0].diffId } : {}),
  };
}

async function exportLayer(
  settings: Settings,
  { element, folder }: BuiltBuildpack,
  layer: BuiltLayer,
  restored: Restored,
  log: Log,
): Promise<{ record: BuiltLayerRecord; archive: LayerArchive }> {
  const { build, launch, cache, data } = layer.metadata;
  const name = `${element.id}:${layer.name}`;
  const previous = restored.previous(element.id, layer.name);
  const isReused = previous !== undefined && (!layer.hasContent || restored.isUntouched(element.id, layer.name));
  if (!isReused && !layer.hasContent) {
    throw new LifecycleError(
      `layer '${name}' is to be reused, but the previous image has no such layer`,
      exitCodes.export,
    );
  }
  const created = isReused ? { diffId: previous.sha } : await archiveLayer(settings, layer);
  log(
    `${isReused || previous?.sha === created.diffId ? "Reusing" : "Adding"} ${launch ? "" : "cache "}layer '${name}'`,
  );
  const launchEnvironment = layer.hasContent ? readLaunchEnvironment(layer.folder) : previous?.launchEnvironment;
  const record = {
    sha: created.diffId,
    data,
    build,
    launch,
    cache,
    sbom: readSboms(folder, layer.name),
    ...(launch && launchEnvironment ? { launchEnvironment } : {}),
  };
  const createdBy = `Layer: '${layer.name}', Created by buildpack: ${element.id}@${element.version}`;
  return { record, archive: { ...created, createdBy, launch, cache } };
}

function archiveLayer(settings: Settings, layer: BuiltLayer): ReturnType<typeof writeArchive> {
  function* pieces(): Iterable<Buffer> {
    yield* parentEntries(layer.folder);
    yield* folderEntries(layer.folder, settings.owner, new Set());
  }
  return writeArchive(settings.outputDir, pieces());
}

/** One layer with the launcher, a link to it per process type, and the metadata about processes and buildpacks. */
async function exportLauncher(
  settings: Settings,
  built: readonly BuiltBuildpack[],
  records: readonly BuildpackRecord[],
  { processes, defaultProcess, slices }: LaunchPlan,
  log: Log,
): Promise<LayerArchive> {
  const environments = records.map(({ layers }) =>
    Object.values(layers).flatMap(({ launchEnvironment }): LaunchEnvironment[] =>
      launchEnvironment ? [launchEnvironment] : [],
    ),
  );
  const metadata = stringify({
    ...(defaultProcess === undefined ? {} : { "buildpack-default-process-type": defaultProcess }),
    buildpacks: built.map(({ element }) => ({
      id: element.id,
      version: element.version,
      api: element.buildpack.api,
      optional: element.optional,
    })),
    processes: processes.map((process) => ({ ...process, "exec-env": ["*"] })),
    slices: slices.map((paths) => ({ paths })),
  });
  function* pieces(): Iterable<Buffer> {
    const root = { mode: 0o755, owner: { uid: 0, gid: 0 }, type: "directory" } as const;
    for (const path of ["cnb", "cnb/lifecycle"]) yield tarHeader({ ...root, path });
    yield* fileEntry("/cnb/lifecycle/launcher", formatLauncher(processes, environments, settings.appDir), 0o755);
    yield tarHeader({ ...root, path: "cnb/process" });
    for (const { type } of processes) {
      const link = { ...root, type: "symlink", mode: 0o777, target: "/cnb/lifecycle/launcher" } as const;
      yield tarHeader({ ...link, path: `cnb/process/${type}` });
    }
    yield* parentEntries(join(settings.layersDir, "config", "metadata.toml"));
    yield* fileEntry(join(settings.layersDir, "config", "metadata.toml"), metadata);
  }
  log("Adding layer 'buildpacksio/lifecycle:launcher'");
  return {
    ...(await writeArchive(settings.outputDir, pieces())),
    createdBy: "Application Launcher",
    launch: true,
    cache: false,
  };
}

async function exportApp(
  settings: Settings,
  slices: readonly (readonly string[])[],
  log: Log,
): Promise<LayerArchive[]> {
  const taken = new Set<string>();
  const archives: LayerArchive[] = [];
  const add = async (pieces: Iterable<Buffer>, createdBy: string): Promise<void> => {
    function* withParents(): Iterable<Buffer> {
      yield* parentEntries(settings.appDir);
      yield* pieces;
    }
    archives.push({
      ...(await writeArchive(settings.outputDir, withParents())),
      createdBy,
      launch: true,
      cache: false,
    });
  };
  for (const globs of slices) {
    const paths = matchingPaths(settings.appDir, globs, taken);
    if (paths.length === 0) continue;
    await add(sliceEntries(settings.appDir, settings.owner, paths), "Application Slice");
    for (const path of paths) taken.add(path);
  }
  await add(folderEntries(settings.appDir, settings.owner, taken), "Application Layer");
  log(`Adding ${archives.length}/${archives.length} app layer(s)`);
  return archives;
}

/** Paths that globs match inside the application, without those below another one or taken by an earlier slice. */
function matchingPaths(appDir: string, globs: readonly string[], taken: ReadonlySet<string>): string[] {
  const relative = globs.map((glob) => (glob.startsWith(`${appDir}/`) ? glob.slice(appDir.length + 1) : glob));
  const found = new Set(relative.flatMap((glob) => globSync(glob, { cwd: appDir })));
  const isBelow = (path: string, others: ReadonlySet<string>): boolean =>
    path.split("/").some((_, depth, parts) => depth > 0 && others.has(parts.slice(0, depth).join("/")));
  return [...found]
    .filter((path) => path !== "." && !path.startsWith("..") && existsSync(join(appDir, path)))
    .filter((path) => !taken.has(path) && !isBelow(path, taken) && !isBelow(path, found))
    .sort();
}

async function exportSboms(
  settings: Settings,
  built: readonly BuiltBuildpack[],
  records: readonly BuildpackRecord[],
): Promise<LayerArchive[]> {
  const entries = built.flatMap(({ element, folder }, index) => {
    const id = escapeId(element.id);
    const ofLayers = Object.entries(records[index]!.layers)
      .filter(([, { launch }]) => launch)
      .flatMap(([name, { sbom }]) => [...sbomEntries(settings.layersDir, `${id}/${name}`, sbom ?? {})]);
    return [...sbomEntries(settings.layersDir, id, readSboms(folder, "launch")), ...ofLayers];
  });
  if (entries.length === 0) return [];
  const parents = [...parentEntries(join(settings.layersDir, "sbom", "launch", "x"))];
  const written = await writeArchive(settings.outputDir, [...parents, ...entries]);
  return [{ ...written, createdBy: "Software Bill-of-Materials", launch: true, cache: false }];
}
