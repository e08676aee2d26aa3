import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Clock } from "../../platform/clock.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
/** Clients refuse server certificates that are valid for longer than 398 days. */
const LEAF_DAYS = 365;

/** A certificate authority of this data folder, for the hosts that homerun answers. */
export interface CertificateAuthority {
  /** The CA certificate that clients have to trust: a PEM file. */
  readonly certificateFile: string;
  readonly certificatePem: string;
  /** A server certificate for a host name, made on first use. */
  secureContext(hostname: string): Promise<SecureContext>;
}

cryptoProvider.set(webcrypto);

/** Opens the CA in `folder`, making it at first start; its key (mode 0600) never leaves the folder. */
export async function openCertificateAuthority(folder: string, clock: Clock): Promise<CertificateAuthority> {
  const [certificateFile, keyFile] = [join(folder, "ca.pem"), join(folder, "ca-key.pem")];
  if (!existsSync(certificateFile)) await createAuthority(folder, certificateFile, keyFile, clock);
  const certificatePem = await readFile(certificateFile, "utf8");
  const issuer = {
    certificate: new X509Certificate(certificatePem),
    key: await importKey(await readFile(keyFile, "utf8")),
  };
  const leafKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const leafKeyPem = await exportKey(leafKeys.privateKey);
  const contexts = new Map<string, Promise<SecureContext>>();

  const make = async (hostname: string) => {
    const certificate = await issueLeaf(issuer, leafKeys.publicKey, hostname, clock);
    return createSecureContext({ key: leafKeyPem, cert: `${certificate.toString("pem")}\n${certificatePem}` });
  };
  return {
    certificateFile,
    certificatePem,
    secureContext(hostname) {
      const context = contexts.get(hostname) ?? make(hostname);
      contexts.set(hostname, context);
      return context;
    },
  };
}

interface Issuer {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function createAuthority(folder: string, certificateFile: string, keyFile: string, clock: Clock): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=homerun local CA ${randomBytes(4).toString("hex")}`,
    serialNumber: serialNumber(),
    ...validity(clock, CA_DAYS),
    keys: keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  await writeFile(keyFile, await exportKey(keys.privateKey), { mode: 0o600 });
  // The certificate appears last and at once: its presence means that the authority is complete.
  await writeFile(`${certificateFile}.new`, `${certificate.toString("pem")}\n`);
  await rename(`${certificateFile}.new`, certificateFile);
}

function issueLeaf(
  issuer: Issuer,
  publicKey: webcrypto.CryptoKey,
  hostname: string,
  clock: Clock,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: "CN=homerun",
    issuer: issuer.certificate.subject,
    serialNumber: serialNumber(),
    ...validity(clock, LEAF_DAYS),
    publicKey: publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: isIp(hostname) ? "ip" : "dns", value: hostname }]),
    ],
  });
}

/** From a day ago, so that a client whose clock is behind accepts it. */
function validity(clock: Clock, days: number) {
  const now = clock.nowMs();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

function serialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}

function isIp(hostname: string): boolean {
  return /^[\d.]+$|:/.test(hostname);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem);
  return webcrypto.subtle.importKey("pkcs8", der!, ALGORITHM, false, ["sign"]);
}
