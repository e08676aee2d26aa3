import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";

/** Whose signature a note must carry. */
export interface NoteKey {
  readonly name: string;
  /** The first four bytes of a hash over name and key, by which signatures say whose they are. */
  readonly id: Buffer;
  readonly key: KeyObject;
}

const ED25519 = 1;
/** What comes before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const DER_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Makes a key of its name and its Base64 form; throws a TypeError for any other kind of key. */
export function noteKey(name: string, base64: string): NoteKey {
  const bytes = Buffer.from(base64, "base64");
  if (bytes[0] !== ED25519 || bytes.byteLength !== 33) throw new TypeError(`the key of ${name} is not an Ed25519 key`);
  const key = createPublicKey({ key: Buffer.concat([DER_PREFIX, bytes.subarray(1)]), format: "der", type: "spki" });
  const id = createHash("sha256").update(`${name}\n`).update(bytes).digest().subarray(0, 4);
  return { name, id, key };
}

/**
 * The text of a signed note, with the line break at its end; throws where the key has not signed it.
 * Google: golang.org/x/mod/sumdb/note.
 */
export function openNote(note: string, { name, id, key }: NoteKey): string {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const signatures = [...note.slice(end + 2).matchAll(/^\u2014 (\S+) (\S+)$/gm)].map(([, signer, base64]) => ({
    signer,
    bytes: Buffer.from(base64!, "base64"),
  }));
  const own = signatures.filter(({ signer, bytes }) => signer === name && bytes.subarray(0, 4).equals(id));
  const isSigned = own.some(({ bytes }) => verify(null, Buffer.from(text), key, bytes.subarray(4)));
  if (end < 0 || !isSigned) throw new Error(`the tree of the checksum database is not signed by ${name}`);
  return text;
}
