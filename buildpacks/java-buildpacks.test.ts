import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { ZipFile } from "yazl";
import { isPinned, parseDependencyList } from "./java-functions-framework/dependencies.ts";
import { createBuildContext } from "./lib/context.ts";
import { executableJar, hasClass, mainClassOf, manifestValue } from "./lib/java/jar.ts";
import { settleZipTimes } from "./lib/java/zip.ts";
import type { Program } from "./lib/program.ts";

const CLEAR = { GOOGLE_CLEAR_SOURCE: "true" };
const detections: readonly [buildpack: string, files: string[], env: Record<string, string>, reason: string][] = [
  ["runtime", ["pom.xml"], {}, "Opting in: found pom.xml"],
  ["runtime", ["a.jar"], {}, "Opting in: found .jar files"],
  ["runtime", ["A.java"], {}, "Opting in: found .java files"],
  ["runtime", [], { GOOGLE_RUNTIME: "java21" }, 'Opting in: GOOGLE_RUNTIME matches "java"'],
  ["runtime", ["pom.xml"], { GOOGLE_RUNTIME: "go126" }, 'Opting out: GOOGLE_RUNTIME does not match to "java"'],
  ["maven", ["pom.xml"], {}, "Opting in: found pom.xml"],
  ["maven", ["app/pom.xml"], { GOOGLE_BUILDABLE: "app" }, "Opting in: found pom.xml"],
  ["maven", [".mvn/extensions.xml"], {}, "Opting in: found .mvn/extensions.xml"],
  ["maven", ["app/pom.xml"], {}, "Opting out: none of the following found: pom.xml or .mvn/extensions.xml."],
  ["gradle", ["build.gradle.kts"], {}, "Opting in: found build.gradle.kts"],
  ["functions-framework", [], {}, "Opting out: GOOGLE_FUNCTION_TARGET not set"],
  ["functions-framework", [], { GOOGLE_FUNCTION_TARGET: "a.B" }, 'Opting in: GOOGLE_FUNCTION_TARGET set to "a.B"'],
  ["exploded-jar", ["META-INF/MANIFEST.MF"], {}, "Opting in: found META-INF/MANIFEST.MF"],
  ["exploded-jar", [], {}, "Opting out: META-INF/MANIFEST.MF not found"],
  ["entrypoint", [], {}, "Opting in: always enabled"],
  ["clear-source", ["pom.xml"], {}, "Opting out: GOOGLE_CLEAR_SOURCE not set"],
  ["clear-source", ["pom.xml"], CLEAR, "Opting in: found pom.xml"],
];

for (const [buildpack, files, env, reason] of detections) {
  test(`java-${buildpack} and [${files.join(", ")}] ${JSON.stringify(env)}`, async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
    for (const name of files) write(join(temp.path, name), "");
    const { run } = (await import(`./java-${buildpack}/buildpack.ts`)) as { run: Program };
    const log: string[] = [];
    const status = await run("detect", { env, cwd: temp.path, write: (output) => void log.push(output.toString()) });
    const last = log.join("").trim().split("\n").at(-1);
    assert.deepEqual([status, last], [reason.startsWith("Opting in") ? 0 : 100, reason]);
  });
}

test("the executable jar is the one with a main class, in the first folder that has any", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
  const path = (name: string): string => join(temp.path, name);
  const find = (env: Record<string, string> = {}): string => executableJar(contextIn(temp.path, env));
  assert.throws(() => find(), /did not find any jar files with a Main-Class manifest entry/);
  const main = { "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nMain-Class: a.Main\r\n" };
  write(path("target/plain.jar"), await zip({ "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n" }));
  write(path("target/broken.jar"), "no zip");
  write(path("root.jar"), await zip(main));
  assert.equal(find(), path("root.jar"));
  write(path("app/build/libs/app.jar"), await zip(main));
  assert.equal(find(), path("app/build/libs/app.jar"));
  write(path("module/target/module.jar"), await zip(main));
  assert.equal(find({ GOOGLE_BUILDABLE: "module" }), path("module/target/module.jar"));
  for (const name of ["a", "b"]) write(path(`target/${name}.jar`), await zip(main));
  assert.throws(() => find(), /found more than one jar with a Main-Class manifest entry in \[target\]/);
});

test("manifests are read over folded lines, and nested classes are found by dots", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
  const jar = join(temp.path, "x.jar");
  const manifest = "Main-Class: com.example.Ma\r\n in\r\nImplementation-Version: 1.2\r\n";
  write(jar, await zip({ "META-INF/MANIFEST.MF": manifest, "a/Outer$Inner.class": "x" }));
  assert.equal(manifestValue(jar, "Implementation-Version"), "1.2");
  assert.equal(mainClassOf(manifest), "com.example.Main");
  assert.throws(() => mainClassOf("X: y"), /no Main-Class manifest entry found in the manifest/);
  assert.deepEqual([hasClass(jar, "a.Outer.Inner"), hasClass(jar, "a.Outer")], [true, false]);
});

test("jars that were packed at different times have the same bytes afterwards", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
  const jars = [new Date(2020, 1, 1), new Date(2026, 2, 3)].map(async (mtime, index) => {
    const jar = join(temp.path, `${index}.jar`);
    write(jar, await zip({ "a.txt": "content", "META-INF/MANIFEST.MF": "Main-Class: a.B\n" }, mtime));
    settleZipTimes(jar);
    assert.equal(manifestValue(jar, "Main-Class"), "a.B");
    return readFileSync(jar);
  });
  const [first, second] = await Promise.all(jars);
  assert.deepEqual(first, second);
});

test("Maven's list of dependencies is read in all its forms", () => {
  const list = `
The following files have been resolved:
   com.google.code.gson:gson:jar:2.13.2:compile:/cache/gson-2.13.2.jar -- module com.google.gson
   io.netty:netty:jar:linux-x86_64:4.1:runtime:/cache/netty-4.1-linux-x86_64.jar (optional) -- module io.netty (auto)
   a:b:jar:1-SNAPSHOT:provided:/cache/b-1-SNAPSHOT.jar (optional)\u0020
   none
`;
  const dependencies = parseDependencyList(list);
  assert.deepEqual(
    dependencies.map(({ artifactId, classifier, version, scope, file }) => [
      artifactId,
      classifier,
      version,
      scope,
      file,
    ]),
    [
      ["gson", undefined, "2.13.2", "compile", "/cache/gson-2.13.2.jar"],
      ["netty", "linux-x86_64", "4.1", "runtime", "/cache/netty-4.1-linux-x86_64.jar"],
      ["b", undefined, "1-SNAPSHOT", "provided", "/cache/b-1-SNAPSHOT.jar"],
    ],
  );
  assert.equal(isPinned({ appDir: "/workspace" }, [{ ...dependencies[0]!, file: import.meta.filename }]), true);
  assert.equal(isPinned({ appDir: "/workspace" }, [{ ...dependencies[2]!, file: import.meta.filename }]), false);
  assert.equal(isPinned({ appDir: import.meta.dirname }, [{ ...dependencies[0]!, file: import.meta.filename }]), false);
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function zip(files: Readonly<Record<string, string>>, mtime = new Date(0)): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), name, { mtime });
  archive.end();
  return buffer(archive.outputStream);
}

function contextIn(appDir: string, env: Record<string, string>) {
  const place = { appDir, env, layersDir: join(appDir, "layers"), buildpackDir: "/none" };
  return createBuildContext({ ...place, buildpackId: "test", buildpackVersion: "1", write: () => {} }).context;
}
