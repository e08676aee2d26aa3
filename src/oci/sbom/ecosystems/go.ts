import { type Component, packageUrl } from "../component.ts";

/** Begins the build information of a Go program; 16 bytes of flags follow (Go: debug/buildinfo). */
const MAGIC = Buffer.from("\xff Go buildinf:", "latin1");
const HEADER_BYTES = 32;
const INLINE_STRINGS = 2;
/** Frames the module information. */
const SENTINEL_BYTES = 16;

/** The modules of a Go program of Go 1.18 or newer, the standard library included; none for any other file. */
export function goComponents(program: Buffer): Component[] {
  const start = program.indexOf(MAGIC);
  if (start < 0 || ((program[start + 15] ?? 0) & INLINE_STRINGS) === 0) return [];
  const version = readText(program, start + HEADER_BYTES);
  const modules = version && readText(program, version.end);
  if (!version || !modules) return [];
  const release = version.text.replace(/^go/, "");
  const standard = { type: "library", name: "stdlib", version: release } as const;
  return [
    { ...standard, purl: packageUrl("golang", undefined, "stdlib", release) },
    ...modulesOf(modules.text.slice(SENTINEL_BYTES, -SENTINEL_BYTES)),
  ];
}

function modulesOf(information: string): Component[] {
  const components: Component[] = [];
  for (const line of information.split("\n")) {
    const [kind = "", path = "", version = ""] = line.split("\t");
    if (!["mod", "dep", "=>"].includes(kind) || path === "") continue;
    // The line below replaces the module above it.
    if (kind === "=>") components.pop();
    const [name, namespace] = [path.split("/").at(-1)!, path.split("/").slice(0, -1).join("/")];
    const known = version === "(devel)" ? "" : version;
    const purl = packageUrl("golang", namespace === "" ? undefined : namespace, name, known);
    components.push({ type: kind === "mod" ? "application" : "library", name: path, version: known, purl });
  }
  return components;
}

/** A text with its length before it, in Go's uvarint encoding. */
function readText(bytes: Buffer, offset: number): { text: string; end: number } | undefined {
  let [length, shift, position] = [0, 0, offset];
  for (;;) {
    const byte = bytes[position++];
    if (byte === undefined || shift > 28) return undefined;
    length |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
    shift += 7;
  }
  const end = position + length;
  return end > bytes.length ? undefined : { text: bytes.toString("latin1", position, end), end };
}
