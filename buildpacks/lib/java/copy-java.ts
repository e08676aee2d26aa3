import { copyFileSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { BuildContext } from "../context.ts";
import type { JavaInstallation } from "./java-version.ts";

const LAYER = "java";
/** What only compiles, or links with the compiled. */
const NOT_FOR_RUNNING = /^(include|jmods|man|demo|lib\/(ct\.sym|src\.zip))(\/|$)/;
/** Parts of the C library: every image that can run Java has its own. */
const C_LIBRARY = /^(ld-linux.*|linux-vdso.*|lib(c|m|dl|rt|pthread|util|resolv|nsl)\.so\..*)$/;

/**
 * Puts the build image's Java into a layer, for run images that have none, with the shared libraries that it needs. The
 * run image's C library must not be older than the build image's.
 */
export async function copyJava(context: BuildContext, { home, build }: JavaInstallation): Promise<void> {
  const layer = context.layer(LAYER);
  if (layer.previous["version"] === build) {
    context.log(`***** CACHE HIT: "${LAYER}"`);
  } else {
    context.log(`***** CACHE MISS: "${LAYER}"`);
    context.log(`Installing Java v${build}.`);
    layer.clear();
    // On a hit nothing is written: a folder that is there would take the place of the previous image's layer.
    layer.setEnv("launch", "JAVA_HOME", layer.path, { action: "default" });
    copyWithoutLinks(home, layer.path);
    for (const library of await sharedLibraries(context, home)) {
      copyFileSync(realpathSync(library), join(layer.path, "lib", basename(library)));
    }
  }
  layer.save(["launch"], { version: build });
}

/** Debian keeps settings and certificates elsewhere, behind links; some of them lead nowhere in an image without manuals. */
function copyWithoutLinks(from: string, to: string, inner = ""): void {
  const source = join(from, inner);
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats || NOT_FOR_RUNNING.test(inner)) return;
  const target = join(to, inner);
  if (stats.isDirectory()) {
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(source)) copyWithoutLinks(from, to, join(inner, name));
  } else if (stats.isFile()) copyFileSync(source, target);
}

async function sharedLibraries(context: BuildContext, home: string): Promise<string[]> {
  const command = `find ${home}/lib ${home}/bin -type f '(' -name '*.so' -o -perm -u+x ')' -exec ldd {} + 2>/dev/null || true`;
  const { stdout } = await context.exec(["sh", "-c", command], { cwd: "/" });
  const paths = [...stdout.matchAll(/ => (\/\S+)/g)].map(([, path]) => path!);
  return [...new Set(paths)].filter((path) => !C_LIBRARY.test(basename(path)) && !path.startsWith(home)).sort();
}
