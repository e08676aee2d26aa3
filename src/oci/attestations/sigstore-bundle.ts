import type { AttestationKey } from "./attestation-key.ts";
import { type Envelope, formatEnvelope } from "./dsse.ts";

/** Media type of the bundles that cosign looks for among an image's referrers (sigstore/protobuf-specs, bundle). */
export const SIGSTORE_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** An envelope as a Sigstore bundle: signed by a key, so without certificate and without transparency log. */
export function sigstoreBundle(key: Pick<AttestationKey, "hint">, envelope: Envelope): Buffer {
  const bundle = {
    mediaType: SIGSTORE_BUNDLE,
    verificationMaterial: { publicKey: { hint: key.hint } },
    dsseEnvelope: formatEnvelope({ ...envelope, signatures: envelope.signatures.map(withoutKeyId) }),
  };
  return Buffer.from(JSON.stringify(bundle));
}

/** cosign passes over signatures whose key id is not its own name for the key; one without an id it tries. */
function withoutKeyId({ sig }: { readonly sig: Uint8Array }) {
  return { sig, keyid: "" };
}

/** Annotations by which cosign tells what a bundle holds without opening it. */
export function bundleAnnotations(predicateType: string): Readonly<Record<string, string>> {
  return {
    "dev.sigstore.bundle.content": "dsse-envelope",
    "dev.sigstore.bundle.predicateType": predicateType,
  };
}
