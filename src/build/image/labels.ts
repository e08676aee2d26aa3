import type { BuiltLayerRecord, LayerRecord, LifecycleResult } from "../lifecycle/exchange.ts";

/** The run image a built image stands on. */
export interface RunImage {
  /** The name it was asked for by. */
  readonly image: string;
  /** Digest reference. */
  readonly reference: string;
  /** Diff id of its topmost layer. */
  readonly topLayer: string;
  readonly mirrors?: readonly string[];
  /** False when it says that what stands on it must not be put onto another one. */
  readonly isRebasable: boolean;
}

const LAUNCHER_VERSION = "0.1.0";

/** The labels of an image built with buildpacks (platform.md, "Labels"); those of buildpacks first, ours over them. */
export function imageLabels(result: LifecycleResult, runImage: RunImage): Record<string, string> {
  const own = {
    "io.buildpacks.build.metadata": buildMetadata(result),
    "io.buildpacks.lifecycle.metadata": lifecycleMetadata(result, runImage),
    "io.buildpacks.project.metadata": {},
    "io.buildpacks.rebasable": runImage.isRebasable,
  };
  return {
    ...Object.fromEntries(result.labels.map(({ key, value }) => [key, value])),
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, JSON.stringify(value)])),
  };
}

function buildMetadata({ processes, group }: LifecycleResult): object {
  return {
    processes,
    buildpacks: group,
    launcher: { version: LAUNCHER_VERSION },
  };
}

function lifecycleMetadata({ app, sbom, config, launcher, buildpacks }: LifecycleResult, runImage: RunImage): object {
  return {
    app: app.map((sha) => ({ sha })),
    ...(sbom === undefined ? {} : { sbom: { sha: sbom } }),
    config: { sha: config },
    launcher: { sha: launcher },
    buildpacks: buildpacks.map(({ key, version, layers, store }) => ({
      key,
      version,
      layers: Object.fromEntries(launchLayers(layers)),
      ...(store ? { store: { metadata: store } } : {}),
    })),
    runImage: {
      image: runImage.image,
      ...(runImage.mirrors ? { mirrors: runImage.mirrors } : {}),
      topLayer: runImage.topLayer,
      reference: runImage.reference,
    },
  };
}

function launchLayers(layers: Readonly<Record<string, BuiltLayerRecord>>): [string, LayerRecord][] {
  return Object.entries(layers)
    .filter(([, { launch }]) => launch)
    .map(([name, { sha, data, build, launch, cache }]) => [name, { sha, data, build, launch, cache }]);
}

/** Labels in the one order that they are written in, wherever they come from. */
export function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
