import { globSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a language's source is known by, and the runtime that builds it when none is asked for. */
interface Language {
  readonly runtime: string;
  /** Patterns of files in the application's folder. */
  readonly files: readonly string[];
  /** The end of names of files that may lie in any folder. */
  readonly anywhere?: string;
}

/**
 * The order in which Google's builder tries languages, and what the runtime buildpack of each looks for.
 * Google: buildpacks, builders/gcp/base, and cmd/LANGUAGE/runtime.
 */
const LANGUAGES: readonly Language[] = [
  { runtime: "go126", files: [], anywhere: ".go" },
  {
    runtime: "java21",
    files: ["pom.xml", ".mvn/extensions.xml", "{build,settings}.gradle{,.kts}", "META-INF/MANIFEST.MF", "*.{java,jar}"],
  },
  { runtime: "nodejs22", files: ["package.json", "*.js", "*.ts"] },
  { runtime: "python313", files: ["requirements.txt", "pyproject.toml"], anywhere: ".py" },
];
/** What builds a source of no language that is known: nothing, as its detection will say. */
const ANY = "nodejs22";

/** The runtime id for a source whose build names neither a runtime nor a run image. */
export function runtimeOfSource(folder: string): string {
  const language = LANGUAGES.find(
    ({ files, anywhere }) =>
      globSync([...files], { cwd: folder }).length > 0 || (anywhere !== undefined && hasFile(folder, anywhere)),
  );
  return language?.runtime ?? ANY;
}

function hasFile(folder: string, end: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name.endsWith(end))) return true;
  return entries.some(
    (entry) => entry.isDirectory() && entry.name !== "node_modules" && hasFile(join(folder, entry.name), end),
  );
}
