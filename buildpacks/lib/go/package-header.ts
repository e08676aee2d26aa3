import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the beginnings of a package's files say. */
export interface PackageHeader {
  readonly name: string;
  /** Import paths of all its files. */
  readonly imports: ReadonlySet<string>;
}

/**
 * The one package in a folder, with what its files import; tests and files of other platforms count as well. Throws with
 * Google's words where there is none, more than one, or a file that does not begin as a Go file does.
 * Google: buildpacks, cmd/go/functions_framework/converter/get_package.
 */
export function readPackageHeader(folder: string): PackageHeader {
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => !entry.isDirectory() && entry.name.endsWith(".go"),
  );
  const headers = files.map(({ name }) => {
    try {
      return parseFileHeader(readFileSync(join(folder, name), "utf8"));
    } catch (error) {
      throw new Error(`failed to parse source in ${folder}: ${name}:${(error as Error).message}`, { cause: error });
    }
  });
  const [name, other] = new Set(headers.map(({ packageName }) => packageName));
  if (name === undefined) throw new Error(`unable to find Go package in ${folder}`);
  if (other !== undefined) throw new Error(`multiple packages in user code directory: ${name} != ${other}`);
  return { name, imports: new Set(headers.flatMap(({ imports }) => imports)) };
}

interface FileHeader {
  readonly packageName: string;
  readonly imports: readonly string[];
}

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Space and comments, then a word, a string or any other character. The Go Programming Language Specification, "Lexical elements". */
const TOKEN = /(?:[\s\uFEFF]|\/\/[^\n]*|\/\*[^]*?\*\/)*([\p{L}_][\p{L}\p{Nd}_]*|"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^]|$)/uy;
const WORD = /^[\p{L}_]/u;
const STRING = /^["`]./;

/** Reads the package clause and the import declarations; throws "LINE:COLUMN: REASON". */
export function parseFileHeader(source: string): FileHeader {
  const tokens = tokensOf(source);
  const next = (): Token => tokens.next().value ?? { text: "", at: source.length };
  const expect = (token: Token, fits: boolean, what: string): void => {
    if (!fits)
      throw new Error(
        `${position(source, token.at)}: expected ${what}, found ${token.text === "" ? "'EOF'" : token.text}`,
      );
  };
  const clause = next();
  expect(clause, clause.text === "package", "'package'");
  const packageName = next();
  expect(packageName, WORD.test(packageName.text), "'IDENT'");
  const imports: string[] = [];
  const readSpec = (first: Token): void => {
    const path = STRING.test(first.text) ? first : next();
    expect(path, STRING.test(path.text), "import path");
    imports.push(path.text.slice(1, -1));
  };
  const readSpecs = (): void => {
    for (let spec = next(); spec.text !== ")"; spec = next()) {
      if (spec.text !== ";") readSpec(spec);
    }
  };
  for (let token = next(); token.text === "import" || token.text === ";"; token = next()) {
    if (token.text === ";") continue;
    const first = next();
    if (first.text === "(") readSpecs();
    else readSpec(first);
  }
  return { packageName: packageName.text, imports };
}

function* tokensOf(source: string): Generator<Token, undefined> {
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const text = TOKEN.exec(source)?.[1] ?? "";
    if (text === "") return undefined;
    at = TOKEN.lastIndex;
    yield { text, at: at - text.length };
  }
}

function position(source: string, at: number): string {
  const lines = source.slice(0, at).split("\n");
  return `${lines.length}:${lines.at(-1)!.length + 1}`;
}
