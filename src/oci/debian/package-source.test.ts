import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import type { Archive } from "./archive.ts";
import { createDownloads, fetchOverHttp } from "./downloads.ts";
import { openPackageSource, type PackageSource } from "./package-source.ts";
import { SignatureError } from "./release.ts";
import { UnresolvableError } from "./resolve.ts";
import { serveSignedArchive, type TestArchive } from "./testing/signed-archive.ts";

function workplace() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "archive-"));
  const lines: string[] = [];
  const open = (archives: readonly TestArchive[], keys: readonly TestArchive[] = archives): Promise<PackageSource> => {
    const keyrings = keys.map(({ publicKey }, index) => {
      writeFileSync(join(temp.path, `key-${index}.asc`), publicKey);
      return join(temp.path, `key-${index}.asc`);
    });
    const suites = archives.map(({ uri }) => ({ uri, suite: "test", components: ["main"] }));
    const archive: Archive = { distribution: "test", codename: "test", suites, keyrings };
    const downloads = createDownloads(fetchOverHttp);
    const deps = { cacheFolder: join(temp.path, "cache"), downloads, clock: systemClock };
    return openPackageSource({ ...deps, onProgress: (line) => lines.push(line) }, archive);
  };
  return { open, lines, [Symbol.dispose]: () => temp.remove() };
}

const PACKAGES = [
  { name: "app", fields: { Depends: "lib (>= 2), shell | other, debconf | debconf-2.0", "Pre-Depends": "mail-agent" } },
  { name: "lib", version: "1" },
  { name: "lib", version: "2.0-1", fields: { Provides: "lib-abi (= 3)" } },
  { name: "shell", fields: { Depends: "app, lib-abi (>= 3)" } },
  { name: "zmail", fields: { Provides: "mail-agent", Priority: "optional" } },
  { name: "xmail", fields: { Provides: "mail-agent", Priority: "important" } },
  { name: "needy", fields: { Depends: "lib (>= 3)" } },
];

test("dependencies are resolved to the newest versions, with alternatives, providers and cycles", async () => {
  await using archive = await serveSignedArchive(PACKAGES);
  using place = workplace();
  const source = await place.open([archive]);
  const found = source.resolve(["app"], new Set(["debconf"]));
  assert.deepEqual(
    found.map(({ name, version }) => `${name} ${version}`),
    ["app 1", "lib 2.0-1", "shell 1", "xmail 1"],
  );
  assert.throws(() => source.resolve(["app"]), new UnresolvableError("no package for debconf | debconf-2.0"));
  assert.throws(() => source.resolve(["needy"]), /no package for lib \(>= 3\)/);
});

test("of several suites the one with the newer version wins", async () => {
  await using archive = await serveSignedArchive([{ name: "app", version: "1.0-1" }]);
  await using security = await serveSignedArchive([{ name: "app", version: "1.0-1+deb13u1" }]);
  using place = workplace();
  const [app] = (await place.open([archive, security])).resolve(["app"]);
  assert.equal(app!.version, "1.0-1+deb13u1");
  assert.ok(app!.url.startsWith(security.uri));
});

test("packages are fetched once, and only if their hash is right", async () => {
  await using archive = await serveSignedArchive([{ name: "app" }, { name: "bad" }]);
  using place = workplace();
  const source = await place.open([archive]);
  const app = source.resolve(["app"]);
  const [file] = await source.fetch(app);
  assert.deepEqual(readFileSync(file!), archive.served.get("/pool/app_1.deb"));
  await source.fetch(app);
  assert.equal(archive.requests.filter((path) => path === "/pool/app_1.deb").length, 1);
  archive.served.set("/pool/bad_1.deb", Buffer.from("something else"));
  await assert.rejects(source.fetch(source.resolve(["bad"])), /has SHA-256/);
});

test("a release is refused when it is unsigned, signed by a stranger, altered or out of date", async () => {
  await using archive = await serveSignedArchive(PACKAGES);
  await using stranger = await serveSignedArchive(PACKAGES);
  await using old = await serveSignedArchive(PACKAGES, { validUntil: new Date("2020-01-01") });
  using place = workplace();
  await assert.rejects(place.open([archive], [stranger]), SignatureError);
  await assert.rejects(place.open([old]), /no longer valid/);
  const release = archive.served.get("/dists/test/InRelease")!.toString();
  archive.served.set("/dists/test/InRelease", Buffer.from(release.replace("Codename: test", "Codename: evil")));
  await assert.rejects(place.open([archive]), SignatureError);
  archive.served.set("/dists/test/InRelease", Buffer.from("Codename: test\n"));
  await assert.rejects(place.open([archive]));
});

test("an index that is not what the release says is refused", async () => {
  await using archive = await serveSignedArchive(PACKAGES);
  using place = workplace();
  const path = [...archive.served.keys()].find((name) => name.endsWith("Packages.gz"))!;
  archive.served.set(path, Buffer.from("other"));
  await assert.rejects(place.open([archive]), /has SHA-256/);
});

test("without the mirror, what was fetched before still serves", async () => {
  const archive = await serveSignedArchive(PACKAGES);
  using place = workplace();
  const before = await place.open([archive]);
  const files = await before.fetch(before.resolve(["lib"]));
  await archive.close();
  const after = await place.open([archive]);
  assert.deepEqual(await after.fetch(after.resolve(["lib"])), files);
  assert.match(place.lines.at(-1)!, /cannot be reached/);
});
