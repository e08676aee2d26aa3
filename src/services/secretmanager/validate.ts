import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Secret, Secret_SecretType as SecretType } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { unsupportedField } from "../../wire/errors.ts";
import { validateTopics } from "./events/check-topics.ts";
import { validateRotation } from "./rotation.ts";
import { invalidField } from "./errors.ts";
import { MAX_ALIASES, MAX_ANNOTATIONS_BYTES, MAX_LABELS, MIN_DESTROY_TTL_SECONDS } from "./limits.ts";

const LABEL = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const ALIAS = /^[A-Za-z][\w-]{0,62}$/;

/** Rejects with INVALID_ARGUMENT what Secret Manager refuses in a secret that was `before`, and by name what homerun does not support. */
export function validateSecret(secret: Secret, nowMs: number, before?: Secret): void {
  refuseUnsupported(secret);
  validateTopics(secret);
  validateRotation(secret, before, nowMs);
  const labels = Object.keys(secret.labels);
  if (labels.length > MAX_LABELS) throw invalidField("secret.labels", `A secret has at most ${MAX_LABELS} labels.`);
  const badLabel = labels.find((label) => !LABEL.test(label));
  if (badLabel !== undefined) throw invalidField("secret.labels", `The label key [${badLabel}] is invalid.`);
  const annotations = Object.entries(secret.annotations).flat().join("");
  if (Buffer.byteLength(annotations) > MAX_ANNOTATIONS_BYTES)
    throw invalidField("secret.annotations", `Annotations have at most ${MAX_ANNOTATIONS_BYTES} bytes.`);
  checkTimes(secret, nowMs);
  const aliases = Object.keys(secret.versionAliases);
  if (aliases.length > MAX_ALIASES)
    throw invalidField("secret.version_aliases", `A secret has at most ${MAX_ALIASES} version aliases.`);
  const badAlias = aliases.find((alias) => !ALIAS.test(alias) || alias === "latest");
  if (badAlias !== undefined) throw invalidField("secret.version_aliases", `The alias [${badAlias}] is invalid.`);
}

/** Rejects a new secret of a project that does not say where it is kept; one of a location is kept there. */
export function checkReplication({ replication }: Secret, parent: string): void {
  const isRegional = parent.includes("/locations/");
  const kind = replication?.replication;
  if (isRegional && kind?.case !== undefined)
    throw invalidField("secret.replication", "A regional secret has no replication policy.");
  if (!isRegional && kind?.case === undefined)
    throw invalidField("secret.replication", "Secret.replication must be provided.");
  if (kind?.case === "userManaged" && kind.value.replicas.length === 0)
    throw invalidField("secret.replication.user_managed.replicas", "At least one replica must be provided.");
}

function checkTimes({ expiration, versionDestroyTtl }: Secret, nowMs: number): void {
  if (expiration.case === "expireTime" && timestampMs(expiration.value) <= nowMs)
    throw invalidField("secret.expire_time", "The expire_time must be in the future.");
  if (expiration.case === "ttl" && durationMs(expiration.value) <= 0)
    throw invalidField("secret.ttl", "The ttl must be positive.");
  if (versionDestroyTtl && durationMs(versionDestroyTtl) < MIN_DESTROY_TTL_SECONDS * 1000)
    throw invalidField("secret.version_destroy_ttl", "The version_destroy_ttl must be at least 24h.");
}

function refuseUnsupported({ replication, customerManagedEncryption, tags, secretType }: Secret): void {
  if (customerManagedEncryption) throw unsupportedField("secret.customer_managed_encryption");
  if (Object.keys(tags).length > 0) throw unsupportedField("secret.tags");
  if (secretType !== SecretType.SECRET_TYPE_UNSPECIFIED) throw unsupportedField("secret.secret_type");
  const kind = replication?.replication;
  const hasKey =
    (kind?.case === "automatic" && kind.value.customerManagedEncryption) ||
    (kind?.case === "userManaged" && kind.value.replicas.some((replica) => replica.customerManagedEncryption));
  if (hasKey) throw unsupportedField(`secret.replication.${kind.case}.customer_managed_encryption`);
}
