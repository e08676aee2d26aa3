import { Command, Option } from "commander";
import { CliError } from "./cli-error.ts";
import { createApiClient } from "./client/api-client.ts";
import { type FunctionOptions, print } from "./functions/options.ts";
import { dataDirOf, withSettings } from "./server/options.ts";
import { requireServer } from "./server/running-server.ts";

type Options = Pick<FunctionOptions, "dataDir" | "format">;

/** A run image as the API shows it. */
interface Image {
  readonly runtime: string;
  readonly stack: string;
  readonly image: string;
  readonly layers: readonly { readonly title: string; readonly packages: readonly unknown[] }[];
}

interface RefreshedImage extends Image {
  readonly changes: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}

type RefreshLine =
  | { readonly progress: string }
  | { readonly images: readonly RefreshedImage[] }
  | { readonly error: string };

/** homerun base-images: the images that functions are built on. */
export function baseImagesCommand(): Command {
  return new Command("base-images")
    .description("Look after the images that functions are built on.")
    .addCommand(listCommand())
    .addCommand(refreshCommand());
}

function listCommand(): Command {
  const command = new Command("list").description("List the run images that were composed so far.");
  return withOptions(command).action(async (options: Options) => {
    const api = createApiClient(await requireServer(dataDirOf(options)));
    const { images } = await api.call<{ images: Image[] }>("GET", "/baseimages/v1/baseImages");
    print(options, images, () => images.map(textOf).join("\n") || "No base image has been composed yet.");
  });
}

function refreshCommand(): Command {
  const command = new Command("refresh")
    .description("Compose images anew from the newest packages, and update what runs on them where it is asked for.")
    .argument("[runtime...]", "runtime ids, such as nodejs22; all of them when left out");
  return withOptions(command).action(async (runtimes: string[], options: Options) => {
    const api = createApiClient(await requireServer(dataDirOf(options)));
    const query = runtimes.map((runtime) => `runtime=${encodeURIComponent(runtime)}`).join("&");
    for await (const line of api.lines<RefreshLine>("POST", `/baseimages/v1/baseImages:refresh?${query}`)) {
      if ("error" in line) throw new CliError(line.error);
      if ("progress" in line) console.error(line.progress);
      else print(options, line.images, () => line.images.map(changesOf).join("\n") || "No base image to refresh.");
    }
  });
}

function withOptions(command: Command): Command {
  command.addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"));
  return withSettings(command, ["dataDir"]);
}

function textOf({ runtime, stack, image, layers }: Image): string {
  const titles = layers.map(({ title }) => title).join(", ");
  const count = layers.reduce((sum, { packages }) => sum + packages.length, 0);
  return `${stack}/${runtime}  ${image.slice(image.indexOf("sha256:"))}\n  ${titles} (${count} packages)`;
}

function changesOf({ runtime, stack, changes }: RefreshedImage): string {
  const lines = changes.map(({ name, from, to }) => `  ${name} ${from || "(none)"} -> ${to || "(none)"}`);
  return [`${stack}/${runtime}: ${lines.length > 0 ? "updated" : "up to date"}`, ...lines].join("\n");
}
