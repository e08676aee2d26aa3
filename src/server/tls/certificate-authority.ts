import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import { writeDurably } from "../../platform/write-durably.ts";
import type { Issuer } from "./certificates.ts";

/** Host names whose certificates are kept: clients choose them freely. */
const MOST_CONTEXTS = 500;

/** A certificate authority of this data folder, for the hosts that homerun answers. */
export interface CertificateAuthority {
  /** The CA certificate that clients have to trust: a PEM file. */
  readonly certificateFile: string;
  readonly certificatePem: string;
  /** A server certificate for a host name, made on first use and kept while it is among those used last. */
  secureContext(hostname: string): Promise<SecureContext>;
}

/** Opens the CA in `folder`, making it at first start; its key (mode 0600) never leaves the folder. */
export async function openCertificateAuthority(folder: string, clock: Clock): Promise<CertificateAuthority> {
  const [certificateFile, keyFile] = [join(folder, "ca.pem"), join(folder, "ca-key.pem")];
  if (!existsSync(certificateFile)) await createAuthority(folder, certificateFile, keyFile, clock);
  const certificatePem = await readFile(certificateFile, "utf8");
  const contexts = new Map<string, Promise<SecureContext>>();
  let issuing: Promise<Issuer> | undefined;

  const openIssuer = async () =>
    (await issuance()).createIssuer(certificatePem, await readFile(keyFile, "utf8"), clock);
  const make = async (hostname: string) => {
    const { key, certificate } = await (await (issuing ??= openIssuer())).issue(hostname);
    return createSecureContext({ key, cert: `${certificate}\n${certificatePem}` });
  };
  return {
    certificateFile,
    certificatePem,
    secureContext(hostname) {
      const context = contexts.get(hostname) ?? make(hostname);
      // What was asked for last stands at the end.
      contexts.delete(hostname);
      contexts.set(hostname, context);
      if (contexts.size > MOST_CONTEXTS) contexts.delete(contexts.keys().next().value!);
      return context;
    },
  };
}

/** Loaded when a certificate has to be made: a start of the server does not wait for it. */
const issuance = () => import("./certificates.ts");

async function createAuthority(folder: string, certificateFile: string, keyFile: string, clock: Clock): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { key, certificate } = await (await issuance()).createAuthorityCertificate(clock);
  await writeDurably(keyFile, key);
  // The certificate appears last: its presence means that the authority is complete.
  await writeDurably(certificateFile, `${certificate}\n`, 0o644);
}
