import { join } from "node:path";
import { stringify } from "smol-toml";
import { writeArchive } from "./archive.ts";
import type { BuiltBuildpack } from "./build.ts";
import type { BuildpackRecord, LayerArchive } from "./exchange.ts";
import type { LaunchEnvironment } from "./launch-environment.ts";
import { type LaunchPlan, processRecord } from "./launch-metadata.ts";
import { formatLauncher } from "./launcher.ts";
import type { Settings } from "./settings.ts";
import { fileEntry, parentEntries, tarHeader } from "./tar.ts";

const ROOT = { mode: 0o755, owner: { uid: 0, gid: 0 }, type: "directory" } as const;

/** One layer with the launcher, a link to it per process type, and the metadata about processes and buildpacks. */
export async function exportLauncher(
  settings: Settings,
  built: readonly BuiltBuildpack[],
  records: readonly BuildpackRecord[],
  plan: LaunchPlan,
  log: (line: string) => void,
): Promise<LayerArchive> {
  const environments = records.map(({ layers }) =>
    Object.values(layers).flatMap(({ launchEnvironment }): LaunchEnvironment[] =>
      launchEnvironment ? [launchEnvironment] : [],
    ),
  );
  const launcher = formatLauncher(plan.processes, environments, settings.appDir);
  const metadataPath = join(settings.layersDir, "config", "metadata.toml");
  function* pieces(): Iterable<Buffer> {
    for (const path of ["cnb", "cnb/lifecycle"]) yield tarHeader({ ...ROOT, path });
    yield* fileEntry("/cnb/lifecycle/launcher", launcher, 0o755);
    yield tarHeader({ ...ROOT, path: "cnb/process" });
    for (const { type } of plan.processes) {
      const link = { ...ROOT, type: "symlink", mode: 0o777, target: "/cnb/lifecycle/launcher" } as const;
      yield tarHeader({ ...link, path: `cnb/process/${type}` });
    }
    yield* parentEntries(metadataPath);
    yield* fileEntry(metadataPath, formatMetadata(built, plan));
  }
  log("Adding layer 'buildpacksio/lifecycle:launcher'");
  const written = await writeArchive(settings.outputDir, pieces());
  return { ...written, createdBy: "Application Launcher", launch: true, cache: false };
}

/** platform.md, "metadata.toml". */
function formatMetadata(built: readonly BuiltBuildpack[], { processes, defaultProcess, slices }: LaunchPlan): string {
  return stringify({
    ...(defaultProcess === undefined ? {} : { "buildpack-default-process-type": defaultProcess }),
    buildpacks: built.map(({ element }) => ({
      id: element.id,
      version: element.version,
      api: element.buildpack.api,
      optional: element.optional,
    })),
    processes: processes.map(processRecord),
    slices: slices.map((paths) => ({ paths })),
  });
}
