/** Variables by which Google's Go buildpacks are told what to do, and tell each other. Google: buildpacks, pkg/env and pkg/golang. */
export const goVariables = {
  runtime: "GOOGLE_RUNTIME",
  target: "GOOGLE_FUNCTION_TARGET",
  buildable: "GOOGLE_BUILDABLE",
  clearSource: "GOOGLE_CLEAR_SOURCE",
  compilerFlags: "GOOGLE_GOGCFLAGS",
  linkerFlags: "GOOGLE_GOLDFLAGS",
  skipInjection: "GOOGLE_SKIP_FRAMEWORK_INJECTION",
  /** The folder that "go build" runs in, from one buildpack to the next. */
  buildDir: "GOOGLE_INTERNAL_BUILD_DIR",
} as const;
