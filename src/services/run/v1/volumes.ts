import { create } from "@bufbuild/protobuf";
import {
  EmptyDirVolumeSource_Medium as Medium,
  type GCSVolumeSource,
  type SecretVolumeSource,
  type Volume,
  VolumeSchema,
} from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { DEFAULT_SECRET_MODE } from "../limits.ts";
import type { KnativeVolume } from "./knative.ts";
import { aliasOf, type SecretAliases } from "./secret-aliases.ts";

/** The driver by which v1 says that a volume is a bucket of Cloud Storage. */
const BUCKET_DRIVER = "gcsfuse.run.googleapis.com";
const MEDIA: Readonly<Record<string, Medium>> = {
  "": Medium.MEDIUM_UNSPECIFIED,
  Memory: Medium.MEMORY,
  Disk: Medium.DISK,
};

/** The v2 volume of a v1 one; `path` is where it stands, for errors. */
export function volumeFromKnative(given: KnativeVolume, path: string, aliases: SecretAliases): Volume {
  return create(VolumeSchema, { name: given.name ?? "", volumeType: sourceOf(given, path, aliases) });
}

/** The v1 volume of a v2 one. */
export function volumeToKnative({ name, volumeType }: Volume): KnativeVolume {
  if (volumeType.case === "secret") return { name, secret: secretToKnative(volumeType.value) };
  if (volumeType.case === "gcs") return { name, csi: bucketToKnative(volumeType.value) };
  if (volumeType.case !== "emptyDir") return { name };
  const { medium, sizeLimit } = volumeType.value;
  const text = Object.keys(MEDIA).find((key) => MEDIA[key] === medium) ?? "";
  return { name, emptyDir: { ...(text !== "" && { medium: text }), ...(sizeLimit !== "" && { sizeLimit }) } };
}

function sourceOf({ emptyDir, secret, csi }: KnativeVolume, path: string, aliases: SecretAliases) {
  if ([emptyDir, secret, csi].filter(Boolean).length > 1) throw invalid(path, "must have one type.");
  if (emptyDir) {
    const medium = MEDIA[emptyDir.medium ?? ""];
    if (medium === undefined) throw invalid(`${path}.emptyDir.medium`, "must be Memory or Disk.");
    return { case: "emptyDir", value: { medium, sizeLimit: emptyDir.sizeLimit ?? "" } } as const;
  }
  if (secret) {
    const { secretName = "", defaultMode = 0, items = [] } = secret;
    const files = items.map(({ key = "", path: file = "", mode = 0 }) => ({ version: key, path: file, mode }));
    return {
      case: "secret",
      value: { secret: aliases.get(secretName) ?? secretName, defaultMode, items: files },
    } as const;
  }
  if (csi) return { case: "gcs", value: bucketOf(csi, `${path}.csi`) } as const;
  return { case: undefined };
}

function bucketOf(
  { driver = "", readOnly = false, volumeAttributes = {} }: NonNullable<KnativeVolume["csi"]>,
  path: string,
) {
  if (driver !== BUCKET_DRIVER) throw invalid(`${path}.driver`, `must be ${BUCKET_DRIVER}.`);
  const { bucketName: bucket = "", mountOptions = "", ...others } = volumeAttributes;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw invalid(`${path}.volumeAttributes[${unknown}]`, "must be bucketName or mountOptions.");
  }
  return { bucket, readOnly, mountOptions: mountOptions.split(",").filter(Boolean) };
}

function secretToKnative({ secret, items, defaultMode }: SecretVolumeSource): KnativeVolume["secret"] & object {
  const files = items.map(({ path, version, mode }) => ({ key: version, path, ...(mode > 0 && { mode }) }));
  return {
    secretName: aliasOf(secret),
    ...(files.length > 0 && { items: files }),
    ...(defaultMode !== DEFAULT_SECRET_MODE && { defaultMode }),
  };
}

function bucketToKnative({ bucket, readOnly, mountOptions }: GCSVolumeSource): KnativeVolume["csi"] & object {
  const options = mountOptions.length > 0 && { mountOptions: mountOptions.join(",") };
  const volumeAttributes = { bucketName: bucket, ...options };
  return { driver: BUCKET_DRIVER, ...(readOnly && { readOnly }), volumeAttributes };
}

function invalid(field: string, description: string) {
  return invalidArgument(`${field}: ${description}`, [{ field, description }]);
}
