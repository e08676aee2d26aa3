import { parseVersion } from "../lib/semver.ts";
import { framework, type FunctionSource } from "./framework.ts";

/**
 * The main package of a function: declared functions register themselves when their package is imported, others are
 * registered by their signature. Google: buildpacks, cmd/go/functions_framework/lib, which has one text per case as well.
 */
export function mainProgram(source: FunctionSource, packagePath: string, frameworkVersion: string): string {
  if (source.imports.has(framework.declarations)) return program([`_ "${packagePath}"`], "");
  const imported = `userfunction "${packagePath}"`;
  const register = `	if err := register(userfunction.${source.target}); err != nil {
		log.Fatalf("Function failed to register: %v\\n", err)
	}
`;
  if (hasContextApi(frameworkVersion)) {
    const cloudevents = 'cloudevents "github.com/cloudevents/sdk-go/v2"';
    return program(['"context"', imported, cloudevents], register) + REGISTER_BY_SIGNATURE;
  }
  return program([imported], register) + REGISTER_BEFORE_CLOUDEVENTS;
}

/** From 1.1.0 on the framework takes functions of CloudEvents, and reports what it cannot register. */
function hasContextApi(version: string): boolean {
  const [major = 0, minor = 0] = parseVersion(version)?.numbers ?? [];
  return major > 1 || (major === 1 && minor >= 1);
}

const program = (imports: readonly string[], start: string): string => `// Serves the function.
package main

import (
	"log"
	"net/http"
	"os"

${[...imports, `"${framework.server}"`].map((line) => `	${line}`).join("\n")}
)

func main() {
	// Browsers ask for these on their own.
	for _, path := range []string{"/robots.txt", "/favicon.ico"} {
		http.HandleFunc(path, http.NotFound)
	}
${start}	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if err := funcframework.Start(port); err != nil {
		log.Fatalf("Function failed to start: %v\\n", err)
	}
}
`;

const REGISTER_BY_SIGNATURE = `
func register(function interface{}) error {
	ctx := context.Background()
	switch typed := function.(type) {
	case func(http.ResponseWriter, *http.Request):
		return funcframework.RegisterHTTPFunctionContext(ctx, "/", typed)
	case func(context.Context, cloudevents.Event) error:
		return funcframework.RegisterCloudEventFunctionContext(ctx, "/", typed)
	default:
		return funcframework.RegisterEventFunctionContext(ctx, "/", function)
	}
}
`;

const REGISTER_BEFORE_CLOUDEVENTS = `
func register(function interface{}) error {
	if typed, ok := function.(func(http.ResponseWriter, *http.Request)); ok {
		funcframework.RegisterHTTPFunction("/", typed)
	} else {
		funcframework.RegisterEventFunction("/", function)
	}
	return nil
}
`;
