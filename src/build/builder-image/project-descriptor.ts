import { type Fields, fieldsOf, parseToml } from "../lifecycle/toml.ts";
import type { BuildpackChoice } from "../lifecycle/exchange.ts";
import { BuildInputError } from "./build-input-error.ts";
import { type ChosenBuildpack, chooseBuildpack, type ChoiceContext } from "./choose-buildpack.ts";

/** What project.toml says to a build (Project Descriptor 0.1 and 0.2). */
export interface ProjectDescriptor {
  readonly builder: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[] | undefined;
  readonly group: readonly ChosenBuildpack[];
  readonly pre: readonly ChosenBuildpack[];
  readonly post: readonly ChosenBuildpack[];
}

/** Reads a project descriptor; throws a BuildInputError or a LifecycleError that says what is wrong with it. */
export function parseProjectDescriptor(content: string, name: string, context: ChoiceContext): ProjectDescriptor {
  const toml = fieldsOf(parseToml(content, name), name);
  const schema = toml.table("_").text("schema-version") ?? "0.1";
  if (schema !== "0.1" && schema !== "0.2")
    throw new BuildInputError(`${name}: the schema version "${schema}" is not supported; it must be "0.1" or "0.2"`);
  const build = schema === "0.1" ? toml.table("build") : toml.table("io").table("buildpacks");
  const list = (key: string): readonly string[] | undefined => (build.has(key) ? build.texts(key) : undefined);
  const [include, exclude] = [list("include"), list("exclude")];
  if (include && exclude) throw new BuildInputError(`${name}: cannot have both include and exclude defined`);
  const choose = (entries: readonly Fields[]): ChosenBuildpack[] => entries.map((entry) => readEntry(entry, context));
  return {
    builder: build.text("builder") || undefined,
    env: readEnv(schema === "0.1" ? build.tables("env") : environmentOf(build)),
    include,
    exclude,
    group: choose(build.tables(schema === "0.1" ? "buildpacks" : "group")),
    pre: choose(build.table("pre").tables("group")),
    post: choose(build.table("post").tables("group")),
  };
}

/** Its place in the specification, or the one that pack had it in before. */
function environmentOf(build: Fields): readonly Fields[] {
  const current = build.table("build").tables("env");
  return current.length > 0 ? current : build.table("env").tables("build");
}

function readEnv(entries: readonly Fields[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => [entry.text("name") || entry.fail("name is missing"), entry.text("value") ?? ""]),
  );
}

function readEntry(entry: Fields, context: ChoiceContext): ChosenBuildpack {
  const [id, version, uri] = [entry.text("id") ?? "", entry.text("version") ?? "", entry.text("uri")];
  if (entry.has("script")) {
    if (uri !== undefined) entry.fail("uri and script cannot be defined together");
    return { choice: readInline(entry.table("script"), id, version) };
  }
  if (uri === undefined) return { choice: { id: id || entry.fail("id is missing"), version } };
  if (version !== "") entry.fail("uri and version cannot be defined together");
  return chooseBuildpack(uri, context);
}

function readInline(script: Fields, id: string, version: string): BuildpackChoice {
  const api = script.text("api") ?? script.fail("api is missing");
  const inline = { api, shell: script.text("shell") || "/bin/sh", script: script.text("inline") ?? "" };
  if (id === "" || inline.script === "") script.fail("id and inline are required of an inline buildpack");
  return { id, version: version || "0.0.0", inline };
}
