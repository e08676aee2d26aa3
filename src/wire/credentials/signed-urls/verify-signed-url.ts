import { type KeyObject, verify } from "node:crypto";
import { ALGORITHM, canonicalRequestOf, stringToSignOf } from "./canonical-request.ts";

/** Longest life of a signed URL, seconds. */
const LONGEST_SECONDS = 604_800;
/** How far clocks may differ. */
const SKEW_MS = 15 * 60 * 1000;

/** Public keys of a service account, current and older ones. */
export type PublicKeysOf = (email: string) => Promise<readonly KeyObject[]>;

/** A request with a V4 signature in its query. */
export interface SignedRequest {
  readonly method: string;
  /** Percent-encoded path as the client sent it. */
  readonly path: string;
  /** Query as the client sent it, without "?". */
  readonly search: string;
  readonly headers: Pick<Headers, "get">;
}

/** What a look at a signature finds out. */
export type SignatureVerdict =
  | { readonly kind: "valid"; readonly email: string }
  | { readonly kind: "expired"; readonly expiredMs: number }
  | { readonly kind: "mismatch"; readonly stringToSign: string; readonly canonicalRequest: string }
  | { readonly kind: "malformed"; readonly message: string };

/** Whether a query holds a V4 signature. */
export function isSigned(search: URLSearchParams): boolean {
  return [...search.keys()].some((name) => name.toLowerCase() === "x-goog-signature");
}

/** Checks a V4 signed URL. Google: cloud.google.com/storage/docs/authentication/signatures. */
export async function verifySignedUrl(
  request: SignedRequest,
  publicKeysOf: PublicKeysOf,
  nowMs: number,
): Promise<SignatureVerdict> {
  const query = parseQuery(request.search);
  const parameter = (name: string) => query.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  const algorithm = parameter("x-goog-algorithm");
  if (algorithm !== ALGORITHM) return malformed(`${algorithm || "A missing algorithm"} is not supported by homerun.`);
  const credential = parseCredential(parameter("x-goog-credential"));
  if (!credential) return malformed("Invalid X-Goog-Credential.");
  const date = parameter("x-goog-date");
  const times = timesOf(date, parameter("x-goog-expires"));
  if (!times || !date.startsWith(credential.day)) return malformed("Invalid X-Goog-Date or X-Goog-Expires.");
  if (times.startMs > nowMs + SKEW_MS) return malformed("The signature's date is in the future.");

  const names = parameter("x-goog-signedheaders").split(";");
  if (!names.includes("host")) return malformed("The host header must be signed.");
  const signature = Buffer.from(parameter("x-goog-signature"), "hex");
  const keys = await publicKeysOf(credential.email);
  // Some client libraries sign the host without its port, others with it.
  const [withPort, withoutPort] = [false, true].map((dropPort) => {
    const canonicalRequest = canonicalRequestOf({
      method: request.method,
      path: request.path,
      query: query.filter(([name]) => name.toLowerCase() !== "x-goog-signature"),
      headers: names.map((name) => [name, headerOf(request, name, dropPort)]),
    });
    return { canonicalRequest, stringToSign: stringToSignOf(date, credential.scope, canonicalRequest) };
  });
  const isSignedBy = (key: KeyObject, text: string) => verify("sha256", Buffer.from(text), key, signature);
  const signed = [withPort!, withoutPort!].some(({ stringToSign }) =>
    keys.some((key) => isSignedBy(key, stringToSign)),
  );
  if (!signed) return { kind: "mismatch", ...withPort! };
  if (times.endMs <= nowMs) return { kind: "expired", expiredMs: times.endMs };
  return { kind: "valid", email: credential.email };
}

function headerOf({ headers }: SignedRequest, name: string, dropPort: boolean): string {
  const value = headers.get(name) ?? "";
  return name === "host" && dropPort ? value.replace(/:\d+$/, "") : value;
}

/** Unlike URLSearchParams, leaves "+" as it is: a signature covers percent-encoded text. */
function parseQuery(search: string): [string, string][] {
  return search
    .split("&")
    .filter(Boolean)
    .map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });
}

function parseCredential(credential: string) {
  const match = /^(.+)\/((\d{8})\/[^/]+\/storage\/goog4_request)$/.exec(credential);
  return match ? { email: match[1]!, scope: match[2]!, day: match[3]! } : undefined;
}

function timesOf(date: string, expires: string): { startMs: number; endMs: number } | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  if (!match || !(seconds > 0) || seconds > LONGEST_SECONDS) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const startMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return { startMs, endMs: startMs + seconds * 1000 };
}

function malformed(message: string): SignatureVerdict {
  return { kind: "malformed", message };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
