/**
 * The credential helper of Google's registries (github.com/docker/docker-credential-helpers): the access token of the
 * build's service account, from the metadata server. `get` reads a host from standard input; nothing is stored.
 */
const GOOGLE_REGISTRY =
  /^(?:https:\/\/)?([a-z0-9-]+-)?(docker\.pkg\.dev|gcr\.io)(\/|$)|^(?:https:\/\/)?[a-z]+\.gcr\.io(\/|$)/;
const TOKEN_URL = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
/** The words by which clients of a helper know that it has none. */
const NOT_FOUND = "credentials not found in native keychain";

const [command] = process.argv.slice(2);
if (command === "list") end("{}");
if (command !== "get") fail("credentials of the build are kept by its metadata server");
const server = Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>))
  .toString()
  .trim();
if (!GOOGLE_REGISTRY.test(server)) fail(NOT_FOUND);
try {
  const response = await fetch(TOKEN_URL, { headers: { "Metadata-Flavor": "Google" } });
  if (!response.ok) fail(`the metadata server answered ${response.status}`);
  const { access_token: token } = (await response.json()) as { access_token: string };
  end(JSON.stringify({ ServerURL: server, Username: "oauth2accesstoken", Secret: token }));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function end(text: string): never {
  process.stdout.write(text);
  process.exit(0);
}

function fail(reason: string): never {
  process.stdout.write(reason);
  process.exit(1);
}
