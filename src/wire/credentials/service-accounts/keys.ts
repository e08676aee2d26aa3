import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Clock } from "../../../platform/clock.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import { selfSignedCertificate } from "../self-signed-certificate.ts";
import { generateSigningKey, type SigningKey, signingKeyOf } from "../signing-keys.ts";
import type { ServiceAccount, ServiceAccountKey } from "./account.ts";
import type { createServiceAccountStore, StoredKey } from "./store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a system-managed key signs, and how much longer its signatures are taken: the life of a signed URL and a day. */
const SYSTEM_KEY_SIGNS_MS = 7 * DAY_MS;
const SYSTEM_KEY_VALID_MS = SYSTEM_KEY_SIGNS_MS + 8 * DAY_MS;
/** 9999-12-31T23:59:59Z, when Google's user-managed keys expire. */
const NEVER_MS = 253_402_300_799_000;

/** A public key that verifies what a service account signs. */
export interface PublicKey {
  /** The "kid" of what it signs. */
  readonly id: string;
  readonly key: KeyObject;
  /** X.509, PEM. */
  readonly certificate: string;
}

/** The key pairs of service accounts. */
export interface ServiceAccountKeys {
  /** All keys of an account, oldest first. */
  list(email: string, transaction?: StoreTransaction): Promise<ServiceAccountKey[]>;
  find(email: string, keyId: string, transaction?: StoreTransaction): Promise<ServiceAccountKey | undefined>;
  /** A new user-managed key pair that never expires; nothing is stored. */
  generate(account: ServiceAccount): Promise<{ readonly key: ServiceAccountKey; readonly privateKey: KeyObject }>;
  add(transaction: StoreTransaction, key: ServiceAccountKey): Promise<void>;
  setDisabled(transaction: StoreTransaction, keyId: string, disabled: boolean): Promise<void>;
  delete(transaction: StoreTransaction, keyId: string): Promise<void>;
  /** The keys whose signatures count now: none when the account is disabled or deleted. */
  publicKeysOf(email: string): Promise<PublicKey[]>;
  /** The system-managed key that signs for an account at present; made on first use, and anew every week. */
  systemKeyOf(account: ServiceAccount): Promise<SigningKey>;
}

export interface KeysDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly rows: ReturnType<typeof createServiceAccountStore>;
  readonly isBlocked: (email: string) => Promise<boolean>;
}

/** Keys over the store. */
export function createServiceAccountKeys(deps: KeysDeps): ServiceAccountKeys {
  const { clock, rows } = deps;
  return {
    async list(email, transaction) {
      return (await rows.keysOf(email, transaction)).map(({ key }) => key);
    },
    async find(email, keyId, transaction) {
      const stored = await rows.key(keyId, transaction);
      return stored?.key.email === email ? stored.key : undefined;
    },
    async generate(account) {
      const pair = await generateSigningKey();
      const key = await keyOf(account, pair, "USER_MANAGED", wholeSeconds(clock.nowMs()), NEVER_MS);
      return { key, privateKey: pair.privateKey };
    },
    add: (transaction, key) => rows.insertKey(transaction, { key, privateKey: undefined }),
    setDisabled: (transaction, keyId, disabled) => rows.setKeyDisabled(transaction, keyId, disabled),
    delete: (transaction, keyId) => rows.deleteKey(transaction, keyId),
    async publicKeysOf(email) {
      if (await deps.isBlocked(email)) return [];
      const keys = (await rows.keysOf(email)).map(({ key }) => key);
      return keys.filter((key) => !key.disabled && key.validBeforeTimeMs > clock.nowMs()).map(toPublicKey);
    },
    async systemKeyOf(account) {
      const current = systemKeyAt(await rows.keysOf(account.email), clock.nowMs());
      return current ?? (await createSystemKey(deps, account));
    },
  };
}

function systemKeyAt(keys: readonly StoredKey[], nowMs: number): SigningKey | undefined {
  const signing = keys.findLast(
    ({ key, privateKey }) => privateKey && key.validAfterTimeMs + SYSTEM_KEY_SIGNS_MS > nowMs,
  );
  return signing?.privateKey === undefined ? undefined : signingKeyOf(createPrivateKey(signing.privateKey));
}

/** Of several calls at once, the first one's key is kept. */
async function createSystemKey({ store, clock, rows }: KeysDeps, account: ServiceAccount): Promise<SigningKey> {
  const nowMs = wholeSeconds(clock.nowMs());
  const pair = await generateSigningKey();
  const key = await keyOf(account, pair, "SYSTEM_MANAGED", nowMs, nowMs + SYSTEM_KEY_VALID_MS);
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return store.transact(async (transaction) => {
    const current = systemKeyAt(await rows.keysOf(account.email, transaction), nowMs);
    if (current) return current;
    await rows.deleteKeysExpiredBefore(transaction, account.email, nowMs);
    await rows.insertKey(transaction, { key, privateKey });
    return pair;
  });
}

async function keyOf(
  { email, uniqueId }: ServiceAccount,
  pair: SigningKey,
  type: ServiceAccountKey["type"],
  validAfterTimeMs: number,
  validBeforeTimeMs: number,
): Promise<ServiceAccountKey> {
  const validity = { notBeforeMs: validAfterTimeMs, notAfterMs: validBeforeTimeMs };
  const certificate = await selfSignedCertificate(pair, uniqueId, validity);
  return { id: pair.id, email, type, disabled: false, certificate, validAfterTimeMs, validBeforeTimeMs };
}

/** Google's keys, like the certificates that show them, begin and end on whole seconds. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

function toPublicKey({ id, certificate }: ServiceAccountKey): PublicKey {
  return { id, certificate, key: new X509Certificate(certificate).publicKey };
}
