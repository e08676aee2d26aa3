/** A function as its build tool has left it. */
export interface BuiltFunction {
  /** Where its classes are, in the Functions Framework's notation: "*" stands for every jar of a folder. */
  readonly classpath: string;
  /** The jar of the application itself; an absolute path. */
  readonly jar: string;
  /** The Functions Framework among its dependencies. */
  readonly invoker?: Invoker;
  /** Fetches the dependencies where they are only known to be in the previous image. */
  readonly provideDependencies?: () => Promise<void>;
}

/** A jar of the Functions Framework. */
export interface Invoker {
  readonly version: string;
  /** SHA-256 of the jar, in hexadecimal digits. */
  readonly sha256: string;
  /** Not there where the jar is only known to be in the previous image. */
  readonly file?: string;
}

/** The jar's class that starts it. Google: buildpacks, cmd/java/functions_framework, invokerMain. */
export const INVOKER_MAIN = "com.google.cloud.functions.invoker.runner.Invoker";
/** Name of the layer with the framework's jar, and of that jar. */
export const FRAMEWORK_LAYER = "functions-framework";
