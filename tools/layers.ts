/**
 * Which floor may import which. A folder not listed here is an error, and so is an import that points up or sideways.
 * Every floor may import src/gen (generated messages) except those that must not know any Google API.
 */
export const layers: Record<string, readonly string[]> = {
  "src/main.js": ["src/cli"],
  "src/cli": ["src/server", "src/wire", "src/platform", "src/gen"],
  "src/server": ["src/services", "src/build", "src/instances", "src/oci", "src/wire", "src/platform", "src/gen"],
  "src/services": ["src/build", "src/instances", "src/oci", "src/wire", "src/platform", "src/gen"],
  "src/build": ["src/instances", "src/oci", "src/platform"],
  "src/instances": ["src/oci", "src/platform"],
  "src/oci": ["src/platform"],
  "src/wire": ["src/platform", "src/gen"],
  "src/platform": [],
  "src/gen": [],
};

/** Folders under which sub-folders may not import each other: a service calls another one only through its API. */
export const isolatedChildren: readonly string[] = ["src/services"];

/** Files directly inside an isolated folder that wire its children together. */
export const isolatedChildrenIndexes: readonly string[] = ["src/services/services.ts"];
