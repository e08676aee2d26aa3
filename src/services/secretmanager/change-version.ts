import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type SecretVersion,
  SecretVersion_State as State,
} from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { checkEtag } from "../../wire/etag.ts";
import { type Deps, VERSION_KIND } from "./deps.ts";
import { versionInState } from "./errors.ts";
import { findSecret, findVersion } from "./find.ts";
import { destroyDelayMs } from "./secret.ts";
import { changedVersionRow, destroyed, versionOf } from "./version.ts";

interface VersionRequest {
  readonly name: string;
  readonly etag: string;
}

/** Sets a version that is not destroyed to a state. A destruction that was put off is called off by enabling. */
export function setVersionState(deps: Deps, request: VersionRequest, state: State): Promise<SecretVersion> {
  return change(deps, request, async (_, version) => {
    if (state !== State.ENABLED) return { ...version, state };
    const { scheduledDestroyTime: _time, ...rest } = version;
    return { ...rest, state };
  });
}

/** Destroys a version, at once or after the secret's delay; until then it is disabled. */
export function destroyVersion(deps: Deps, request: VersionRequest): Promise<SecretVersion> {
  return change(deps, request, async (transaction, version, row) => {
    const secret = await findSecret(deps, row.parent, transaction);
    const delayMs = destroyDelayMs(secret.message);
    const nowMs = deps.clock.nowMs();
    if (delayMs > 0) {
      await deps.wakeups.wake(transaction, VERSION_KIND, row.name, nowMs + delayMs);
      return { ...version, state: State.DISABLED, scheduledDestroyTime: timestampFromMs(nowMs + delayMs) };
    }
    await deps.payloads.delete(transaction, row.name);
    return destroyed(version, nowMs);
  });
}

function eventOf({ state, scheduledDestroyTime }: SecretVersion) {
  if (state === State.DESTROYED) return "SECRET_VERSION_DESTROY";
  if (state === State.ENABLED) return "SECRET_VERSION_ENABLE";
  return scheduledDestroyTime ? "SECRET_VERSION_DESTROY_SCHEDULED" : "SECRET_VERSION_DISABLE";
}

function change(
  deps: Deps,
  { name, etag }: VersionRequest,
  edit: (transaction: StoreTransaction, version: SecretVersion, row: ResourceRow) => Promise<SecretVersion>,
): Promise<SecretVersion> {
  return deps.store.transact(async (transaction) => {
    const { row, message } = await findVersion(deps, name, transaction);
    checkEtag(etag, message.etag);
    if (message.state === State.DESTROYED) throw versionInState(message.name, "DESTROYED");
    const changed = changedVersionRow(row, await edit(transaction, message, row), deps.clock.nowMs());
    const version = versionOf(await deps.versions.update(transaction, changed));
    const { message: secret } = await findSecret(deps, row.parent, transaction);
    await deps.events.version(transaction, eventOf(version), secret, version);
    return version;
  });
}
