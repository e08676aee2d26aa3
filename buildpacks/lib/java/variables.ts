/** Variables by which Google's Java buildpacks are told what to do. Google: buildpacks, pkg/env and pkg/java. */
export const javaVariables = {
  runtime: "GOOGLE_RUNTIME",
  runtimeVersion: "GOOGLE_RUNTIME_VERSION",
  target: "GOOGLE_FUNCTION_TARGET",
  buildable: "GOOGLE_BUILDABLE",
  buildArgs: "GOOGLE_BUILD_ARGS",
  mavenBuildArgs: "GOOGLE_MAVEN_BUILD_ARGS",
  gradleBuildArgs: "GOOGLE_GRADLE_BUILD_ARGS",
  clearSource: "GOOGLE_CLEAR_SOURCE",
  nativeImage: "GOOGLE_JAVA_USE_NATIVE_IMAGE",
  /** Takes the second major version of the Functions Framework where the function brings none. */
  secondFramework: "USE_JAVA_FF_2",
} as const;

/** Whether a variable has one of the values that stand for true. Go: strconv.ParseBool. */
export function isTrue(value: string | undefined): boolean {
  return /^(1|t|T|TRUE|true|True)$/.test(value ?? "");
}

/** Whether a variable has one of the values that stand for false. Go: strconv.ParseBool. */
export function isFalse(value: string): boolean {
  return /^(0|f|F|FALSE|false|False)$/.test(value);
}

/** The words of a variable's value. */
export function wordsOf(value: string | undefined): string[] {
  return (value ?? "").split(/\s+/).filter(Boolean);
}
