import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { createCleartextMessage, generateKey, sign } from "openpgp";
import { pack, type Header } from "tar-stream";

/** A package to put into an archive made for tests. */
export interface TestPackage {
  readonly name: string;
  readonly version?: string;
  /** Further fields of the index, for example { Depends: "libc6" }. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: readonly (Partial<Header> & { name: string; content?: string })[];
}

/** An archive on a loopback port: what it serves can be changed, and it can be made unreachable. */
export interface TestArchive extends AsyncDisposable {
  readonly uri: string;
  /** Armored public key that the release is signed with. */
  readonly publicKey: string;
  readonly served: Map<string, Buffer>;
  /** Paths asked for, oldest first. */
  readonly requests: string[];
  close(): Promise<void>;
}

const ARCHITECTURE = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];

/** Makes, signs and serves an archive with these packages in suite "test", component "main". */
export async function serveSignedArchive(
  packages: readonly TestPackage[],
  release: { readonly validUntil?: Date } = {},
): Promise<TestArchive> {
  const served = new Map<string, Buffer>();
  const stanzas: string[] = [];
  for (const item of packages) {
    const path = `pool/${item.name}_${item.version ?? "1"}.deb`;
    const deb = await makeDeb(item);
    served.set(`/${path}`, deb);
    stanzas.push(stanzaOf(item, path, deb));
  }
  const index = gzipSync(stanzas.join("\n"));
  const indexPath = `main/binary-${ARCHITECTURE}/Packages.gz`;
  served.set(`/dists/test/${indexPath}`, index);
  const lines = ["Codename: test", ...(release.validUntil ? [`Valid-Until: ${release.validUntil.toUTCString()}`] : [])];
  const text = [...lines, "SHA256:", ` ${sha256(index)} ${index.byteLength} ${indexPath}`, ""].join("\n");
  const key = await generateKey({ userIDs: [{ name: "Test" }], format: "object" });
  const message = await createCleartextMessage({ text });
  served.set("/dists/test/InRelease", Buffer.from(await sign({ message, signingKeys: key.privateKey })));
  return serve(served, key.publicKey.armor());
}

/** A .deb with these files; its control member is empty, because nothing reads it. */
export async function makeDeb({ files = [] }: Pick<TestPackage, "files">): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of files) archive.entry({ mtime: new Date(0), ...header }, content ?? "");
  archive.finalize();
  const tar = Buffer.concat(await Array.fromAsync(archive as unknown as AsyncIterable<Buffer>));
  const member = (name: string, content: Buffer): Buffer[] => [
    Buffer.from(`${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`),
    Buffer.from(`${String(content.byteLength).padEnd(10)}\`\n`),
    content,
    Buffer.alloc(content.byteLength % 2, "\n"),
  ];
  const parts = [
    ...member("debian-binary", Buffer.from("2.0\n")),
    ...member("control.tar.gz", Buffer.from("odd")),
    ...member("data.tar.zst", zstdCompressSync(tar)),
  ];
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

function stanzaOf(item: TestPackage, path: string, deb: Buffer): string {
  const fields = {
    Package: item.name,
    Version: item.version ?? "1",
    Architecture: "all",
    ...item.fields,
    Filename: path,
    Size: deb.byteLength,
    SHA256: sha256(deb),
  };
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n")}\n`;
}

async function serve(served: Map<string, Buffer>, publicKey: string): Promise<TestArchive> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const content = served.get(request.url ?? "");
    response.writeHead(content ? 200 : 404).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { uri, publicKey, served, requests, close, [Symbol.asyncDispose]: close };
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
