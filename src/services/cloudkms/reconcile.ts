import { create } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  CryptoKeyVersion_CryptoKeyVersionState as State,
  CryptoKeySchema,
  ImportJob_ImportJobState as JobState,
  ImportJob_WrappingPublicKeySchema as WrappingPublicKeySchema,
  ImportJobSchema,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { rsaKey } from "./algorithms/key-kinds.ts";
import { algorithmNamed } from "./algorithms/algorithms.ts";
import { wrappingKeyBits } from "./algorithms/unwrap.ts";
import { keyWithPrimary, rotationMs, storedKeyOf } from "./crypto-key.ts";
import { CRYPTO_KEY_KIND, type Deps, IMPORT_JOB_KIND, VERSION_KIND } from "./deps.ts";
import { expiredJob, importJobOf } from "./import-job.ts";
import { publicKeyPem } from "./public-key.ts";
import { changedRow } from "./rows.ts";
import { addVersion, saveVersion, versionOf } from "./version.ts";

const SETTLED: Outcome = { settled: true };

/** What happens without being asked: keys are made and rotated, versions destroyed, import jobs expire. */
export function reconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return {
    [CRYPTO_KEY_KIND]: (name) => rotate(deps, name),
    [VERSION_KIND]: (name) => generateOrDestroy(deps, name),
    [IMPORT_JOB_KIND]: (name) => generateOrExpire(deps, name),
  };
}

/** Google: resources.proto, CryptoKey.next_rotation_time. Rotations that were missed are made up for by one. */
function rotate(deps: Deps, name: string): Promise<Outcome> {
  return deps.store.transact(async (transaction) => {
    const row = await deps.cryptoKeys.get(name, transaction);
    const key = row && storedKeyOf(row);
    const dueMs = key && rotationMs(key);
    if (!key || dueMs === undefined) return SETTLED;
    const nowMs = deps.clock.nowMs();
    if (dueMs > nowMs) return { settled: false, retryInMs: dueMs - nowMs };
    const version = await addVersion(deps, transaction, key);
    const { nextRotationTime: _past, ...rotated } = keyWithPrimary(key, version.name);
    const periodMs = key.rotationSchedule.case && durationMs(key.rotationSchedule.value);
    const nextMs = periodMs && dueMs + periodMs * Math.ceil((nowMs - dueMs + 1) / periodMs);
    const changed = { ...rotated, ...(nextMs && { nextRotationTime: timestampFromMs(nextMs) }) };
    await deps.cryptoKeys.update(transaction, changedRow(row, CryptoKeySchema, changed, nowMs));
    return nextMs ? { settled: false, retryInMs: nextMs - nowMs } : SETTLED;
  });
}

async function generateOrDestroy(deps: Deps, name: string): Promise<Outcome> {
  const row = await deps.versions.get(name);
  const version = row && versionOf(row);
  if (version?.state === State.PENDING_GENERATION) return generate(deps, name);
  if (version?.state !== State.DESTROY_SCHEDULED) return SETTLED;
  return deps.store.transact(async (transaction) => {
    const row = await deps.versions.get(name, transaction);
    const version = row && versionOf(row);
    if (version?.state !== State.DESTROY_SCHEDULED) return SETTLED;
    const [nowMs, dueMs] = [deps.clock.nowMs(), timestampMs(version.destroyTime!)];
    if (dueMs > nowMs) return { settled: false, retryInMs: dueMs - nowMs };
    await deps.material.delete(transaction, name);
    const { destroyTime: _due, ...rest } = version;
    const reimportEligible = version.importJob !== "";
    const destroyed = { state: State.DESTROYED, destroyEventTime: timestampFromMs(nowMs), reimportEligible };
    await saveVersion(deps, transaction, row!, { ...rest, ...destroyed });
    return SETTLED;
  });
}

/** Makes a private key, which takes up to seconds, and then the version that waits for it ENABLED. */
async function generate(deps: Deps, name: string): Promise<Outcome> {
  const { algorithm } = versionOf((await deps.versions.get(name))!);
  const material = await algorithmNamed(algorithm)!.generate();
  return deps.store.transact(async (transaction) => {
    const row = await deps.versions.get(name, transaction);
    const version = row && versionOf(row);
    if (version?.state !== State.PENDING_GENERATION) return SETTLED;
    await deps.material.put(transaction, name, material);
    const generateTime = timestampFromMs(deps.clock.nowMs());
    await saveVersion(deps, transaction, row!, { ...version, state: State.ENABLED, generateTime });
    return SETTLED;
  });
}

async function generateOrExpire(deps: Deps, name: string): Promise<Outcome> {
  const row = await deps.importJobs.get(name);
  const job = row && importJobOf(row);
  if (!job || job.state === JobState.EXPIRED) return SETTLED;
  const nowMs = deps.clock.nowMs();
  const dueMs = timestampMs(job.expireTime!);
  if (job.state === JobState.ACTIVE && dueMs > nowMs) return { settled: false, retryInMs: dueMs - nowMs };
  if (job.state === JobState.PENDING_GENERATION) await generateWrappingKey(deps, name);
  else
    await deps.store.transact(async (transaction) => {
      await deps.material.delete(transaction, name);
      await deps.importJobs.update(transaction, changedRow(row, ImportJobSchema, expiredJob(job), nowMs));
    });
  return dueMs > nowMs ? { settled: false, retryInMs: dueMs - nowMs } : SETTLED;
}

async function generateWrappingKey(deps: Deps, name: string): Promise<void> {
  const { importMethod } = importJobOf((await deps.importJobs.get(name))!);
  const kind = rsaKey(wrappingKeyBits(importMethod)!);
  const material = await kind.generate();
  const publicKey = create(WrappingPublicKeySchema, { pem: publicKeyPem(kind.publicKey!(material).der) });
  await deps.store.transact(async (transaction) => {
    const row = await deps.importJobs.get(name, transaction);
    if (!row || importJobOf(row).state !== JobState.PENDING_GENERATION) return;
    const nowMs = deps.clock.nowMs();
    const active = { state: JobState.ACTIVE, generateTime: timestampFromMs(nowMs), publicKey };
    await deps.material.put(transaction, name, material);
    await deps.importJobs.update(
      transaction,
      changedRow(row, ImportJobSchema, { ...importJobOf(row), ...active }, nowMs),
    );
  });
}
