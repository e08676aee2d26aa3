import type { ImageConfig } from "./oci.ts";

/** The image configuration file (image-spec, config.md), as far as homerun writes and reads it. */
export interface ImageConfigFile {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly author?: string;
  readonly config?: {
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly Env?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly StopSignal?: string;
  };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly ImageHistory[];
}

export interface ImageHistory {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** Reads the configuration file's bytes into what is needed to run the image; throws a TypeError when it is malformed. */
export function parseImageConfig(content: Uint8Array): ImageConfig {
  const { config = {}, rootfs } = parseFile(content);
  if (rootfs?.diff_ids === undefined) throw new TypeError("image configuration without rootfs.diff_ids");
  return {
    env: parseEnv(texts("Env", config.Env)),
    entrypoint: texts("Entrypoint", config.Entrypoint),
    cmd: texts("Cmd", config.Cmd),
    workingDir: text("WorkingDir", config.WorkingDir) || "/",
    user: text("User", config.User),
    labels: config.Labels ?? {},
    diffIds: texts("rootfs.diff_ids", rootfs.diff_ids),
  };
}

function parseFile(content: Uint8Array): Partial<ImageConfigFile> {
  try {
    const file = JSON.parse(Buffer.from(content).toString("utf8")) as Partial<ImageConfigFile> | null;
    if (typeof file === "object" && file !== null) return { ...file, config: file.config ?? {} };
  } catch (cause) {
    throw new TypeError("image configuration that is no JSON", { cause });
  }
  throw new TypeError("image configuration that is no JSON object");
}

function texts(field: string, value: unknown): readonly string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((each) => typeof each === "string")) return list;
  throw new TypeError(`image configuration whose ${field} is no list of texts`);
}

function text(field: string, value: unknown): string {
  const given = value ?? "";
  if (typeof given === "string") return given;
  throw new TypeError(`image configuration whose ${field} is no text`);
}

/** Turns NAME=VALUE lines into a record; a line without "=" becomes an empty value. */
export function parseEnv(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** Turns a record into NAME=VALUE lines, in the record's order. */
export function formatEnv(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
