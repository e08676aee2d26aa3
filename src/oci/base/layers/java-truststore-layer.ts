import { join } from "node:path";
import { formatJavaTruststore } from "../../../platform/java-truststore.ts";
import { readDeb } from "../../debian/deb.ts";
import { directoryEntry, fileEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { openDebianSource } from "./debian-source.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** The release's certificate authorities in the file that Debian's Java reads, which Debian makes when it installs. */
export interface JavaTruststoreRecipe {
  readonly kind: "java-truststore";
}

const PACKAGE = "ca-certificates";
const CERTIFICATE = /^(\.\/)?usr\/share\/ca-certificates\/.+\.crt$/;
const FOLDER = "etc/ssl/certs/java";

/** Writes the keystore of the authorities that the base layer's bundle has. */
export async function writeJavaTruststoreLayer(
  _recipe: JavaTruststoreRecipe,
  context: LayerContext,
): Promise<NamedLayer> {
  const source = await openDebianSource(context);
  const [file] = await source.fetch(source.resolve([PACKAGE]).filter(({ name }) => name === PACKAGE));
  const store = formatJavaTruststore(await readCertificates(file!));
  const entries = [directoryEntry(FOLDER), fileEntry(`${FOLDER}/cacerts`, store)];
  const layer = await writeLayer(entries, join(context.folder, "cacerts.tar"), "none");
  return { ...layer, title: "Certificate authorities for Java" };
}

async function readCertificates(deb: string): Promise<string> {
  const certificates: [string, string][] = [];
  for await (const { header, content } of readDeb(deb)) {
    if (header.type !== "file" || !CERTIFICATE.test(header.name)) {
      content.resume();
      continue;
    }
    const bytes = Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
    certificates.push([header.name, bytes.toString("utf8")]);
  }
  return certificates
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join("\n");
}
