import type { Bucket } from "../../../gen/google/storage/v2/storage_pb.js";

type CorsRule = Bucket["cors"][number];

/** The JSON API lets scripts of every page in; what it answers depends on the credentials they have. */
export const OPEN_TO_ALL: readonly Pick<CorsRule, "origin" | "method" | "responseHeader" | "maxAgeSeconds">[] = [
  { origin: ["*"], method: ["*"], responseHeader: ["*"], maxAgeSeconds: 3600 },
];

type Rules = typeof OPEN_TO_ALL;

/** Answers a browser's preflight request; undefined for any other request. Google: cloud.google.com/storage/docs/cross-origin. */
export function answerPreflight(request: Request, rules: Rules): Response | undefined {
  const { headers } = request;
  const asked = headers.get("access-control-request-method");
  const origin = headers.get("origin");
  if (request.method !== "OPTIONS" || asked === null || origin === null) return undefined;
  const rule = rules.find(({ origin: origins, method }) => has(origins, origin) && has(method, asked));
  if (!rule) return new Response(null, { status: 200, headers: { "content-length": "0" } });
  const askedHeaders = (headers.get("access-control-request-headers") ?? "").split(",").map((name) => name.trim());
  const allowed = askedHeaders.filter((name) => name !== "" && has(rule.responseHeader, name));
  return new Response(null, {
    status: 200,
    headers: {
      ...originHeaders(rule, origin),
      "access-control-allow-methods": has(rule.method, "*") ? asked : rule.method.join(","),
      "access-control-allow-headers": allowed.join(","),
      "access-control-max-age": String(rule.maxAgeSeconds || 3600),
      "content-length": "0",
    },
  });
}

/** Adds what a browser needs to hand the answer to the page that asked. */
export function addCorsHeaders(request: Request, response: Response, rules: Rules): Response {
  const origin = request.headers.get("origin");
  const rule = rules.find(({ origin: origins, method }) => has(origins, origin ?? "") && has(method, request.method));
  if (origin === null || !rule) return response;
  for (const [name, value] of Object.entries(originHeaders(rule, origin))) response.headers.set(name, value);
  const exposed = has(rule.responseHeader, "*") ? [...response.headers.keys()] : rule.responseHeader;
  response.headers.set("access-control-expose-headers", exposed.join(", "));
  return response;
}

function originHeaders({ origin: origins }: Pick<CorsRule, "origin">, origin: string): Record<string, string> {
  return origins.includes("*")
    ? { "access-control-allow-origin": "*" }
    : { "access-control-allow-origin": origin, vary: "Origin" };
}

function has(values: readonly string[], wanted: string): boolean {
  return values.some((value) => value === "*" || value.toLowerCase() === wanted.toLowerCase());
}
