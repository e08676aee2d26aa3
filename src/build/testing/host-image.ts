import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import { pushImage } from "../../oci/distribution/push-image.ts";
import { fileEntry } from "../../oci/layers/layer-entry.ts";
import { writeLayer } from "../../oci/layers/write-layer.ts";
import type { ImageCache, UnpackedImage } from "../../oci/oci.ts";
import type { BuilderImages } from "./bench-parts.ts";

const USER = "33";
const RUN_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/test/run";

/** Images that need no download: the machine's own programs are mounted into their sandboxes. */
export async function hostImages(
  client: DistributionClient,
  cache: ImageCache,
  folder: string,
): Promise<BuilderImages> {
  const build = makeHostImage(join(folder, "host-image"));
  const run = await pushRunImage(client, folder);
  return {
    images: {
      ensure: (reference, signal) => (reference === "host" ? Promise.resolve(build) : cache.ensure(reference, signal)),
    },
    baseImages: {
      ensureRunImage: () => Promise.resolve(run),
      ensureBuildImage: () => Promise.resolve("host"),
      ensureToolImage: (id) => Promise.reject(new Error(`${id} needs composed images`)),
    },
    mounts: ["/usr", "/etc/ssl"].map((path) => ({ source: path, destination: path, readOnly: true })),
    below: build.layers,
  };
}

/** A root file system into which the host's /usr is mounted. */
function makeHostImage(folder: string): UnpackedImage {
  for (const name of ["proc", "dev", "sys", "tmp", "etc/ssl", "usr"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  chmodSync(join(folder, "tmp"), 0o1777);
  writeFileSync(join(folder, "etc", "passwd"), `root:x:0:0::/root:/bin/sh\nwww-data:x:${USER}:${USER}::/:/bin/sh\n`);
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", CNB_USER_ID: USER, CNB_GROUP_ID: USER };
  const config = { env, entrypoint: [], cmd: [], workingDir: "/", user: USER, labels: {}, diffIds: [] };
  return { digest: "", config, layers: [folder] };
}

async function pushRunImage(client: DistributionClient, folder: string): Promise<string> {
  const layer = await writeLayer([fileEntry("etc/base", "run image")], join(folder, "run.tar.gz"));
  const { digest } = await pushImage(client, [`${RUN_IMAGE}:latest`], {
    layers: [{ descriptor: layer.descriptor, diffId: layer.diffId, source: { file: layer.file } }],
    config: { architecture: "amd64", os: "linux", config: { User: USER, Env: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"] } },
  });
  return `${RUN_IMAGE}@${digest}`;
}
