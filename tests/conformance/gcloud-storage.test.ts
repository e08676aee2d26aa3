import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { artifactregistry } from "../../src/services/artifactregistry/module.ts";
import { storage } from "../../src/services/storage/module.ts";
import { bootApi } from "../support/boot-api.ts";
import { gcloudIsHere } from "../support/gcloud.ts";

const run = promisify(execFile);

/** The unmodified gcloud and gsutil, whose https requests go through the server as a proxy. */
async function boot() {
  const api = await bootApi((deps) => [artifactregistry(deps), storage({ ...deps, publicKeysOf: async () => [] })]);
  const folder = mkdtempDisposableSync(join(tmpdir(), "homerun-gcloud-storage-"));
  const caFile = join(api.dataDir, "tls", "ca.pem");
  const env = {
    ...process.env,
    HTTPS_PROXY: api.url,
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
    CLOUDSDK_CORE_PROJECT: "demo",
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CONFIG: join(folder.path, "config"),
  };
  const exec = async (program: string, args: readonly string[]) =>
    (await run(program, args, { env, cwd: folder.path, maxBuffer: 2 ** 24 })).stdout;
  return {
    folder: folder.path,
    gcloud: (...args: string[]) => exec("gcloud", args),
    gsutil: (...args: string[]) => exec("gsutil", args),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}

/** Above 8 MiB, gcloud and gsutil upload resumably. */
const BIG = randomBytes(9_000_000);

async function storageScenario(): Promise<void> {
  await using tools = await boot();
  const { gcloud, gsutil, folder } = tools;
  const path = (name: string) => join(folder, name);
  writeFileSync(path("small.txt"), "hello");
  writeFileSync(path("big.bin"), BIG);
  await gcloud("storage", "buckets", "create", "gs://things", "--location=us-central1");
  await gcloud("storage", "cp", path("small.txt"), path("big.bin"), "gs://things/dir/");
  assert.equal(await gcloud("storage", "cat", "gs://things/dir/small.txt"), "hello");
  await gcloud("storage", "cp", "gs://things/dir/big.bin", path("back.bin"));
  assert.ok(readFileSync(path("back.bin")).equals(BIG));
  assert.equal(await gcloud("storage", "ls", "gs://things"), "gs://things/dir/\n");

  await gsutil("cp", "gs://things/dir/big.bin", path("again.bin"));
  assert.ok(readFileSync(path("again.bin")).equals(BIG));
  await gsutil("cp", path("big.bin"), "gs://things/more.bin");
  assert.match(await gsutil("ls", "-l", "gs://things/more.bin"), /^ +9000000 .* gs:\/\/things\/more\.bin$/m);
  await gcloud("storage", "rm", "--recursive", "gs://things");
  assert.equal(await gcloud("storage", "buckets", "list"), "");
}

async function artifactsScenario(): Promise<void> {
  await using tools = await boot();
  const { gcloud } = tools;
  const place = ["--location=us-central1"];
  await gcloud("artifacts", "repositories", "create", "images", "--repository-format=docker", ...place);
  const described = await gcloud(
    "artifacts",
    "repositories",
    "describe",
    "images",
    "--format=value(registryUri)",
    ...place,
  );
  assert.equal(described.trim(), "us-central1-docker.pkg.dev/demo/images");
  assert.equal(await gcloud("artifacts", "docker", "images", "list", "us-central1-docker.pkg.dev/demo/images"), "");
  await gcloud("artifacts", "repositories", "delete", "images", ...place);
}

if (gcloudIsHere()) {
  test("gcloud storage and gsutil move files in and out, resumably when they are large", storageScenario);
  test("gcloud artifacts manages repositories", artifactsScenario);
} else console.warn("NOT RUN: gcloud storage, gsutil, gcloud artifacts; gcloud is not on the PATH");
