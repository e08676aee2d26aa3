import { createHash } from "node:crypto";

/** The password that Java's own file of certificate authorities has; it protects nothing. */
const PASSWORD = "changeit";
/** Java: sun.security.provider.JavaKeyStore. */
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM bundle as a Java keystore (JKS) with the usual password "changeit": what a JVM reads from
 * lib/security/cacerts. The same bundle gives the same bytes.
 */
export function formatJavaTruststore(pem: string): Buffer {
  const certificates = [...pem.matchAll(CERTIFICATE)].map(([, base64]) => Buffer.from(base64!, "base64"));
  const entries = certificates.map((certificate, index) => entryOf(`certificate-${index}`, certificate));
  const content = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries]);
  return Buffer.concat([content, checksum(content)]);
}

function entryOf(alias: string, certificate: Buffer): Buffer {
  const created = Buffer.alloc(8);
  const head = [uint32(TRUSTED_CERTIFICATE), javaString(alias), created, javaString("X.509")];
  return Buffer.concat([...head, uint32(certificate.byteLength), certificate]);
}

/** Java: DataOutputStream.writeUTF, for ASCII. */
function javaString(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function checksum(content: Buffer): Buffer {
  const password = Buffer.from(PASSWORD, "utf16le").swap16();
  return createHash("sha1").update(password).update("Mighty Aphrodite").update(content).digest();
}
