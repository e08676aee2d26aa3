import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";

export interface HostileImage {
  /** Tar archives, compressed or not, or anything else that is to be served as a layer. */
  readonly layers: readonly Buffer[];
  /** Of the uncompressed layers; by default those of the layers as they are. */
  readonly diffIds?: readonly string[];
  /** Fields of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
}

/** A registry that serves whatever it was given, well-formed or not. Disposing closes it. */
export interface HostileRegistry extends AsyncDisposable {
  /** "127.0.0.1:PORT" */
  readonly host: string;
  /** Stores bytes as a blob of that digest, which need not be theirs. */
  blob(content: Buffer, digest?: string): { digest: string; size: number };
  /** Is without that blob or manifest from now on. */
  forget(digest: string): void;
  /** Stores a manifest under a tag and its digest; resolves to the reference by tag. */
  manifest(tag: string, content: Buffer | object, mediaType?: string): string;
  /** Digests of the layers of the image stored under a tag. */
  layersOf(tag: string): readonly string[];
  /** Stores an image with its blobs under a tag, and returns its reference and descriptor. */
  image(tag: string, image: HostileImage): { reference: string; descriptor: { digest: string; size: number } };
}

/** A registry on a free port of the loopback interface, without TLS. */
export async function startHostileRegistry(): Promise<HostileRegistry> {
  const contents = new Map<string, { content: Buffer; mediaType: string; digest: string }>();
  const server = createServer((request, response) => answer(contents, request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const blob: HostileRegistry["blob"] = (content, digest = digestOf(content)) => {
    contents.set(digest, { content, mediaType: "application/octet-stream", digest });
    return { digest, size: content.byteLength };
  };
  const manifest: HostileRegistry["manifest"] = (tag, given, mediaType = mediaTypes.manifest) => {
    const content = Buffer.isBuffer(given) ? given : Buffer.from(JSON.stringify(given));
    const digest = digestOf(content);
    for (const name of [tag, digest]) contents.set(name, { content, mediaType, digest });
    return `${host}/hostile/image:${tag}`;
  };
  return {
    host,
    blob,
    manifest,
    layersOf: (tag) =>
      (JSON.parse(contents.get(tag)!.content.toString()) as { layers: { digest: string }[] }).layers.map(
        ({ digest }) => digest,
      ),
    forget: (digest) => void contents.delete(digest),
    image(tag, { layers, diffIds = layers.map((layer) => digestOf(layer)), config = {}, architecture = "amd64" }) {
      const file = { architecture, os: "linux", config, rootfs: { type: "layers", diff_ids: diffIds } };
      const document = {
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: { mediaType: mediaTypes.config, ...blob(Buffer.from(JSON.stringify(file))) },
        layers: layers.map((layer) => ({ mediaType: mediaTypes.layerGzip, ...blob(layer) })),
      };
      const content = Buffer.from(JSON.stringify(document));
      const reference = manifest(tag, content);
      return { reference, descriptor: { digest: digestOf(content), size: content.byteLength } };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Contents = ReadonlyMap<string, { content: Buffer; mediaType: string; digest: string }>;

function answer(contents: Contents, request: IncomingMessage, response: ServerResponse): void {
  const found = contents.get(request.url?.split("/").at(-1) ?? "");
  if (found === undefined) return void response.writeHead(404).end();
  const { content, mediaType, digest } = found;
  const headers = { "content-type": mediaType, "docker-content-digest": digest, "content-length": content.byteLength };
  response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : content);
}
