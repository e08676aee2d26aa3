import type { Build } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidBuild } from "../errors.ts";
import { MAX_SECRET_BYTES, MAX_SECRETS } from "../limits.ts";

const SECRET_VERSION =
  /^projects\/[^/]+\/(?:locations\/[^/]+\/)?secrets\/[A-Za-z0-9_-]{1,255}\/versions\/(?:latest|[\w-]+)$/;
const KMS_KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

/**
 * Rejects with INVALID_ARGUMENT what Cloud Build refuses about secrets: each is defined once, used by steps, and used in no
 * other way at the same time. Values that Cloud KMS encrypted are then refused by name, because it is not served here.
 */
export function validateSecrets(build: Build): void {
  const defined = definedSecrets(build);
  const used = usedSecrets(build);
  for (const name of used)
    if (!defined.has(name)) throw invalidBuild("steps", `secretEnv "${name}" is used without being defined`);
  for (const name of defined)
    if (!used.has(name)) throw invalidBuild("secrets", `secretEnv "${name}" is defined without being used`);
  if (defined.size > MAX_SECRETS) throw invalidBuild("secrets", `build defines more than ${MAX_SECRETS} secret values`);
  refuseSecrets(build);
}

function refuseSecrets(build: Build): void {
  if (build.availableSecrets?.inline.length) throw unsupportedField("build.available_secrets.inline");
  if (build.secrets.length > 0) throw unsupportedField("build.secrets");
}

/** Names of variables that secrets define. */
function definedSecrets({ secrets, availableSecrets }: Build): Set<string> {
  const defined = new Set<string>();
  const define = (field: string, name: string): void => {
    if (defined.has(name)) throw invalidBuild(field, `secretEnv "${name}" is defined more than once`);
    if (!/^[^=\s]+$/.test(name)) throw invalidBuild(field, `secretEnv "${name}" is not the name of a variable`);
    defined.add(name);
  };
  const keys = new Set<string>();
  for (const [index, { kmsKeyName, secretEnv }] of secrets.entries()) {
    if (keys.has(kmsKeyName))
      throw invalidBuild("secrets", `kmsKeyName "${kmsKeyName}" is used by more than one secret`);
    keys.add(kmsKeyName);
    checkEncrypted(`secrets[${index}]`, kmsKeyName, secretEnv);
    for (const name of Object.keys(secretEnv)) define(`secrets[${index}].secret_env`, name);
  }
  for (const [index, { kmsKeyName, envMap }] of (availableSecrets?.inline ?? []).entries()) {
    checkEncrypted(`available_secrets.inline[${index}]`, kmsKeyName, envMap);
    for (const name of Object.keys(envMap)) define(`available_secrets.inline[${index}].env_map`, name);
  }
  for (const [index, { versionName, env }] of (availableSecrets?.secretManager ?? []).entries()) {
    const field = `available_secrets.secret_manager[${index}]`;
    if (!SECRET_VERSION.test(versionName) && !versionName.includes("$"))
      throw invalidBuild(`${field}.version_name`, `invalid secret version "${versionName}"`);
    define(`${field}.env`, env);
  }
  return defined;
}

function checkEncrypted(field: string, key: string, values: Readonly<Record<string, Uint8Array>>): void {
  if (!KMS_KEY.test(key) && !key.includes("$")) throw invalidBuild(`${field}.kms_key_name`, `invalid key "${key}"`);
  if (Object.keys(values).length === 0) throw invalidBuild(field, `${field} defines no secretEnvs`);
  for (const [name, value] of Object.entries(values))
    if (value.length > MAX_SECRET_BYTES)
      throw invalidBuild(field, `secretEnv value for "${name}" cannot exceed ${MAX_SECRET_BYTES}B`);
}

/** Names of variables that options and steps ask for. */
function usedSecrets({ steps, options }: Build): Set<string> {
  const used = new Set<string>();
  for (const name of options?.secretEnv ?? []) {
    if (used.has(name))
      throw invalidBuild("options.secret_env", `Build uses global secretEnv "${name}" more than once`);
    used.add(name);
  }
  const global = new Set(used);
  for (const [index, { secretEnv, env }] of steps.entries()) {
    const field = `steps[${index}].secret_env`;
    const own = new Set(secretEnv);
    const twice = secretEnv.find((name, at) => secretEnv.indexOf(name) !== at);
    if (twice !== undefined) throw invalidBuild(field, `Step ${index} uses the secretEnv "${twice}" more than once`);
    for (const name of own)
      if (global.has(name)) throw invalidBuild(field, `Step ${index} uses the global secretEnv "${name}"`);
    const plain = new Set([...(options?.env ?? []), ...env].map((entry) => entry.split("=")[0]!));
    for (const name of [...global, ...own])
      if (plain.has(name)) throw invalidBuild(field, `step ${index} has secret and non-secret env "${name}"`);
    for (const name of own) used.add(name);
  }
  return used;
}
