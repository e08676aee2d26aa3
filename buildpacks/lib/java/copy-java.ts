import { cpSync, existsSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";
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
    // Debian keeps settings and certificates elsewhere, behind links.
    const filter = (path: string): boolean => !NOT_FOR_RUNNING.test(relative(home, path)) && existsSync(path);
    cpSync(home, layer.path, { recursive: true, dereference: true, filter });
    for (const library of await sharedLibraries(context, home)) {
      cpSync(realpathSync(library), join(layer.path, "lib", basename(library)));
    }
  }
  layer.setEnv("launch", "JAVA_HOME", layer.path, { action: "default" });
  layer.save(["launch"], { version: build });
}

async function sharedLibraries(context: BuildContext, home: string): Promise<string[]> {
  const command = `find ${home}/lib ${home}/bin -type f '(' -name '*.so' -o -perm -u+x ')' -exec ldd {} + 2>/dev/null || true`;
  const { stdout } = await context.exec(["sh", "-c", command], { cwd: "/" });
  const paths = [...stdout.matchAll(/ => (\/\S+)/g)].map(([, path]) => path!);
  return [...new Set(paths)].filter((path) => !C_LIBRARY.test(basename(path)) && !path.startsWith(home)).sort();
}
