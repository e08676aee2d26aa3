import { readFile } from "node:fs/promises";
import type { PublicKey } from "openpgp";
import { parseStanza } from "../../platform/registries/deb822.ts";

/** What a verified Release file says of an archive's suite. */
export interface Release {
  readonly codename: string;
  /** SHA-256 in hex and size by path below the suite's folder, for example main/binary-amd64/Packages.xz. */
  readonly files: ReadonlyMap<string, { readonly sha256: string; readonly sizeBytes: number }>;
  /** Whether files can be fetched by their hash, which a mirror in the middle of an update does not disturb. */
  readonly byHash: boolean;
  /** When it stops being valid, milliseconds since the Unix epoch; undefined when it does not say. */
  readonly validUntilMs: number | undefined;
}

/** Thrown for a Release file that no trusted key has signed. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}

/**
 * Verifies an InRelease file against the keys in `keyrings` (files, binary or armored) and reads it. One valid signature
 * of a known key is enough, as for apt; text outside the signed part is not looked at. Throws SignatureError otherwise.
 */
export async function readRelease(inRelease: string, keyrings: readonly string[]): Promise<Release> {
  // Loaded when needed: it is large, and most starts of the server verify nothing.
  const { readCleartextMessage, verify } = await import("openpgp");
  const verificationKeys = (await Promise.all(keyrings.map(readKeyring))).flat();
  const message = await readCleartextMessage({ cleartextMessage: inRelease });
  const { data, signatures } = await verify({ message, verificationKeys });
  const results = await Promise.allSettled(signatures.map(({ verified }) => verified));
  if (!results.some(({ status }) => status === "fulfilled")) {
    const reasons = results.map((result) => (result.status === "rejected" ? String(result.reason) : ""));
    throw new SignatureError(`no trusted key has signed the release file: ${reasons.join("; ")}`);
  }
  return parseRelease(data);
}

async function readKeyring(file: string): Promise<PublicKey[]> {
  const { readKeys } = await import("openpgp");
  const content = await readFile(file);
  const armored = content.toString("latin1").includes("-----BEGIN PGP");
  return armored ? readKeys({ armoredKeys: content.toString("utf8") }) : readKeys({ binaryKeys: content });
}

function parseRelease(text: string): Release {
  const fields = parseStanza(text.replaceAll("\r\n", "\n"));
  const lines = (fields.get("sha256") ?? "").split("\n").filter(Boolean);
  const files = lines.map((line) => {
    const [sha256, size, path] = line.trim().split(/\s+/);
    return [path!, { sha256: sha256!, sizeBytes: Number(size) }] as const;
  });
  const validUntil = fields.get("valid-until");
  return {
    codename: fields.get("codename") ?? "",
    files: new Map(files),
    byHash: fields.get("acquire-by-hash") === "yes",
    validUntilMs: validUntil === undefined ? undefined : Date.parse(validUntil),
  };
}
