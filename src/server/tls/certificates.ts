import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
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

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Makes server certificates that a certificate authority has signed. */
export interface Issuer {
  issue(hostname: string): Promise<KeyAndCertificate>;
}

cryptoProvider.set(webcrypto);

/** A new certificate authority. */
export async function createAuthorityCertificate(clock: Clock): Promise<KeyAndCertificate> {
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
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString("pem") };
}

/** An issuer with the certificate and key (PEM) of an authority; its server certificates share one key. */
export async function createIssuer(certificatePem: string, keyPem: string, clock: Clock): Promise<Issuer> {
  const authority = { certificate: new X509Certificate(certificatePem), key: await importKey(keyPem) };
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const key = await exportKey(keys.privateKey);
  return {
    async issue(hostname) {
      const certificate = await issueLeaf(authority, keys.publicKey, hostname, clock);
      return { key, certificate: certificate.toString("pem") };
    },
  };
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

function issueLeaf(
  authority: Authority,
  publicKey: webcrypto.CryptoKey,
  hostname: string,
  clock: Clock,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: "CN=homerun",
    issuer: authority.certificate.subject,
    serialNumber: serialNumber(),
    ...validity(clock, LEAF_DAYS),
    publicKey: publicKey,
    signingKey: authority.key,
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
