import { type Component, packageUrl } from "../component.ts";

/** Whether a path is the package.json of an installed package. */
export function isNpmManifest(path: string): boolean {
  return /(^|\/)node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path);
}

/** The package that a package.json describes; nothing when it has no name or version. */
export function npmComponents(content: string): Component[] {
  const { name, version, license } = JSON.parse(content) as Record<string, unknown>;
  if (typeof name !== "string" || typeof version !== "string" || name === "" || version === "") return [];
  const slash = name.startsWith("@") ? name.indexOf("/") : -1;
  const namespace = slash > 0 ? name.slice(0, slash) : undefined;
  const purl = packageUrl("npm", namespace, name.slice(slash + 1), version);
  return [{ type: "library", name, version, purl, ...(typeof license === "string" && license !== "" && { license }) }];
}
