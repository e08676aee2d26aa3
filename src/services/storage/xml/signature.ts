import type { Call } from "../../../wire/call.ts";
import { LENGTH_RANGE } from "../../../wire/credentials/signed-urls/url-signer.ts";
import {
  isSigned,
  type PublicKeysOf,
  type SignatureVerdict,
  verifySignedUrl,
} from "../../../wire/credentials/signed-urls/verify-signed-url.ts";
import type { Clock } from "../../../platform/clock.ts";
import { notSupported } from "../errors.ts";
import type { LengthRange } from "../objects/length-range.ts";
import { lengthRangeOf } from "./put-object.ts";
import { xmlError } from "./xml-error.ts";

export interface SignatureDeps {
  readonly clock: Clock;
  /** Whose signatures are taken. */
  readonly publicKeysOf: PublicKeysOf;
}

/** The call as the signer makes it, or the answer to a signature that is not good. */
export type SignatureCheck = { readonly call: Call; readonly lengthRange?: LengthRange | undefined } | Response;

/** Checks the signature of a signed URL; a request without one goes on as its caller. */
export async function checkSignature(
  { clock, publicKeysOf }: SignatureDeps,
  request: Request,
  call: Call,
): Promise<SignatureCheck> {
  const { pathname, search, searchParams } = new URL(request.url);
  if (searchParams.has("GoogleAccessId")) throw notSupported("V2 signing (GoogleAccessId)");
  const scheme = /^(GOOG4-HMAC-SHA256|GOOG4-RSA-SHA256|GOOG1|AWS\S*) /.exec(request.headers.get("authorization") ?? "");
  if (scheme) throw notSupported(`Authorization: ${scheme[1]}`);
  if (!isSigned(searchParams)) return { call };
  const signed = { method: request.method, path: pathname, search: search.slice(1), headers: request.headers };
  const verdict = await verifySignedUrl(signed, publicKeysOf, clock.nowMs());
  if (verdict.kind !== "valid") return refusal(verdict);
  const principal = { kind: "serviceAccount", email: verdict.email } as const;
  return { call: { ...call, principal }, lengthRange: lengthRangeOf(searchParams.get(LENGTH_RANGE)) };
}

function refusal(verdict: Exclude<SignatureVerdict, { kind: "valid" }>): Response {
  switch (verdict.kind) {
    case "expired": {
      const details = { Details: `Request signature expired at: ${new Date(verdict.expiredMs).toISOString()}` };
      return xmlError({ status: 400, code: "ExpiredToken", message: "The provided token has expired.", details });
    }
    case "mismatch":
      return xmlError({
        status: 403,
        code: "SignatureDoesNotMatch",
        message:
          "Access denied. The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.",
        details: { StringToSign: verdict.stringToSign, CanonicalRequest: verdict.canonicalRequest },
      });
    case "malformed":
      return xmlError({
        status: 400,
        code: "AuthorizationQueryParametersError",
        message:
          "Query-string authentication version 4 requires the X-Goog-Algorithm, X-Goog-Credential, X-Goog-Signature, X-Goog-Date, X-Goog-Expires, and X-Goog-SignedHeaders parameters.",
        details: { Details: verdict.message },
      });
  }
}
