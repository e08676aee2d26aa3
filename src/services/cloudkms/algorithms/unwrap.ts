import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import { ImportJob_ImportMethod as Method } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { privateKeyOf } from "./key-kinds.ts";

/** The alternative initial value of AES key wrap with padding. RFC 5649, section 3. */
const KWP_INITIAL_VALUE = Buffer.from("A65959A6", "hex");

interface Wrapping {
  readonly bits: number;
  readonly hash: "sha1" | "sha256";
  /** Whether an ephemeral AES-256 key stands between the job's key and the material. */
  readonly isNested: boolean;
}

const METHODS: Readonly<Partial<Record<Method, Wrapping>>> = {
  [Method.RSA_OAEP_3072_SHA1_AES_256]: { bits: 3072, hash: "sha1", isNested: true },
  [Method.RSA_OAEP_4096_SHA1_AES_256]: { bits: 4096, hash: "sha1", isNested: true },
  [Method.RSA_OAEP_3072_SHA256_AES_256]: { bits: 3072, hash: "sha256", isNested: true },
  [Method.RSA_OAEP_4096_SHA256_AES_256]: { bits: 4096, hash: "sha256", isNested: true },
  [Method.RSA_OAEP_3072_SHA256]: { bits: 3072, hash: "sha256", isNested: false },
  [Method.RSA_OAEP_4096_SHA256]: { bits: 4096, hash: "sha256", isNested: false },
};

/** Bits of the RSA key that a method wraps with; undefined for methods that homerun does not have. */
export function wrappingKeyBits(method: Method): number | undefined {
  return METHODS[method]?.bits;
}

/** The material inside `wrapped`; throws when it was not wrapped with the public half of `jobKey` by that method. */
export function unwrapKey(method: Method, jobKey: Buffer, wrapped: Uint8Array): Buffer {
  const wrapping = METHODS[method];
  if (!wrapping) throw new TypeError(`no such import method: ${method}`);
  const bytes = Buffer.from(wrapped);
  const key = privateKeyOf(jobKey);
  const open = (part: Buffer) =>
    privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: wrapping.hash }, part);
  if (!wrapping.isNested) return open(bytes);
  const [head, rest] = [bytes.subarray(0, wrapping.bits / 8), bytes.subarray(wrapping.bits / 8)];
  const decipher = createDecipheriv("id-aes256-wrap-pad", open(head), KWP_INITIAL_VALUE);
  return Buffer.concat([decipher.update(rest), decipher.final()]);
}
