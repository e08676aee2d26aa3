import { parseDigest } from "./digest.ts";
import { isIndexType, isManifestType, mediaTypes } from "./media-types.ts";

/** A content descriptor (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly platform?: Platform;
}

export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

/** An image manifest (image-spec, manifest.md). */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image index (image-spec, image-index.md). */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Thrown for content that is not a manifest or index as image-spec has them. */
export class InvalidManifestError extends Error {
  override readonly name = "InvalidManifestError";
}

/** Parses and checks a manifest or index; `contentType` decides when the JSON itself carries no mediaType. */
export function parseManifest(content: Uint8Array, contentType: string): Manifest | Index {
  const json = parseObject(content);
  if (json["schemaVersion"] !== 2) throw new InvalidManifestError("schemaVersion must be 2");
  const mediaType = typeof json["mediaType"] === "string" ? json["mediaType"] : contentType;
  if (mediaType !== contentType) {
    throw new InvalidManifestError(`mediaType ${mediaType} differs from the content type ${contentType}`);
  }
  if (json["subject"] !== undefined) checkDescriptor(json["subject"], "subject");
  if (isIndexType(mediaType)) return parseIndex(json, mediaType);
  if (isManifestType(mediaType)) return parseImage(json, mediaType);
  throw new InvalidManifestError(`unsupported manifest media type: ${mediaType}`);
}

/** Whether the parsed form is an index of manifests. */
export function isIndex(manifest: Manifest | Index): manifest is Index {
  return "manifests" in manifest;
}

/** The artifact type by distribution-spec ("Listing Referrers"): the manifest's own, else its config's media type. */
export function artifactTypeOf(manifest: Manifest | Index): string | undefined {
  if (manifest.artifactType) return manifest.artifactType;
  return isIndex(manifest) ? undefined : manifest.config.mediaType;
}

/** The entry of an index for this machine: linux and the processor that Node runs on; undefined when there is none. */
export function choosePlatform(index: Index, architecture: string = hostArchitecture()): Descriptor | undefined {
  return index.manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === architecture);
}

/** This machine's processor in image-spec's words (Go's GOARCH). */
export function hostArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return names[process.arch] ?? process.arch;
}

/** Writes a manifest in the one form that gives the same bytes for the same content. */
export function formatManifest(manifest: Omit<Manifest, "schemaVersion" | "mediaType">): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, ...manifest }));
}

function parseImage(json: Record<string, unknown>, mediaType: string): Manifest {
  if ("manifests" in json) throw new InvalidManifestError("an image manifest has no manifests");
  if (!Array.isArray(json["layers"])) throw new InvalidManifestError("layers must be a list");
  checkDescriptor(json["config"], "config");
  json["layers"].forEach((layer, index) => checkDescriptor(layer, `layers[${index}]`));
  return { ...json, mediaType } as unknown as Manifest;
}

function parseIndex(json: Record<string, unknown>, mediaType: string): Index {
  if ("layers" in json || "config" in json) throw new InvalidManifestError("an index has neither layers nor config");
  if (!Array.isArray(json["manifests"])) throw new InvalidManifestError("manifests must be a list");
  json["manifests"].forEach((entry, index) => checkDescriptor(entry, `manifests[${index}]`));
  return { ...json, mediaType } as unknown as Index;
}

function parseObject(content: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    if (isObject(json)) return json;
  } catch (cause) {
    throw new InvalidManifestError("not valid JSON", { cause });
  }
  throw new InvalidManifestError("not a JSON object");
}

function checkDescriptor(value: unknown, where: string): void {
  if (!isObject(value)) throw new InvalidManifestError(`${where} must be a descriptor`);
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== "string") throw new InvalidManifestError(`${where}.mediaType must be text`);
  if (typeof digest !== "string" || !parseDigest(digest)) throw new InvalidManifestError(`${where}.digest is invalid`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new InvalidManifestError(`${where}.size must be a whole number`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
