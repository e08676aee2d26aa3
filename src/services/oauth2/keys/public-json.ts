/** How long clients may keep what they read, seconds; Google's public keys say about six hours. */
const MAX_AGE_SECONDS = 300;

/** An answer that anybody may read and keep for a while. */
export function publicJson(body: unknown): Response {
  const cacheControl = `public, max-age=${MAX_AGE_SECONDS}, must-revalidate, no-transform`;
  return Response.json(body, { headers: { "cache-control": cacheControl } });
}
