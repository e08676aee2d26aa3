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
  const file = JSON.parse(Buffer.from(content).toString("utf8")) as Partial<ImageConfigFile>;
  const diffIds = file.rootfs?.diff_ids;
  if (!Array.isArray(diffIds)) throw new TypeError("image configuration without rootfs.diff_ids");
  return {
    env: parseEnv(file.config?.Env ?? []),
    entrypoint: file.config?.Entrypoint ?? [],
    cmd: file.config?.Cmd ?? [],
    workingDir: file.config?.WorkingDir || "/",
    user: file.config?.User ?? "",
    labels: file.config?.Labels ?? {},
    diffIds,
  };
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
