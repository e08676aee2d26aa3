import { exportJWK } from "jose/key/export";
import type { PublicKey } from "../../../wire/credentials/service-accounts/keys.ts";
import type { OAuth2Deps } from "../deps.ts";
import { publicJson } from "./public-json.ts";

/** https://www.googleapis.com/service_accounts/v1/metadata/{x509|raw|jwk}/EMAIL, .../jwk/EMAIL, and the older robot/v1. */
export const ACCOUNT_KEYS_PATH = /^\/(?:service_accounts|robot)\/v1\/(?:metadata\/)?(x509|raw|jwk)\/([^/]+)$/;

/** The public keys of a service account, which verify what it or iamcredentials signed. */
export async function accountKeys({ serviceAccounts }: OAuth2Deps, path: string): Promise<Response> {
  const [, form = "", encodedEmail = ""] = ACCOUNT_KEYS_PATH.exec(path) ?? [];
  const account = await serviceAccounts.find(decode(encodedEmail));
  if (!account) return Response.json({ error: { code: 404, message: "Not Found" } }, { status: 404 });
  const keys = await serviceAccounts.keys.publicKeysOf(account.email);
  if (form === "jwk") return publicJson({ keys: await Promise.all(keys.map(jwkOf)) });
  const text = (key: PublicKey) =>
    form === "x509" ? key.certificate : key.key.export({ type: "spki", format: "pem" });
  return publicJson(Object.fromEntries(keys.map((key) => [key.id, text(key)])));
}

async function jwkOf({ id, key }: PublicKey) {
  return { ...(await exportJWK(key)), kid: id, alg: "RS256", use: "sig" };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
