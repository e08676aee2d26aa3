import { createHash } from "node:crypto";
import type { Component } from "./component.ts";

/** The image that a document is about. */
export interface DescribedImage {
  /** Without tag, for example us-central1-docker.pkg.dev/p/r/app. */
  readonly name: string;
  /** sha256:HEX. */
  readonly digest: string;
  /** When the document is made, RFC 3339. */
  readonly created: string;
}

const TOOL = "homerun";

/** A CycloneDX 1.6 document (cyclonedx.org/docs/1.6/json). */
export function cycloneDx({ name, digest, created }: DescribedImage, components: readonly Component[]): object {
  const image = { type: "container", "bom-ref": `${name}@${digest}`, name, version: digest };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: { timestamp: created, tools: { components: [{ type: "application", name: TOOL }] }, component: image },
    components: components.map(({ type, name, version, purl, license }) => ({
      type,
      "bom-ref": purl,
      name,
      version,
      ...(license !== undefined && { licenses: [{ license: { name: license } }] }),
      purl,
    })),
  };
}

/** An SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3). */
export function spdx({ name, digest, created }: DescribedImage, components: readonly Component[]): object {
  const common = { downloadLocation: "NOASSERTION", filesAnalyzed: false, copyrightText: "NOASSERTION" };
  const licenses = { licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION" };
  const image = {
    SPDXID: "SPDXRef-Image",
    name,
    versionInfo: digest,
    primaryPackagePurpose: "CONTAINER",
    ...common,
    ...licenses,
    checksums: [{ algorithm: "SHA256", checksumValue: digest.replace("sha256:", "") }],
  };
  const packages = components.map(({ name, version, purl }) => ({
    SPDXID: spdxId(purl),
    name,
    ...(version !== "" && { versionInfo: version }),
    ...common,
    ...licenses,
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  }));
  const contains = packages.map(({ SPDXID }) => relation(image.SPDXID, "CONTAINS", SPDXID));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${name}@${digest}`,
    documentNamespace: `urn:uuid:${uuidOf(`spdx ${digest}`)}`,
    creationInfo: { created, creators: [`Tool: ${TOOL}`] },
    packages: [image, ...packages],
    relationships: [relation("SPDXRef-DOCUMENT", "DESCRIBES", image.SPDXID), ...contains],
  };
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function spdxId(purl: string): string {
  return `SPDXRef-Package-${createHash("sha256").update(purl).digest("hex").slice(0, 16)}`;
}

/** A UUID that is the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
