import { request } from "undici";
import { buildImageName, requireRuntime } from "../../src/oci/base/runtimes.ts";
import { createDistributionClient, type DistributionClient } from "../../src/oci/distribution/client.ts";
import { pushImage, type PushLayer } from "../../src/oci/distribution/push-image.ts";
import type { ImageConfigFile } from "../../src/oci/image-config.ts";
import { isIndex, parseManifest } from "../../src/oci/manifest.ts";
import { readAtMost } from "../../src/oci/read-at-most.ts";
import { type ImageReference, parseReference } from "../../src/oci/reference.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { RealServer } from "./real-server.ts";

/** Images of a warm server's own with sh, bash, coreutils, curl and node, whose user is not root. */
const BASES = ["google-22-full/nodejs22", "google-22/nodejs22"].map((id) => buildImageName(requireRuntime(id)));

/** A client of the registry that a server serves. */
export function registryClientOf(server: Pick<RealServer, "url">): DistributionClient {
  return createDistributionClient({ fetch: (asked) => send(server.url, asked), clock: systemClock });
}

/** Pushes an image to build steps in, as most builder images are: a shell, usual programs and node, run as root. */
export async function pushStepImage(server: Pick<RealServer, "url">, name: string): Promise<void> {
  await pushNodeImage(registryClientOf(server), name);
}

/** What an image has beside the shell, the usual programs and node. */
export interface NodeImage {
  readonly layers?: readonly PushLayer[];
  readonly config?: ImageConfigFile["config"];
}

/** The same with more layers and another configuration; resolves with its digest. */
export async function pushNodeImage(client: DistributionClient, name: string, more: NodeImage = {}): Promise<string> {
  const base = await firstThere(client);
  const fetched = await client.getManifest(base);
  const manifest = parseManifest(fetched.content, fetched.mediaType);
  if (isIndex(manifest)) throw new TypeError(`${base.repository} is an index`);
  const content = await readAtMost(await client.openBlob(base, manifest.config.digest), 1024 ** 2, "configuration");
  const config = JSON.parse(content.toString("utf8")) as ImageConfigFile;
  const below = manifest.layers.map((descriptor, index) => ({
    descriptor,
    diffId: config.rootfs.diff_ids[index]!,
    mountFrom: base.repository,
  }));
  const { rootfs: _rootfs, ...rest } = config;
  const layers = [...below, ...(more.layers ?? [])];
  const own = { Env: rest.config?.Env ?? [], User: "", ...more.config };
  return (await pushImage(client, [name], { layers, config: { ...rest, config: own } })).digest;
}

async function firstThere(client: DistributionClient): Promise<ImageReference> {
  for (const base of BASES.map(parseReference)) if ((await client.resolve(base)) !== undefined) return base;
  throw new Error(`the server has none of ${BASES.join(", ")}`);
}

/** Reaches the server under the registry's name, whatever that resolves to. */
async function send(url: string, asked: Request): Promise<Response> {
  const target = new URL(asked.url);
  const body = asked.body ? Buffer.from(await asked.arrayBuffer()) : null;
  const answer = await request(`${url}${target.pathname}${target.search}`, {
    method: asked.method as "GET",
    headers: { ...Object.fromEntries(asked.headers), host: target.host },
    body,
  });
  const content = Buffer.from(await answer.body.arrayBuffer());
  const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const isEmpty = asked.method === "HEAD" || answer.statusCode === 204;
  return new Response(isEmpty ? null : content, { status: answer.statusCode, headers });
}
