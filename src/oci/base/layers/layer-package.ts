import type { BinaryPackage } from "../../debian/packages-index.ts";
import { packageUrl } from "../../sbom/component.ts";

/** One package that a layer is made of. */
export interface LayerPackage {
  readonly name: string;
  readonly version: string;
  /** Package URL (package-url/purl-spec). */
  readonly purl: string;
  /** Hash of the package as it was downloaded: ALGORITHM:HEX, an npm integrity value or the h1 of go.sum. */
  readonly hash: string;
}

/** The record of a distribution's packages. */
export function debianPackages(packages: readonly BinaryPackage[], distribution: string): LayerPackage[] {
  return packages.map(({ name, version, architecture, sha256 }) => ({
    name,
    version,
    purl: packageUrl("deb", distribution, name, version, { arch: architecture }),
    hash: `sha256:${sha256}`,
  }));
}

/** The record of an npm package. */
export function npmPackage(name: string, version: string, integrity: string): LayerPackage {
  const [first = "", ...rest] = name.split("/");
  const [namespace, last] = rest.length > 0 ? [first, rest.join("/")] : [undefined, first];
  return { name, version, purl: packageUrl("npm", namespace, last, version), hash: integrity };
}

/** The record of a Go module; its hash is the one that go.sum has. */
export function goModule({
  path,
  version,
  hash,
}: Pick<LayerPackage, "version" | "hash"> & { path: string }): LayerPackage {
  const cut = path.lastIndexOf("/");
  const purl = packageUrl("golang", path.slice(0, cut), path.slice(cut + 1), version);
  return { name: path, version, purl, hash };
}
