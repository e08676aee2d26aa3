import { type WrittenArchive, writeArchive } from "./archive.ts";
import type { LayerArchive } from "./exchange.ts";
import { matchPaths } from "./match-path.ts";
import type { Settings } from "./settings.ts";
import { folderEntries, parentEntries, sliceEntries } from "./tar.ts";

/** Writes the layers of the application: one per slice that matches something, then one for the rest. */
export async function exportApp(
  settings: Settings,
  slices: readonly (readonly string[])[],
  log: (line: string) => void,
): Promise<LayerArchive[]> {
  const { appDir, owner } = settings;
  const taken = new Set<string>();
  const archives: LayerArchive[] = [];
  for (const globs of slices) {
    const paths = matchingPaths(appDir, globs, taken);
    if (paths.length === 0) continue;
    const written = await writeWithParents(settings, sliceEntries(appDir, owner, paths));
    archives.push({ ...written, createdBy: "Application Slice", launch: true, cache: false });
    for (const path of paths) taken.add(path);
  }
  const rest = await writeWithParents(settings, folderEntries(appDir, owner, taken));
  archives.push({ ...rest, createdBy: "Application Layer", launch: true, cache: false });
  log(`Adding ${archives.length}/${archives.length} app layer(s)`);
  return archives;
}

function writeWithParents({ appDir, outputDir }: Settings, pieces: Iterable<Buffer>): Promise<WrittenArchive> {
  function* withParents(): Iterable<Buffer> {
    yield* parentEntries(appDir);
    yield* pieces;
  }
  return writeArchive(outputDir, withParents());
}

/** Paths that globs match inside the application, without those below another one or taken by an earlier slice. */
function matchingPaths(appDir: string, globs: readonly string[], taken: ReadonlySet<string>): string[] {
  const relative = globs.flatMap((glob) => {
    if (!glob.startsWith("/")) return [glob];
    return glob.startsWith(`${appDir}/`) ? [glob.slice(appDir.length + 1)] : [];
  });
  const found = new Set(relative.flatMap((glob) => matchPaths(appDir, glob)));
  const isBelow = (path: string, others: ReadonlySet<string>): boolean =>
    path.split("/").some((_, depth, parts) => depth > 0 && others.has(parts.slice(0, depth).join("/")));
  return [...found].filter((path) => !taken.has(path) && !isBelow(path, taken) && !isBelow(path, found)).sort();
}
