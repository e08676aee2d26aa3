import {
  type Secret,
  type SecretVersion,
  SecretVersion_State as State,
} from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";
import { noVersions, secretNotFound, versionNotFound } from "./errors.ts";
import { checkSecretName, parseVersionName, publicName } from "./names.ts";
import { expireTimeMs, secretOf } from "./secret.ts";
import { numberOf, versionOf } from "./version.ts";

interface Found<Message> {
  readonly row: ResourceRow;
  readonly message: Message;
}

/** The secret of that name; one that has expired is gone, whether or not it has been deleted yet. */
export async function findSecret(
  { secrets, clock }: Pick<Deps, "secrets" | "clock">,
  name: string,
  transaction?: StoreTransaction,
): Promise<Found<Secret>> {
  checkSecretName(name);
  const row = await secrets.get(name, transaction);
  const message = row && secretOf(row);
  if (!row || !message || (expireTimeMs(message) ?? Infinity) <= clock.nowMs()) throw secretNotFound(publicName(name));
  return { row, message };
}

/** The version of that name, by number, alias or as "latest": the newest that is not destroyed. */
export async function findVersion(
  deps: Pick<Deps, "secrets" | "versions" | "clock">,
  name: string,
  transaction?: StoreTransaction,
): Promise<Found<SecretVersion>> {
  const { secret: secretName, version } = parseVersionName(name);
  const secret = await findSecret(deps, secretName, transaction);
  if (version === "latest") return latestVersion(deps, secretName, transaction);
  const number = /^\d+$/.test(version) ? BigInt(version) : secret.message.versionAliases[version];
  const row =
    number === undefined ? undefined : await deps.versions.get(`${secretName}/versions/${number}`, transaction);
  if (!row) throw versionNotFound(publicName(name));
  return { row, message: versionOf(row) };
}

/** All versions of a secret, the newest first. */
export async function versionsOf(
  { versions }: Pick<Deps, "versions">,
  secret: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow[]> {
  const rows = await versions.list({ parent: secret, limit: Number.MAX_SAFE_INTEGER }, transaction);
  return rows.toSorted((one, other) => numberOf(other) - numberOf(one));
}

async function latestVersion(
  deps: Pick<Deps, "versions">,
  secret: string,
  transaction?: StoreTransaction,
): Promise<Found<SecretVersion>> {
  const rows = await versionsOf(deps, secret, transaction);
  const found = rows
    .map((row) => ({ row, message: versionOf(row) }))
    .find(({ message }) => message.state !== State.DESTROYED);
  if (!found) throw noVersions(publicName(secret));
  return found;
}
