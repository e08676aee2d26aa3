import { join } from "node:path";
import type { UnpackedImage } from "../../oci/oci.ts";
import { parseReference } from "../../oci/reference.ts";
import type { BuilderDeps, BuildpackBuildRequest } from "../build.ts";
import { type BuildImages, buildOwner, runtimeOf } from "../build-images.ts";
import type { ReadRunImage, RunImageManifest } from "../image/run-image.ts";
import { fullImageName, pullReference } from "../steps/image-name.ts";
import { fieldsOf, parseToml, type Table } from "../lifecycle/toml.ts";
import { BuildInputError } from "./build-input-error.ts";
import { readSourceFile } from "./source-file.ts";

type Request = Pick<BuildpackBuildRequest, "runImage" | "destinations" | "onLogLine" | "signal">;

const METADATA = "io.buildpacks.builder.metadata";
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Pulls a builder image and finds the run image that it names, unless the request names one. Rejects with a
 * BuildInputError when one of them cannot be had.
 */
export async function resolveBuilderImages(
  deps: Pick<BuilderDeps, "baseImages" | "images">,
  readRunImage: ReadRunImage,
  builder: string,
  request: Request,
): Promise<BuildImages> {
  const { onLogLine, signal } = request;
  const build = await pullImage(deps, "builder image", builder, signal);
  const named = request.runImage === "" ? chooseRunImage(runImagesOf(build), request, builder) : undefined;
  const name = named?.name ?? request.runImage;
  const runtime = runtimeOf(name);
  const reference =
    runtime === undefined
      ? pullReference(fullName("run image", name))
      : await deps.baseImages.ensureRunImage(name, onLogLine, signal);
  const run = await fetching("run image", name, signal, () => readRunImage(name, reference, signal));
  return {
    build,
    run: { ...run, ...(named && named.mirrors.length > 0 ? named : {}) } satisfies RunImageManifest,
    owner: await buildOwner(build),
    runImageHasRuntime: runtime !== undefined,
    builder: {
      order: build.config.env["CNB_ORDER_PATH"] ?? "/cnb/order.toml",
      buildpacks: build.config.env["CNB_BUILDPACKS_DIR"] ?? "/cnb/buildpacks",
    },
  };
}

/** Pulls an image that a build was told to use. */
export async function pullImage(
  { images }: Pick<BuilderDeps, "images">,
  what: string,
  name: string,
  signal: AbortSignal,
): Promise<UnpackedImage> {
  const reference = pullReference(fullName(what, name));
  return fetching(what, name, signal, () => images.ensure(reference, signal));
}

interface RunImageNames {
  /** Its name, or of a mirror. */
  readonly name: string;
  readonly image: string;
  readonly mirrors: readonly string[];
}

/** platform.md, "Run Image Resolution": one on the registry that the result goes to, or else the first. */
function chooseRunImage(found: readonly Omit<RunImageNames, "name">[], request: Request, builder: string) {
  const [first] = found;
  if (!first)
    throw new BuildInputError(`run image must be specified: the builder image '${builder}' does not name one`);
  const hosts = request.destinations.map((destination) => parseReference(destination).host);
  const names = [first.image, ...first.mirrors];
  const name = names.find((candidate) => hosts.includes(parseReference(fullName("run image", candidate)).host));
  return { name: name ?? first.image, image: first.image, mirrors: first.mirrors } satisfies RunImageNames;
}

/** The run images that a builder's label names, or its /cnb/run.toml or /cnb/stack.toml. */
function runImagesOf({ config, layers }: UnpackedImage): Omit<RunImageNames, "name">[] {
  const label = parseObject(config.labels[METADATA]);
  const file = (path: string): Table => {
    const content = layers.toReversed().map((layer) => readSourceFile(layer, path, MAX_FILE_BYTES));
    const text = content.find((found) => found !== undefined);
    return text === undefined ? {} : parseToml(text, join("/", path));
  };
  const candidates = [label["runImages"], runImageOf(label["stack"]), file("cnb/run.toml")["images"]];
  const listed = [...candidates, runImageOf(file("cnb/stack.toml"))].map((value) =>
    Array.isArray(value) ? value : [],
  );
  return listed.flat().flatMap((item: unknown) => {
    const fields = fieldsOf(asTable(item), "run image");
    const image = fields.text("image");
    return image ? [{ image, mirrors: fields.has("mirrors") ? fields.texts("mirrors") : [] }] : [];
  });
}

function runImageOf(stack: unknown): unknown[] {
  const { runImage, "run-image": inFile } = asTable(stack);
  return [runImage ?? inFile].filter((value) => value !== undefined);
}

function asTable(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function parseObject(text: string | undefined): Table {
  try {
    return asTable(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}

function fullName(what: string, name: string): string {
  try {
    return fullImageName(name);
  } catch (cause) {
    throw new BuildInputError(`invalid ${what} '${name}'`, { cause });
  }
}

async function fetching<Result>(
  what: string,
  name: string,
  signal: AbortSignal,
  fetch: () => Promise<Result>,
): Promise<Result> {
  try {
    return await fetch();
  } catch (cause) {
    signal.throwIfAborted();
    // Whatever is wrong with a registry or an image is wrong with the build that names it.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildInputError(`failed to fetch ${what} '${name}': ${reason}`, { cause });
  }
}
