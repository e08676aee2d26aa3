import { nameUnknown, RegistryError, unsupported } from "./errors.ts";
import type { RegistryCall } from "./call.ts";

/** Tags listed in one page when the client names no number, and the most it can ask for. */
const MAX_PAGE = 1000;

/** GET /v2/NAME/tags/list with `n` and `last`; a Link header leads to the next page. */
export async function handleTags(call: RegistryCall, repository: string): Promise<Response> {
  const { method } = call.request;
  if (method !== "GET" && method !== "HEAD") throw unsupported(method);
  const limit = parseLimit(call.url.searchParams.get("n"));
  const after = call.url.searchParams.get("last");
  // One more than asked for tells whether there is another page.
  const found = await call.storage.listTags(repository, { limit: limit + 1, ...(after === null ? {} : { after }) });
  if (found.length === 0 && !(await call.storage.repositoryExists(repository))) throw nameUnknown(repository);
  const tags = found.slice(0, limit);
  const headers = new Headers({ "content-type": "application/json" });
  const last = tags.at(-1);
  if (found.length > limit && last !== undefined) {
    headers.set("link", `</v2/${repository}/tags/list?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"`);
  }
  const body = JSON.stringify({ name: repository, tags });
  headers.set("content-length", String(Buffer.byteLength(body)));
  return new Response(method === "HEAD" ? null : body, { headers });
}

function parseLimit(text: string | null): number {
  if (text === null) return MAX_PAGE;
  if (!/^\d+$/.test(text)) throw new RegistryError(400, "UNSUPPORTED", "n must be a whole number");
  return Math.min(Number(text), MAX_PAGE);
}
