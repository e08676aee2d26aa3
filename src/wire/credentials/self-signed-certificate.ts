import { webcrypto } from "node:crypto";
import type { SigningKey } from "./signing-keys.ts";
import { loadX509 } from "./x509.ts";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** An X.509 certificate (PEM) of a public key for signatures, signed by the key itself, as Google publishes keys of accounts. */
export async function selfSignedCertificate(
  key: SigningKey,
  commonName: string,
  { notBeforeMs, notAfterMs }: { readonly notBeforeMs: number; readonly notAfterMs: number },
): Promise<string> {
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } = await loadX509();
  const keys = {
    privateKey: key.privateKey.toCryptoKey(ALGORITHM, false, ["sign"]),
    publicKey: key.publicKey.toCryptoKey(ALGORITHM, true, ["verify"]),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${commonName}`,
      serialNumber: `01${key.id.slice(0, 30)}`,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString("pem")}\n`;
}
