import type * as X509 from "@peculiar/x509";

/**
 * The library that makes certificates. Loaded when one is needed, which a start of the server does not do: loading takes
 * a tenth of a second.
 */
export async function loadX509(): Promise<typeof X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
