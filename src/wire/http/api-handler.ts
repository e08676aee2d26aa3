import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "@bufbuild/protobuf";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Log } from "../../platform/log.ts";
import type { Audit } from "../audit/audit.ts";
import type { CallMaker } from "../call-maker.ts";
import type { Call } from "../call.ts";
import type { Dispatcher } from "../dispatch.ts";
import { ApiError } from "../errors.ts";
import { iamBindings, mixinBindings } from "../mixins.ts";
import { handleRest, sendError } from "../rest/handler.ts";
import { httpBindingsOf } from "../rest/http-rules.ts";
import { createRestRouter, type RestRouter } from "../rest/router.ts";
import type { ServiceModule, Surface } from "../service-module.ts";
import { toApiError } from "../status.ts";
import { auditedFetch } from "./audited-fetch.ts";
import { isFromForeignPage } from "./foreign-page.ts";
import { findTarget, type Target } from "./target.ts";
import { sendWebResponse, toWebRequest } from "./web.ts";

export interface ApiHandlerDeps {
  readonly modules: readonly ServiceModule[];
  readonly dispatcher: Dispatcher;
  readonly registry: Registry;
  readonly makeCall: CallMaker;
  readonly log: Log;
  readonly audit: Audit | undefined;
}

/** Answers one HTTP/1.1 request to any API; `scheme` is what the client used. Never rejects. */
export type ApiHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  scheme: "http" | "https",
) => Promise<void>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly call: () => Promise<Call>;
}

const NO_STYLE = { enumAsInteger: false, pretty: true };

/** Tells REST methods and surfaces of all modules apart by host and path. */
export function createApiHandler(deps: ApiHandlerDeps): ApiHandler {
  const routers = new Map(deps.modules.map((module) => [module, routerOf(module)]));
  return async (request, response, scheme) => {
    const url = urlOf(request, scheme);
    if (!url) return sendError(response, malformedUrl(), NO_STYLE, deps.registry);
    const exchange = exchangeOf(deps, request, response, url);
    try {
      const target = findTarget(deps.modules, exchange.url.host, exchange.url.pathname);
      if (!(await answerFrom(target, exchange))) throw routeNotFound(request.method ?? "GET", exchange.url.pathname);
    } catch (thrown) {
      const error = toApiError(thrown);
      // Without the query, which may hold a signature, an upload id or a token.
      const { origin, pathname } = exchange.url;
      if (error.code === Code.INTERNAL)
        deps.log.error("request failed", { url: origin + pathname, cause: error.cause });
      sendError(response, error, NO_STYLE, deps.registry);
    }
  };

  async function answerFrom(target: Target, exchange: Exchange): Promise<boolean> {
    const method = exchange.request.method ?? "GET";
    for (const module of target.modules) {
      const path = aliasVersion(module, target.path);
      const match = routers.get(module)!(method, path);
      if (match) {
        await handleRest(deps, match, { ...exchange, query: exchange.url.searchParams });
        return true;
      }
    }
    const surface = findSurface(target, method);
    if (!surface) return false;
    await answerFromSurface(deps.audit, surface, target, exchange);
    return true;
  }
}

function routerOf(module: ServiceModule): RestRouter {
  const versions = module.mixinVersions ?? [];
  const iam = module.iamResources ?? [];
  return createRestRouter([
    ...module.services.flatMap(httpBindingsOf),
    ...(module.iamVersions ?? versions).flatMap((version) =>
      iam.flatMap(({ template }) => iamBindings(version, template)),
    ),
    ...versions.flatMap(mixinBindings),
  ]);
}

function findSurface(target: Target, method: string): Surface | undefined {
  return target.modules
    .flatMap((module) => module.surfaces ?? [])
    .find((surface) => surface.matches(target.path, method));
}

async function answerFromSurface(
  audit: Audit | undefined,
  surface: Surface,
  target: Target,
  exchange: Exchange,
): Promise<void> {
  const call = await exchange.call();
  const url = `https://${target.host}${target.path}${exchange.url.search}`;
  const answer = await auditedFetch(audit, surface, toWebRequest(exchange.request, url, call.signal), call);
  await sendWebResponse(exchange.response, answer);
}

function exchangeOf(deps: ApiHandlerDeps, request: IncomingMessage, response: ServerResponse, url: URL): Exchange {
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  const call = () =>
    deps.makeCall({
      authorization: request.headers.authorization,
      origin: url.origin,
      callerIp: request.socket.remoteAddress ?? "",
      isFromForeignPage: isFromForeignPage(request.headers, url),
      userAgent: request.headers["user-agent"] ?? "",
      signal: abort.signal,
    });
  return { request, response, url, call };
}

/** What was asked for; undefined when request line and Host make no URL. */
function urlOf({ url = "/", headers }: IncomingMessage, scheme: "http" | "https"): URL | undefined {
  const origin = `${scheme}://${headers.host ?? "localhost"}`;
  // A client that uses the port as a plain-http proxy sends the whole URL in the request line; a path that begins with
  // "//" must not be read as a host.
  const parsed = URL.parse(url.startsWith("/") ? `${origin}${url}` : url, origin);
  // Signatures cover the Host header: it must not name another host than the one that is asked.
  const isOneHost = parsed?.host === URL.parse(origin)?.host;
  return parsed && isOneHost && isPercentEncoded(parsed.pathname) ? parsed : undefined;
}

function isPercentEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function aliasVersion(module: ServiceModule, path: string): string {
  const [, version = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
  const alias = module.versionAliases?.[version];
  return alias ? `/${alias}${rest}` : path;
}

function malformedUrl(): ApiError {
  return new ApiError(Code.INVALID_ARGUMENT, "The request line or the Host header is malformed.");
}

function routeNotFound(method: string, path: string): ApiError {
  return new ApiError(Code.NOT_FOUND, `The requested URL ${path} was not found on this server (${method}).`);
}
