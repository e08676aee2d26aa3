import { opendir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** More than this is not looked through; it may use anything. */
const MAX_FILES = 500;
const MAX_FILE_BYTES = 512 * 1024;
/** Dependencies that come with the source: nobody says what they call. */
const VENDORED = new Set(["node_modules", "vendor", "site-packages", ".venv", "venv", "__pypackages__"]);
/** Folders and files that are never part of what runs, and locks of dependencies that a manifest names. */
const PASSED_OVER =
  /^(\.git|\.github|\.gitignore|\.gcloudignore|LICENSE|.*\.(md|png|jpe?g|gif|svg|ico|css)|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum)$/;
const COMPILED = /\.(so(\.\d+)*|node|jar|war|class|whl|egg|dll|exe|a|o|wasm|phar|gem)$/;
/** Words of a program that starts others, loads native libraries or looks into folders of the system. */
const REACHES_OUT =
  /child_process|exec|spawn|fork|popen|system|subprocess|pty|ctypes|cffi|dlopen|loadlibrary|processbuilder|getruntime|import\s+"C"|puppeteer|playwright|\/(usr|bin|sbin|opt|etc|var|lib)\b/i;
/** Manifests in which dependencies are told from one another here; any other one may bring anything. */
const MANIFESTS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  "package.json": npmDependencies,
  "requirements.txt": pipDependencies,
  "go.mod": goDependencies,
  "pom.xml": mavenDependencies,
};
const OTHER_MANIFEST =
  /^(pyproject\.toml|Pipfile|setup\.(py|cfg)|poetry\.lock|uv\.lock|Gemfile|composer\.json|.*\.(csproj|fsproj|vbproj)|build\.gradle(\.kts)?|environment\.ya?ml|Procfile|project\.toml)$/;
/** Frameworks and clients of APIs: they compute and speak over the network, and call no program of the system. */
const KNOWN: readonly RegExp[] = [
  /^@google-cloud\/(functions-framework|pubsub|storage|firestore|datastore|tasks|secret-manager|logging|eventarc)/,
  /^(@types\/.+|typescript|cloudevents|express|@google\/events|google-auth-library)$/,
  /^(functions-framework|flask|requests|google-events|google-auth|google-cloud-[\w-]+)$/,
  /^(github\.com\/GoogleCloudPlatform\/functions-framework-go|github\.com\/cloudevents\/sdk-go.*)$/,
  /^(cloud\.google\.com\/go.*|google\.golang\.org\/.+|github\.com\/googleapis\/google-cloudevents-go)$/,
  /^(com\.google\.cloud\.functions|com\.google\.cloud|io\.cloudevents|com\.google\.code\.gson)$/,
];

/**
 * Whether an application may call programs of the system or load its libraries. False only when its source says that it
 * cannot: nothing in it starts a program or names a folder of the system, and all it depends on is known to do neither.
 */
export async function mayUseSystemPackages(sourceFolder: string): Promise<boolean> {
  let files = 0;
  for await (const path of filesBelow(sourceFolder, "")) {
    if (path === undefined || ++files > MAX_FILES) return true;
    if (await reachesOut(join(sourceFolder, path), path.slice(path.lastIndexOf("/") + 1))) return true;
  }
  return false;
}

async function reachesOut(path: string, name: string): Promise<boolean> {
  if (COMPILED.test(name) || OTHER_MANIFEST.test(name) || (await stat(path)).size > MAX_FILE_BYTES) return true;
  const text = (await readFile(path)).toString("utf8");
  const dependenciesOf = Object.hasOwn(MANIFESTS, name) ? MANIFESTS[name] : undefined;
  if (!dependenciesOf) return REACHES_OUT.test(text);
  return dependenciesOf(text).some((dependency) => !KNOWN.some((known) => known.test(dependency)));
}

/** Paths of the files; undefined for a folder or link that may hold anything. */
async function* filesBelow(root: string, inner: string): AsyncIterable<string | undefined> {
  for await (const entry of await opendir(join(root, inner))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (PASSED_OVER.test(entry.name)) continue;
    if (entry.isDirectory() && !VENDORED.has(entry.name)) yield* filesBelow(root, path);
    else yield entry.isFile() ? path : undefined;
  }
}

function npmDependencies(text: string): string[] {
  try {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text) as Record<string, object | undefined>;
    return Object.keys({ ...dependencies, ...optionalDependencies });
  } catch {
    return ["unreadable"];
  }
}

function pipDependencies(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  return lines.filter(Boolean).map((line) => /^[\w.-]+/.exec(line)?.[0].toLowerCase().replaceAll(/[_.]/g, "-") ?? line);
}

function goDependencies(text: string): string[] {
  const direct = text.split("\n").filter((line) => /\sv\d\S*/.test(line) && !line.includes("// indirect"));
  const replaced = /^\s*replace\b/m.test(text) ? ["replaced"] : [];
  return [
    ...direct.map(
      (line) =>
        line
          .replace(/^\s*require\s+/, "")
          .trim()
          .split(/\s+/)[0]!,
    ),
    ...replaced,
  ];
}

function mavenDependencies(text: string): string[] {
  const blocks = [...text.matchAll(/<dependency>(.*?)<\/dependency>/gs)].map(([, block = ""]) => block);
  return blocks.map((block) => /<groupId>\s*([^<\s]*)/.exec(block)?.[1] ?? "");
}
