import { writeArchive } from "./archive.ts";
import type { BuiltBuildpack, BuiltLayer } from "./build.ts";
import { escapeId } from "./buildpack.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import type { BuildpackRecord, BuiltLayerRecord, LayerArchive, LifecycleResult, SbomFile } from "./exchange.ts";
import { exportApp } from "./export-app.ts";
import { exportLauncher } from "./export-launcher.ts";
import { readLaunchEnvironment } from "./launch-environment.ts";
import { joinLaunchMetadata, type LaunchPlan, processRecord, readStore } from "./launch-metadata.ts";
import type { Restored } from "./restore.ts";
import { keepSboms, readSboms, sbomEntries } from "./sbom.ts";
import type { Settings } from "./settings.ts";
import { folderEntries, parentEntries } from "./tar.ts";

type Log = (line: string) => void;

/** The part of the result that export finds out. */
export type Exported = Omit<LifecycleResult, "phases" | "group">;

interface Export {
  readonly settings: Settings;
  readonly restored: Restored;
  readonly log: Log;
  /** Bills of the layers of the image, by BUILDPACK/LAYER, and of the buildpacks, by BUILDPACK. */
  readonly launchSboms: Map<string, ReturnType<typeof readSboms>>;
  readonly sboms: SbomFile[];
}

/** Turns what the buildpacks left into layer archives and image metadata (buildpack.md, "Export"). */
export async function exportLayers(
  settings: Settings,
  built: readonly BuiltBuildpack[],
  restored: Restored,
  log: Log,
): Promise<Exported> {
  const context: Export = { settings, restored, log, launchSboms: new Map(), sboms: [] };
  const launch = withDefault(joinLaunchMetadata(built.map(({ launch }) => launch)), settings.defaultProcess);
  const buildpacks: BuildpackRecord[] = [];
  const archives: LayerArchive[] = [];
  for (const buildpack of built) {
    const exported = await exportBuildpack(context, buildpack);
    buildpacks.push(exported.record);
    archives.push(...exported.archives);
  }
  const sbom = await exportSboms(context);
  const launcher = await exportLauncher(settings, built, buildpacks, launch, log);
  const app = await exportApp(settings, launch.slices, log);
  const inImage = archives.filter(({ launch }) => launch);
  return {
    processes: launch.processes.map(processRecord),
    ...(launch.defaultProcess === undefined ? {} : { defaultProcess: launch.defaultProcess }),
    labels: launch.labels,
    buildpacks,
    archives: [...inImage, ...sbom, launcher, ...app, ...archives.filter(({ launch }) => !launch)],
    sboms: context.sboms,
    app: app.map(({ diffId }) => diffId),
    launcher: launcher.diffId,
    config: launcher.diffId,
    ...(sbom[0] ? { sbom: sbom[0].diffId } : {}),
  };
}

/** platform.md, "exporter": a process type that the platform asks for has to be there. */
function withDefault(plan: LaunchPlan, wanted: string | undefined): LaunchPlan {
  if (wanted === undefined) return plan;
  const types = plan.processes.map(({ type }) => type);
  if (types.includes(wanted)) return { ...plan, defaultProcess: wanted };
  const message = `tried to set ${wanted} to default but it doesn't exist; process types: ${types.join(", ")}`;
  throw new LifecycleError(message, exitCodes.export);
}

async function exportBuildpack(
  context: Export,
  buildpack: BuiltBuildpack,
): Promise<{ record: BuildpackRecord; archives: LayerArchive[] }> {
  const { element, folder } = buildpack;
  context.launchSboms.set(escapeId(element.id), readSboms(folder, "launch"));
  const layers: Record<string, BuiltLayerRecord> = {};
  const archives: LayerArchive[] = [];
  for (const layer of buildpack.layers.filter(({ metadata }) => metadata.launch || metadata.cache)) {
    const { record, archive } = await exportLayer(context, buildpack, layer);
    layers[layer.name] = record;
    archives.push(archive);
  }
  const store = readStore(folder);
  return { record: { key: element.id, version: element.version, layers, ...(store ? { store } : {}) }, archives };
}

async function exportLayer(
  context: Export,
  { element, folder }: BuiltBuildpack,
  layer: BuiltLayer,
): Promise<{ record: BuiltLayerRecord; archive: LayerArchive }> {
  const { build, launch, cache, data } = layer.metadata;
  const name = `${element.id}:${layer.name}`;
  const previous = context.restored.previous(element.id, layer.name);
  const reused = reusedLayer(context, element.id, layer);
  const created = reused ? { diffId: reused.sha } : await archiveLayer(context.settings, layer);
  const isSame = previous?.sha === created.diffId;
  context.log(`${isSame ? "Reusing" : "Adding"} ${launch ? "" : "cache "}layer '${name}'`);
  const launchEnvironment = layer.hasContent ? readLaunchEnvironment(layer.folder) : previous?.launchEnvironment;
  const sboms = readSboms(folder, layer.name);
  if (launch) context.launchSboms.set(`${escapeId(element.id)}/${layer.name}`, sboms);
  const { digests, files } = keepSboms(context.settings.outputDir, sboms);
  context.sboms.push(...files);
  const record = {
    sha: created.diffId,
    data,
    build,
    launch,
    cache,
    ...(files.length > 0 ? { sbom: digests } : {}),
    ...(launch && launchEnvironment ? { launchEnvironment } : {}),
  };
  const createdBy = `Layer: '${layer.name}', Created by buildpack: ${element.id}@${element.version}`;
  return { record, archive: { ...created, createdBy, launch, cache } };
}

/** The previous build's layer, where it is to be used as it is; undefined where there is content to make a layer of. */
function reusedLayer({ restored }: Export, id: string, layer: BuiltLayer): BuiltLayerRecord | undefined {
  const previous = restored.previous(id, layer.name);
  if (layer.hasContent) return restored.isUntouched(id, layer.name) ? previous : undefined;
  const name = `${id}:${layer.name}`;
  if (layer.metadata.cache)
    throw new LifecycleError(`layer '${name}' is cache=true but has no contents`, exitCodes.export);
  if (previous?.launch) return previous;
  const message = `layer '${name}' is to be reused, but the previous image has no such layer`;
  throw new LifecycleError(message, exitCodes.export);
}

function archiveLayer(settings: Settings, layer: BuiltLayer): ReturnType<typeof writeArchive> {
  function* pieces(): Iterable<Buffer> {
    yield* parentEntries(layer.folder);
    yield* folderEntries(layer.folder, settings.owner, new Set());
  }
  return writeArchive(settings.outputDir, pieces());
}

async function exportSboms({ settings, launchSboms }: Export): Promise<LayerArchive[]> {
  const { layersDir } = settings;
  const entries = [...launchSboms].flatMap(([name, sboms]) => [...sbomEntries(layersDir, name, sboms)]);
  if (entries.length === 0) return [];
  const parents = [...parentEntries(`${layersDir}/sbom/launch/x`)];
  const written = await writeArchive(settings.outputDir, [...parents, ...entries]);
  return [{ ...written, createdBy: "Software Bill-of-Materials", launch: true, cache: false }];
}
