import { type Component, packageUrl } from "../component.ts";

/** Whether a path is the metadata of an installed Python distribution. */
export function isPythonMetadata(path: string): boolean {
  return path.endsWith(".dist-info/METADATA");
}

/** The distribution that a METADATA file describes (packaging.python.org, "Core metadata specifications"). */
export function pythonComponents(content: string): Component[] {
  const head = content.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const field = (name: string): string => new RegExp(`^${name}: (.+)$`, "mi").exec(head)?.[1]?.trim() ?? "";
  const [name, version] = [field("Name"), field("Version")];
  if (name === "" || version === "") return [];
  const license = field("License-Expression") || field("License");
  const purl = packageUrl("pypi", undefined, name.toLowerCase().replaceAll(/[-_.]+/g, "-"), version);
  return [{ type: "library", name, version, purl, ...(license !== "" && { license }) }];
}
