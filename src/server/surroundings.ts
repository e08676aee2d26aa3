import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hostPackageAccess } from "../build/package-access/host-package-access.ts";
import type { PackageAccess } from "../build/package-access/package-access.ts";
import type { NetworkLease } from "../instances/network/network.ts";
import type { InstanceSurroundings } from "../instances/serving.ts";
import { formatJavaTruststore } from "../platform/java-truststore.ts";
import type { CertificateAuthority } from "./tls/certificate-authority.ts";

/** Where the bundle lies inside instances and builds: the place that the languages' libraries look at. */
const BUNDLE_PATH = "/etc/ssl/certs/ca-certificates.crt";
/** Where Debian's and Ubuntu's Java look, which read no PEM. */
const JAVA_TRUSTSTORE_PATH = "/etc/ssl/certs/java/cacerts";
/** Files with certificates that the machine's user trusts besides the system's, by the variables of the usual clients. */
const HOST_BUNDLE_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];

/**
 * A PEM file with homerun's certificate authority and whatever the machine itself trusts (companies' TLS-inspecting
 * proxies included): what clients, instances and builds are told to trust. A Java keystore with the same lies beside it.
 */
export async function writeTrustBundle(dataDir: string, authority: CertificateAuthority): Promise<string> {
  const file = join(dataDir, "tls", "bundle.pem");
  const certificates = await trustedCertificates(authority);
  await Promise.all([
    writeFile(file, certificates),
    writeFile(javaTruststoreOf(file), formatJavaTruststore(certificates)),
  ]);
  return file;
}

function javaTruststoreOf(trustBundle: string): string {
  return join(dirname(trustBundle), "bundle.jks");
}

/** What surrounds everything that runs in a sandbox: DNS that knows homerun's names, and trust in its authority. */
export function surroundingsOf(trustBundle: string) {
  return ({ gateway }: Pick<NetworkLease, "gateway">): InstanceSurroundings => ({
    env: { NODE_EXTRA_CA_CERTS: BUNDLE_PATH, SSL_CERT_FILE: BUNDLE_PATH, REQUESTS_CA_BUNDLE: BUNDLE_PATH },
    mounts: [
      { source: trustBundle, destination: BUNDLE_PATH, readOnly: true },
      { source: javaTruststoreOf(trustBundle), destination: JAVA_TRUSTSTORE_PATH, readOnly: true },
    ],
    resolver: { nameserver: gateway, hosts: { "metadata.google.internal": "169.254.169.254" } },
  });
}

/** How builds reach package registries: as the machine's own package managers do, and trusting what it trusts. Found out once. */
export function packageAccess(trustBundle: string): () => Promise<PackageAccess> {
  let access: Promise<PackageAccess> | undefined;
  return () => {
    access ??= hostPackageAccess(trustBundle);
    return access;
  };
}

async function trustedCertificates(authority: CertificateAuthority): Promise<string> {
  const extra = HOST_BUNDLE_VARIABLES.map((name) => process.env[name]);
  const system = SYSTEM_BUNDLES.find((file) => existsSync(file));
  const files = new Set([system, ...extra].filter((file) => file !== undefined && existsSync(file)));
  const texts = await Promise.all([...files].map((file) => readFile(file!, "utf8")));
  const certificates = texts.join("\n").match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return `${[authority.certificatePem.trim(), ...new Set(certificates)].join("\n")}\n`;
}
