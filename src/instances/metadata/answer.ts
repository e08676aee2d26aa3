import { isFolder, type MetadataFolder, type MetadataNode, recursiveJson } from "./metadata-tree.ts";

export interface MetadataResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly location?: string;
}

/** The part of a request that decides the answer. */
export interface MetadataRequest {
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const PREFIX = "/computeMetadata/v1";

/** Answers a request to the metadata server. Google: Compute Engine, "View and query VM metadata". */
export async function answerMetadata(tree: MetadataFolder, request: MetadataRequest): Promise<MetadataResponse> {
  const { pathname, searchParams } = new URL(request.target, "http://metadata.google.internal");
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "Method Not Allowed\n");
  // Client libraries look for the server's Metadata-Flavor at the root, not all of them with a header of their own.
  if (pathname === "/") return text(200, "computeMetadata/\n");
  if (request.headers["x-forwarded-for"] !== undefined) return text(403, "X-Forwarded-For is not allowed.\n");
  if (!hasFlavor(request)) return text(403, 'Missing required header "Metadata-Flavor": "Google"\n');
  if (pathname === "/computeMetadata" || pathname === "/computeMetadata/") return text(200, "v1/\n");
  if (pathname !== PREFIX && !pathname.startsWith(`${PREFIX}/`)) return notFound;
  return answerNode(tree, pathname, searchParams);
}

function hasFlavor({ headers }: MetadataRequest): boolean {
  return headers["metadata-flavor"] === "Google" || headers["x-google-metadata-request"] === "True";
}

function answerNode(tree: MetadataFolder, pathname: string, query: URLSearchParams): Promise<MetadataResponse> {
  const segments = pathname.slice(PREFIX.length).split("/").slice(1);
  const wantsFolder = segments.at(-1) === "";
  const node = findNode(tree, wantsFolder ? segments.slice(0, -1) : segments);
  if (node === undefined || (wantsFolder && !isFolder(node))) return Promise.resolve(notFound);
  if (!isFolder(node)) return answerLeaf(node, query);
  return Promise.resolve(answerFolder(node, pathname, wantsFolder, query));
}

function findNode(tree: MetadataFolder, segments: readonly string[]): MetadataNode | undefined {
  let node: MetadataNode = tree;
  for (const segment of segments) {
    const name = decode(segment);
    if (!isFolder(node) || !Object.hasOwn(node, name)) return undefined;
    const child: MetadataNode | undefined = node[name];
    if (child === undefined) return undefined;
    node = child;
  }
  return node;
}

function answerFolder(
  folder: MetadataFolder,
  pathname: string,
  wantsFolder: boolean,
  query: URLSearchParams,
): MetadataResponse {
  if (query.get("recursive")?.toLowerCase() === "true") return json(recursiveJson(folder));
  if (!wantsFolder) return { ...text(301, `${pathname}/\n`), location: `${pathname}/` };
  const names = Object.entries(folder).map(([name, child]) => (isFolder(child) ? `${name}/` : name));
  return query.get("alt") === "json" ? json(recursiveJson(folder)) : text(200, `${names.join("\n")}\n`);
}

async function answerLeaf(
  leaf: Exclude<MetadataNode, MetadataFolder>,
  query: URLSearchParams,
): Promise<MetadataResponse> {
  if (typeof leaf === "function") {
    const answer = await leaf(query);
    if ("badRequest" in answer) return text(400, `${answer.badRequest}\n`);
    return "json" in answer ? json(answer.json) : text(200, answer.text);
  }
  if (query.get("alt") === "json") return json(leaf);
  return text(200, Array.isArray(leaf) ? `${leaf.join("\n")}\n` : String(leaf));
}

const notFound = text(404, "Not Found\n");

function text(status: number, body: string): MetadataResponse {
  return { status, contentType: "application/text", body };
}

function json(value: unknown): MetadataResponse {
  return { status: 200, contentType: "application/json", body: JSON.stringify(value) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
