import type { DebianRecipe } from "../debian-layer.ts";
import type { PythonRecipe } from "../python-layer.ts";

/** The Debian packages of a recipe, for layers above. */
export function debianPartOf({ version, packages }: PythonRecipe): DebianRecipe {
  const links = { "usr/bin/python3": `python${version}`, "usr/bin/python": `python${version}` };
  const names = [`python${version}`, ...packages];
  // The packages of Debian's default version would bring that one along, too.
  return { kind: "debian", title: `Python ${version}`, packages: names, without: ["python3"], links };
}
