import { createHash } from "node:crypto";

/** The instance that a client's session belongs to, as its cookie says. */
export interface Affinity {
  /** `affinityKey` of the revision. */
  readonly revisionKey: string;
  readonly instanceId: string;
  /** When the cookie was made. */
  readonly sinceMs: number;
}

/** Google's name for the cookie, from the days of App Engine's session affinity. */
const COOKIE = "GAESA";
/** Google: Cloud Run, "Set session affinity": the cookie lives for 30 days. */
const TTL_MS = 30 * 24 * 60 * 60_000;
/** A cookie that is older gets a new one, so that a session goes on while its client comes back within the 30 days. */
const RENEWAL_MS = 24 * 60 * 60_000;

const KEY_LENGTH = 24;
/** Tags of a protocol buffer: a text in field 1, a number in field 2. Google's cookie has the same form. */
const TEXT_TAG = 0x0a;
const NUMBER_TAG = 0x10;

/** What stands for a revision in cookies. */
export function affinityKey(revision: string): string {
  return createHash("sha256").update(revision).digest("hex").slice(0, KEY_LENGTH);
}

/** Reads the affinity from a Cookie header; undefined when there is none, or not one of ours. */
export function parseAffinity(cookies: string | undefined): Affinity | undefined {
  if (cookies === undefined || !cookies.includes(COOKIE)) return undefined;
  const [, value = ""] = /(?:^|;)\s*GAESA="?([\w-]+)/.exec(cookies) ?? [];
  const bytes = Buffer.from(value, "base64url");
  const length = bytes[1] ?? 0;
  const rest = bytes.subarray(2 + length);
  if (bytes[0] !== TEXT_TAG || length <= KEY_LENGTH || length > 0x7f || rest[0] !== NUMBER_TAG) return undefined;
  const text = bytes.toString("latin1", 2, 2 + length);
  return {
    revisionKey: text.slice(0, KEY_LENGTH),
    instanceId: text.slice(KEY_LENGTH),
    sinceMs: parseVarint(rest.subarray(1)),
  };
}

/** The Set-Cookie field that binds a client to an instance; undefined when `given`, which it sent, does so already. */
export function affinityCookie(
  nowMs: number,
  given: Affinity | undefined,
  revisionKey: string,
  instanceId: string,
): string | undefined {
  const isSame = given?.revisionKey === revisionKey && given.instanceId === instanceId;
  if (isSame && nowMs - given.sinceMs < RENEWAL_MS) return undefined;
  const text = Buffer.from(revisionKey + instanceId, "latin1");
  const value = Buffer.from([TEXT_TAG, text.length, ...text, NUMBER_TAG, ...varint(nowMs)]).toString("base64url");
  return `${COOKIE}=${value}; expires=${new Date(nowMs + TTL_MS).toUTCString()}; path=/`;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function parseVarint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte, index) => value + (byte & 0x7f) * 2 ** (7 * index), 0);
}
