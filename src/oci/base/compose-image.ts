import { createHash } from "node:crypto";
import { formatEnv, type ImageConfigFile } from "../image-config.ts";
import { LAYER_TIME } from "../layers/write-layer.ts";
import { hostArchitecture } from "../manifest.ts";
import { BASE_RECIPE, type BaseLayer } from "./base-layer.ts";
import { FUNCTION_USER } from "./configuration.ts";
import { BASE_PACKAGES } from "./packages.ts";
import type { DebianRecipe } from "./layers/debian-layer.ts";
import type { Runtime } from "./runtimes.ts";
import type { ToolImage } from "./tool-images.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A layer that images of a Debian release share. */
export interface SharedLayer {
  readonly codename: string;
  readonly recipe: DebianRecipe;
}

/** The tag of what is composed in some way: another way of composing it gets another tag. */
export function recipeTag(made: Runtime | ToolImage | SharedLayer): string {
  const recipe = JSON.stringify([BASE_RECIPE, BASE_PACKAGES, made, FUNCTION_USER]);
  return `recipe-${createHash("sha256").update(recipe).digest("hex").slice(0, 12)}`;
}

/**
 * The configuration of a run image, after that of Google's full stacks (GoogleCloudPlatform/buildpacks,
 * stacks/google_24_full/run.Dockerfile). The locale is C.UTF-8, which glibc has built in.
 */
export function runImageConfig(
  runtime: Runtime,
  base: BaseLayer,
  titles: readonly string[],
): Omit<ImageConfigFile, "rootfs"> {
  const created = LAYER_TIME.toISOString();
  const stackId = runtime.stack.replace(/^google-(\d+).*$/, "google.$1");
  const env = {
    PATH,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    CNB_STACK_ID: stackId,
    CNB_USER_ID: String(FUNCTION_USER.uid),
    CNB_GROUP_ID: String(FUNCTION_USER.gid),
    PORT: "8080",
    ...runtime.env,
  };
  const distribution = { "distro.name": base.distribution, "distro.version": base.codename };
  const labels = Object.entries({ id: stackId, maintainer: "homerun", mixins: "[]", ...distribution });
  return {
    architecture: hostArchitecture(),
    os: "linux",
    created,
    config: {
      User: `${FUNCTION_USER.uid}:${FUNCTION_USER.gid}`,
      ExposedPorts: { "8080/tcp": {} },
      Env: formatEnv(env),
      WorkingDir: "/workspace",
      Labels: Object.fromEntries(labels.map(([name, value]) => [`io.buildpacks.stack.${name}`, value])),
    },
    history: titles.map((title) => ({ created, created_by: title })),
  };
}

/** The configuration of an image that only holds a layer for others. */
export function layerImageConfig(title: string): Omit<ImageConfigFile, "rootfs"> {
  const created = LAYER_TIME.toISOString();
  return {
    architecture: hostArchitecture(),
    os: "linux",
    created,
    config: {},
    history: [{ created, created_by: title }],
  };
}

/** The configuration of a tool image: a build step runs in it as root, below the workspace. */
export function toolImageConfig(image: ToolImage, titles: readonly string[]): Omit<ImageConfigFile, "rootfs"> {
  const created = LAYER_TIME.toISOString();
  return {
    architecture: hostArchitecture(),
    os: "linux",
    created,
    config: {
      User: "0:0",
      Env: formatEnv({ PATH, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" }),
      Entrypoint: image.entrypoint,
      WorkingDir: "/workspace",
    },
    history: titles.map((title) => ({ created, created_by: title })),
  };
}
