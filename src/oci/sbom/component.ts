/** A piece of software in an image. */
export interface Component {
  readonly type: "operating-system" | "library" | "application";
  readonly name: string;
  readonly version: string;
  /** Package URL (package-url/purl-spec), which is also its identity. */
  readonly purl: string;
  /** SPDX expression or the package's own words. */
  readonly license?: string;
}

/** What one layer adds. */
export interface LayerComponents {
  /** Everything but distribution packages. */
  readonly found: readonly Component[];
  /** The distribution's packages as the layer's package database has them, if it has one: it replaces that of layers below. */
  readonly distribution?: readonly Component[];
}

/** The components of an image: its layers' lowest first. Each is named once, in the order of their package URLs. */
export function componentsOf(layers: readonly LayerComponents[]): Component[] {
  const distribution = layers.findLast((layer) => layer.distribution !== undefined)?.distribution ?? [];
  const all = [...distribution, ...layers.flatMap(({ found }) => found)];
  const byPurl = new Map(all.map((component) => [component.purl, component]));
  return [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

/** A package URL; namespace and name are escaped as purl-spec asks. */
export function packageUrl(
  type: string,
  namespace: string | undefined,
  name: string,
  version: string,
  qualifiers: Readonly<Record<string, string>> = {},
): string {
  const path = [namespace, name].filter((part) => part !== undefined).flatMap((part) => part.split("/"));
  const query = Object.entries(qualifiers).map(([key, value]) => `${key}=${encode(value)}`);
  const at = version === "" ? "" : `@${encode(version)}`;
  return `pkg:${type}/${path.map(encode).join("/")}${at}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}
