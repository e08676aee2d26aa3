import type { AttestationKey } from "./attestation-key.ts";

/** A signed payload (secure-systems-lab/dsse, envelope.md). */
export interface Envelope {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[];
}

/** The payload type of in-toto statements (in-toto/attestation, spec/v1/envelope.md). */
export const IN_TOTO = "application/vnd.in-toto+json";

/** Signs a payload. */
export function signEnvelope(key: AttestationKey, payloadType: string, payload: Uint8Array): Envelope {
  const sig = key.sign(preAuthenticationEncoding(payloadType, payload));
  return { payload, payloadType, signatures: [{ keyid: key.id, sig }] };
}

/** What is signed in place of the payload itself (secure-systems-lab/dsse, protocol.md). */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The envelope as JSON, with base64 for bytes. */
export function formatEnvelope({ payload, payloadType, signatures }: Envelope) {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return {
    payload: base64(payload),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: base64(sig) })),
  };
}
