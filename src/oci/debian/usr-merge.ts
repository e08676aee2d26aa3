/** Top-level folders that are links into usr on every merged system (file-hierarchy(7)). */
export const MERGED_FOLDERS: readonly string[] = ["bin", "sbin", "lib", "lib64", "lib32", "libx32"];

/** The path of a package's file on a merged system, without "./" or slashes at its ends: lib/x.so becomes usr/lib/x.so. */
export function mergeUsr(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return [...(MERGED_FOLDERS.includes(parts[0] ?? "") ? ["usr"] : []), ...parts].join("/");
}
