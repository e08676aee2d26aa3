import { malformedRequest } from "./errors.ts";

/** Longest body of a request to an OAuth endpoint, bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Parameters of a request by name: those of its query, and of its body when that is a form or a JSON object. */
export async function readParameters(request: Request): Promise<ReadonlyMap<string, string>> {
  const parameters = new Map(new URL(request.url).searchParams);
  const body = await readBody(request);
  const isJson = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  for (const [name, value] of isJson ? parseJson(body) : new URLSearchParams(body)) parameters.set(name, value);
  return parameters;
}

async function readBody(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw malformedRequest();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(body: string): [string, string][] {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== "object" || json === null) throw malformedRequest();
    return Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  } catch {
    throw malformedRequest();
  }
}
