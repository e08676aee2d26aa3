import type { ServiceRoute } from "../serving.ts";

/** Where a request goes. */
export interface RouteMatch {
  readonly route: ServiceRoute;
  /** Set when the host begins with "TAG---". */
  readonly tag: string | undefined;
  /** Host the container sees, and path with query. */
  readonly host: string;
  readonly path: string;
  /** The service's own address as the caller named it, without scheme: host, or host and function path. */
  readonly address: string;
}

export interface RouteTable {
  set(route: ServiceRoute): void;
  remove(service: string): void;
  /** `host` as in the Host header, `target` as in the request line. Undefined when nothing is served there. */
  find(host: string, target: string): RouteMatch | undefined;
}

/** Local names of Google's hosts: browsers and resolvers send *.localhost to this machine without any DNS. */
const LOCAL_NAMES: readonly (readonly [google: string, local: string])[] = [
  [".run.app", ".run.localhost"],
  [".cloudfunctions.net", ".cloudfunctions.localhost"],
];

const TAG_SEPARATOR = "---";

/** For clients that cannot choose a Host: http://ADDRESS:8485/_/HOST/rest is HOST/rest. */
const PATH_FORM = /^\/_\/([^/?]+)(.*)$/;

export function routeTable(): RouteTable {
  const services = new Map<string, ServiceRoute>();
  const byHost = new Map<string, ServiceRoute>();
  /** By host and path. */
  const byPath = new Map<string, Map<string, ServiceRoute>>();

  const enter = (route: ServiceRoute) => {
    for (const name of route.hosts.flatMap(namesOf)) byHost.set(name, route);
    for (const { host, path } of route.paths) {
      for (const name of namesOf(host)) byPath.set(name, (byPath.get(name) ?? new Map()).set(path, route));
    }
  };
  const leave = (service: string) => {
    const route = services.get(service);
    services.delete(service);
    for (const name of route?.hosts.flatMap(namesOf) ?? []) if (byHost.get(name) === route) byHost.delete(name);
    for (const { host, path } of route?.paths ?? []) {
      for (const paths of namesOf(host).flatMap((name) => byPath.get(name) ?? [])) {
        if (paths.get(path) === route) paths.delete(path);
      }
    }
  };
  const findByHost = (host: string, path: string): RouteMatch | undefined => {
    // Most callers name it as it is kept.
    const asNamed = byHost.get(host);
    if (asNamed !== undefined) return { route: asNamed, tag: undefined, host, path, address: host };
    const name = hostName(host);
    const direct = byHost.get(name);
    if (direct !== undefined) return { route: direct, tag: undefined, host, path, address: host };
    const separator = name.indexOf(TAG_SEPARATOR);
    const tagged = separator < 0 ? undefined : byHost.get(name.slice(separator + TAG_SEPARATOR.length));
    if (tagged !== undefined) return { route: tagged, tag: name.slice(0, separator), host, path, address: host };
    return findByPath(byPath.get(name), host, path);
  };

  return {
    set(route) {
      leave(route.service);
      services.set(route.service, route);
      enter(route);
    },
    remove(service) {
      const { paths = [] } = services.get(service) ?? {};
      leave(service);
      // Hosts belong to one service; a path that several ask for is the next one's.
      const isAsked = (asked: ServiceRoute["paths"][number]) =>
        paths.some(({ host, path }) => host === asked.host && path === asked.path);
      for (const route of paths.length === 0 ? [] : services.values()) if (route.paths.some(isAsked)) enter(route);
    },
    find(host, target) {
      const path = originForm(target);
      const match = findByHost(host, path);
      if (match !== undefined) return match;
      const [, named, rest = ""] = PATH_FORM.exec(path) ?? [];
      return named === undefined ? undefined : findByHost(decodeHost(named), rest.startsWith("/") ? rest : `/${rest}`);
    },
  };
}

/** Google: a function at https://REGION-PROJECT.cloudfunctions.net/hello sees the path below /hello, at least "/". */
function findByPath(
  routes: ReadonlyMap<string, ServiceRoute> | undefined,
  host: string,
  target: string,
): RouteMatch | undefined {
  if (routes === undefined) return undefined;
  const query = target.indexOf("?");
  const path = query < 0 ? target : target.slice(0, query);
  // The longest prefix that ends with a segment counts.
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const prefix = path.slice(0, end);
    const route = routes.get(prefix);
    if (route === undefined) continue;
    const forwarded = (path.slice(end) || "/") + (query < 0 ? "" : target.slice(query));
    return { route, tag: undefined, host, path: forwarded, address: host + prefix };
  }
  return undefined;
}

/** The name of a Host header: lower case, without port and final dot. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

function namesOf(host: string): string[] {
  const name = hostName(host);
  const others = LOCAL_NAMES.flatMap(([google, local]) => [
    exchange(name, google, local),
    exchange(name, local, google),
  ]);
  return [name, ...others.filter((other) => other !== undefined)];
}

function exchange(name: string, suffix: string, other: string): string | undefined {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) + other : undefined;
}

/** The path of a request target, which is a whole URL when a client takes ingress for its proxy. */
function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const absolute = /^https?:\/\/[^/?]*(.*)$/i.exec(target);
  const path = absolute?.[1] ?? target;
  return path.startsWith("/") ? path : `/${path === "*" ? "" : path}`;
}

function decodeHost(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
