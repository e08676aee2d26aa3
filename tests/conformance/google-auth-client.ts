import { readFile } from "node:fs/promises";
import { Impersonated, JWT, OAuth2Client } from "google-auth-library";

/**
 * What an unmodified client of Google's does with a key file (argument 1) and an account to impersonate (argument 2);
 * prints one JSON object. The environment leads it to homerun as a proxy.
 */
async function main([keyFile = "", target = ""]: readonly string[]): Promise<Record<string, unknown>> {
  const {
    client_email: email,
    private_key: key,
    private_key_id: keyId,
  } = JSON.parse(await readFile(keyFile, "utf8")) as Record<string, string>;
  const scopes = ["https://www.googleapis.com/auth/cloud-platform", "email"];
  const client = new JWT({ email: email!, key: key!, keyId: keyId!, scopes });
  const accounts = `https://iam.googleapis.com/v1/projects/demo/serviceAccounts`;

  const { token } = await client.getAccessToken();
  const info = await client.getTokenInfo(token!);
  const idToken = await client.fetchIdToken("https://hello.example");
  const ticket = await new OAuth2Client().verifyIdToken({ idToken, audience: "https://hello.example" });
  const listed = await client.request({ url: accounts });

  const selfSigned = new JWT({ email: email!, key: key!, keyId: keyId! });
  const headers = await selfSigned.getRequestHeaders("https://iam.googleapis.com/");
  const bySelfSigned = await fetchJson(accounts, headers.get("authorization")!);

  const impersonated = new Impersonated({
    sourceClient: client,
    targetPrincipal: target,
    targetScopes: scopes,
    lifetime: 600,
  });
  const targetTicket = await new OAuth2Client().verifyIdToken({
    idToken: await impersonated.fetchIdToken("https://hello.example"),
    audience: "https://hello.example",
  });
  const signed = await impersonated.sign("text");
  return {
    email: info.email,
    scopes: info.scopes,
    payload: ticket.getPayload(),
    listed: listed.data,
    bySelfSigned,
    targetInfo: await client.getTokenInfo((await impersonated.getAccessToken()).token!),
    targetPayload: targetTicket.getPayload(),
    signed,
  };
}

async function fetchJson(url: string, authorization: string): Promise<unknown> {
  return (await new OAuth2Client().transporter.request({ url, headers: { authorization } })).data;
}

console.log(JSON.stringify(await main(process.argv.slice(2))));
