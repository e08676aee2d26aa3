import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "../../gen/google/api/annotations_pb.js";
import type { HttpRule } from "../../gen/google/api/http_pb.js";
import { compilePathTemplate, type PathTemplate } from "./path-template.ts";

/** One way to call a method over REST. */
export interface HttpBinding {
  readonly method: DescMethod;
  readonly verb: string;
  readonly path: PathTemplate;
  /** "*" for the whole request, a field name, or "" when the body is not used. */
  readonly body: string;
}

/** All HTTP bindings of a service as its google.api.http annotations say, additional bindings included. */
export function httpBindingsOf(service: DescService): HttpBinding[] {
  return service.methods
    .filter((method) => hasOption(method, http))
    .flatMap((method) => bindingsOfRule(method, getOption(method, http)));
}

/** A binding for methods whose HTTP rule stands in Google's service configuration instead of the proto. */
export function httpBinding(method: DescMethod, verb: string, path: string, body = ""): HttpBinding {
  return { method, verb, path: compilePathTemplate(path), body };
}

function bindingsOfRule(method: DescMethod, rule: HttpRule): HttpBinding[] {
  const own = ownBinding(method, rule);
  return [...(own ? [own] : []), ...rule.additionalBindings.flatMap((more) => bindingsOfRule(method, more))];
}

function ownBinding(method: DescMethod, { pattern, body }: HttpRule): HttpBinding | undefined {
  if (pattern.case === undefined) return undefined;
  if (pattern.case === "custom") return httpBinding(method, pattern.value.kind, pattern.value.path, body);
  return httpBinding(method, pattern.case.toUpperCase(), pattern.value, body);
}
