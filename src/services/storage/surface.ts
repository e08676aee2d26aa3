import type { Surface } from "../../wire/service-module.ts";
import { jsonAudit, xmlAudit } from "./audit.ts";
import { answerJson, isJsonPath } from "./json/json-api.ts";
import { answerXml, type XmlDeps } from "./xml/xml-api.ts";

/** storage.googleapis.com, its buckets as hosts below it, and the same under "localhost". */
const HOSTS = /^(.+\.)?storage\.(googleapis\.com|localhost)$/;
/** One bucket as a host. */
const BUCKET_HOST = /^.+\.storage\.(googleapis\.com|localhost)$/;
/** /BUCKET or /BUCKET/OBJECT; bucket names are lower-case, at least three characters. */
const BUCKET_PATH = /^\/[a-z0-9][a-z0-9._-]+[a-z0-9](\/|$)/;

/**
 * Everything of Cloud Storage that has no proto. Its XML API takes any path on a shared port that looks like a bucket,
 * so on such a port it has to be asked after the surfaces of all other services.
 */
export function storageSurface(deps: XmlDeps): Surface {
  const isJson = (request: Request) => {
    const { hostname, pathname } = new URL(request.url);
    return !BUCKET_HOST.test(hostname) && isJsonPath(pathname);
  };
  return {
    hosts: HOSTS,
    matches: (path) => isJsonPath(path) || BUCKET_PATH.test(path),
    async fetch(request, call) {
      return isJson(request) ? answerJson(deps.model, request, call) : answerXml(deps, request, call);
    },
    audit: (request) => (isJson(request) ? jsonAudit(deps.model, request) : xmlAudit(deps.model, request)),
  };
}
