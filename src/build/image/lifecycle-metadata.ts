/** The part of the io.buildpacks.lifecycle.metadata label that says what an image stands on; the rest stays as it is. */
export interface LifecycleMetadata {
  readonly runImage: RunImageMetadata;
  readonly [key: string]: unknown;
}

export interface RunImageMetadata {
  /** Name of the run image. */
  readonly image: string;
  readonly mirrors?: readonly string[];
  /** Diff id of its topmost layer. */
  readonly topLayer: string;
  /** Digest reference. */
  readonly reference: string;
}

/** Reads the label (platform.md, "Labels"); undefined for an image without it, or with something else in its place. */
export function readLifecycleMetadata(label: string | undefined): LifecycleMetadata | undefined {
  const metadata = asObject(parse(label));
  if (!metadata) return undefined;
  const runImage = asObject(metadata["runImage"]);
  const stack = asObject(asObject(metadata["stack"])?.["runImage"]);
  if (!runImage) return undefined;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const mirrors = runImage["mirrors"] ?? stack?.["mirrors"];
  return {
    ...metadata,
    runImage: {
      // Older platforms name the run image below "stack" only.
      image: text(runImage["image"]) || text(stack?.["image"]),
      ...(Array.isArray(mirrors) ? { mirrors: mirrors.map(text) } : {}),
      topLayer: text(runImage["topLayer"]),
      reference: text(runImage["reference"]),
    },
  };
}

function parse(label: string | undefined): unknown {
  try {
    return label === undefined ? undefined : JSON.parse(label);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
