import { OutgoingError, type OutgoingRequest, type OutgoingResponse } from "../http/outgoing-request.ts";
import type { Outgoing } from "../http/outgoing.ts";

const MAX_REDIRECTS = 5;
const BODY_HEADERS = /^content-/i;

/**
 * Sends a request and follows redirects, as Cloud Scheduler and Cloud Tasks do: the response of the last one counts. A 303,
 * and a 301 or 302 after a POST, goes on as GET; credentials go to the host they were meant for only.
 */
export async function sendFollowing(
  outgoing: Pick<Outgoing, "send">,
  request: OutgoingRequest,
): Promise<OutgoingResponse> {
  let current = request;
  for (let followed = 0; ; followed++) {
    const response = await outgoing.send(current);
    const location = response.headers["location"];
    if (response.status < 300 || response.status >= 400 || typeof location !== "string") return response;
    const url = URL.parse(location, current.url);
    if (url === null || followed === MAX_REDIRECTS) return response;
    if (!/^https?:$/.test(url.protocol))
      throw new OutgoingError("MALFORMED", "a redirect leads to no http:// or https:// URL");
    current = redirected(current, url, response.status);
  }
}

function redirected(request: OutgoingRequest, url: URL, status: number): OutgoingRequest {
  const becomesGet = status === 303 || (status < 303 && request.method === "POST");
  const isSameHost = url.host === URL.parse(request.url)?.host;
  const headers = Object.entries(request.headers).filter(
    ([name]) => (isSameHost || name.toLowerCase() !== "authorization") && !(becomesGet && BODY_HEADERS.test(name)),
  );
  const { body, ...rest } = request;
  return {
    ...rest,
    url: url.href,
    method: becomesGet && request.method !== "HEAD" ? "GET" : request.method,
    headers: Object.fromEntries(headers),
    ...(!becomesGet && body !== undefined && { body }),
  };
}
