import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempDisposableSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { createDistributionClient, type DistributionClient } from "../distribution/client.ts";
import { createFileStorage } from "../distribution/file-storage.ts";
import { createRegistryHandler } from "../distribution/handler.ts";
import { createImageCache } from "../image-cache.ts";
import type { UnpackedImage } from "../oci.ts";
import { ensureToolPack } from "../tools/tool-pack.ts";
import { createBaseImages } from "./base-images.ts";
import { readLock } from "./lock.ts";

/** Runs a command in an image as root or as the image's user, without a sandbox: the images are our own. */
function runIn(image: UnpackedImage, folder: string, command: string): string {
  const [upper, work, merged] = ["upper", "work", "merged"].map((name) => join(folder, name));
  for (const path of [upper!, work!, merged!]) mkdirSync(path, { recursive: true });
  const lower = image.layers.toReversed().join(":");
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, merged!]);
  try {
    const args = [`--userspec=${image.config.user}`, merged!, "/bin/sh", "-c", command];
    return execFileSync("chroot", args, { encoding: "utf8", env: { ...image.config.env }, stdio: "pipe" }).trim();
  } finally {
    execFileSync("umount", [merged!]);
  }
}

/** A client of a registry in a folder. */
function registryOf(folder: string): DistributionClient {
  const handler = createRegistryHandler({ storage: createFileStorage({ folder, ids: randomIds }), ids: randomIds });
  const fetch = (request: Request) => handler(request, () => Promise.resolve());
  return createDistributionClient({ fetch, clock: systemClock });
}

// Uses the network, as nothing else here does: signed packages and npm packages as a first deployment fetches them.
test("images composed from packages run node, its package managers and the usual tools", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "compose-"));
  const dataFolder = temp.path;
  const client = registryOf(join(temp.path, "registry"));
  const lines: string[] = [];
  const images = createBaseImages({ dataFolder, client });
  const [run, again, build] = await Promise.all([
    images.ensureRunImage("nodejs22", (line) => lines.push(line)),
    images.ensureRunImage("nodejs22", () => assert.fail("the work is shared")),
    images.ensureBuildImage("nodejs22", (line) => lines.push(line)),
  ]);
  assert.match(run, /^us-central1-docker\.pkg\.dev\/serverless-runtimes\/google-22\/runtimes\/nodejs22@sha256:/);
  assert.equal(again, run);
  assert.equal(lines.filter((line) => line.startsWith("Composing the base layer")).length, 1);
  assert.equal(await images.ensureRunImage("nodejs22", () => assert.fail("nothing is left to do")), run);
  const cache = createImageCache({ dataFolder, client, ids: randomIds });
  const [runImage, buildImage] = [await cache.ensure(run), await cache.ensure(build)];
  assert.deepEqual(buildImage.layers.slice(0, -2), runImage.layers);
  const say = 'node -p \'process.version + " " + process.getuid() + " " + require("os").userInfo().homedir\'';
  assert.match(runIn(runImage, join(temp.path, "a"), say), /^v22\.\d+\.\d+ 33 \/www-data-home$/);
  const tools = runIn(
    runImage,
    join(temp.path, "a"),
    "npm --version && curl --version | head -1 && TZ=Asia/Tokyo date +%Z",
  );
  assert.match(tools, /^10\.\d+\.\d+\ncurl .*OpenSSL.*\nJST$/);
  const openssl =
    "openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt";
  assert.match(runIn(runImage, join(temp.path, "a"), openssl), /: OK$/);
  assert.equal(
    runIn(runImage, join(temp.path, "a"), "test -w /workspace && test -w /tmp && getent services https"),
    "https                 443/tcp",
  );
  assert.match(
    runIn(buildImage, join(temp.path, "b"), "yarn --version && pnpm --version"),
    /^1\.22\.\d+\n10\.\d+\.\d+$/,
  );
  const asked = join(temp.path, "b", "merged", "run", "build-tools");
  assert.throws(() => runIn(buildImage, join(temp.path, "b"), "gcc --version"), /this image has no build tools/);
  assert.ok(!existsSync(asked));
  assert.match(runIn(runImage, join(temp.path, "a"), "cat /usr/local/include/node/node_api.h"), /napi_value/);

  // Another machine, with the same packages at hand.
  const other = join(temp.path, "other");
  mkdirSync(other);
  execFileSync("cp", ["-al", join(dataFolder, "cache"), other]);
  const elsewhere = registryOf(join(other, "registry"));
  const same = await createBaseImages({ dataFolder: other, client: elsewhere }).ensureRunImage("nodejs22", () => {});
  assert.equal(same, run);
  const lock = await readLock(client, run);
  assert.deepEqual(await readLock(elsewhere, same), lock);
  assert.match(lock[0]!.packages.find(({ name }) => name === "libc6")!.purl, /^pkg:deb\/debian\/libc6@2/);
  assert.match(lock[1]!.packages[0]!.hash, /^sha512-/);

  const packages = execFileSync("dpkg-query", ["--admindir", join(runImage.layers[0]!, "var/lib/dpkg"), "-W"], {
    encoding: "utf8",
  });
  assert.match(packages, /^libc6(:\w+)?\t\d/m);

  const pack = await ensureToolPack({ dataFolder, clock: systemClock }, ["crun", "ip", "nft"]);
  assert.match(execFileSync(pack["crun"]!, ["--version"], { encoding: "utf8" }), /^crun version/);
  assert.match(execFileSync(pack["ip"]!, ["-V"], { encoding: "utf8" }), /iproute2/);
  assert.match(execFileSync(pack["nft"]!, ["--version"], { encoding: "utf8" }), /^nftables/);
  const made = statSync(pack["crun"]!).mtimeMs;
  assert.deepEqual(await ensureToolPack({ dataFolder, clock: systemClock }, ["nft", "ip", "crun"]), pack);
  assert.equal(statSync(pack["crun"]!).mtimeMs, made);
});
