import { cpSync, globSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { BuildContext } from "../context.ts";
import type { Layer } from "../layer.ts";

const LAYER = "python";
/** Parts of the C library: every image that can run the interpreter has its own. */
const C_LIBRARY = /^(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl)\.so\..*)$/;

/**
 * Puts the build image's Python into a layer, for run images that have none: the interpreter, its library, pip and the
 * shared libraries that they need, all found relative to the program. The run image's C library must not be older than
 * the build image's.
 */
export async function installInterpreter(context: BuildContext, version: string): Promise<void> {
  const layer = context.layer(LAYER);
  if (layer.previous["version"] === version) {
    context.log(`***** CACHE HIT: "${LAYER}"`);
  } else {
    context.log(`***** CACHE MISS: "${LAYER}"`);
    context.log(`Installing Python v${version}.`);
    layer.clear();
    await copyInterpreter(context, layer, version.split(".").slice(0, 2).join("."));
  }
  layer.save(["build", "cache", "launch"], { version });
  context.env["PATH"] = `${layer.path}/bin:${context.env["PATH"] ?? ""}`;
}

async function copyInterpreter(context: BuildContext, { path }: Layer, minor: string): Promise<void> {
  const name = `python${minor}`;
  const bin = join(path, "bin");
  mkdirSync(bin, { recursive: true });
  cpSync(`/usr/bin/${name}`, join(bin, name));
  for (const link of ["python", "python3"]) symlinkSync(name, join(bin, link));
  cpSync(`/usr/lib/${name}`, join(path, "lib", name), { recursive: true, verbatimSymlinks: true });
  const packages = join("local", "lib", name, "dist-packages");
  // uv and other tools of builds are no part of a runtime.
  const kept = globSync("{pip,setuptools,wheel,pkg_resources,_distutils_hack,distutils-precedence}*", {
    cwd: join("/usr", packages),
  });
  for (const entry of kept) cpSync(join("/usr", packages, entry), join(path, packages, entry), { recursive: true });
  const modules = globSync(join(path, "lib", name, "lib-dynload", "*.so"));
  for (const library of await sharedLibraries(context, [join(bin, name), ...modules])) {
    cpSync(realpathSync(library), join(path, "lib", basename(library)));
  }
}

async function sharedLibraries(context: BuildContext, files: readonly string[]): Promise<string[]> {
  const { stdout } = await context.exec(["ldd", ...files]);
  const paths = [...stdout.matchAll(/ => (\/\S+)/g)].map(([, path]) => path!);
  return [...new Set(paths)].filter((path) => !C_LIBRARY.test(basename(path)));
}
