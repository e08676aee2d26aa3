import type { DetectContext } from "../context.ts";
import { userError } from "../error.ts";

const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/** The part of package.json that builds look at. */
export interface PackageJson {
  readonly main?: string;
  readonly type?: string;
  readonly version?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: unknown;
}

/** Reads the application's package.json; undefined when there is none, a user error when it is not JSON. */
export function readPackageJson(
  context: DetectContext & { readFile(path: string): string | undefined },
): PackageJson | undefined {
  const text = context.readFile("package.json");
  return text === undefined ? undefined : parsePackageJson(text);
}

/** Parses the text of a package.json; throws a user error when it is not a JSON object. */
export function parsePackageJson(text: string): PackageJson {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch (error) {
    throw userError(`unmarshalling package.json: ${(error as Error).message}`);
  }
  throw userError("unmarshalling package.json: not an object");
}

/** Whether package.json defines a script. */
export function hasScript(packageJson: PackageJson | undefined, name: string): boolean {
  return packageJson?.scripts?.[name] !== undefined;
}

/** Whether the application itself has scripts that installing runs; they may depend on any of its files. */
export function hasInstallScripts(packageJson: PackageJson | undefined): boolean {
  return INSTALL_SCRIPTS.some((name) => hasScript(packageJson, name));
}

/** Whether package.json lists devDependencies. */
export function hasDevDependencies(packageJson: PackageJson | undefined): boolean {
  return Object.keys(packageJson?.devDependencies ?? {}).length > 0;
}

/** The value of NODE_ENV, production unless the user says otherwise. */
export function nodeEnv(env: Readonly<Record<string, string>>): string {
  return env["NODE_ENV"] || "production";
}

/** Whether a variable is there and true, in the spellings of Go's strconv.ParseBool. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "t", "T", "TRUE", "true", "True"].includes(value);
}
