import { type CelInput, celEnv, celMethod, CelScalar, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";

/** What a condition can ask about. Google: cloud.google.com/iam/docs/conditions-attribute-reference. */
export interface ConditionContext {
  /** "projects/_/buckets/b/objects/o": the name that the service gives the resource. */
  readonly resourceName: string;
  /** "storage.googleapis.com/Object" */
  readonly resourceType: string;
  /** "storage.googleapis.com" */
  readonly resourceService: string;
  readonly nowMs: number;
  /** Path of a request to a URL of a user's own, for IAP; otherwise "". */
  readonly path?: string;
}

/** A compiled condition; false when it cannot be evaluated, as at Google. */
export type Condition = (context: ConditionContext) => boolean;

/** resource.name.extract("/buckets/{name}/"): what stands in the place of the braces, or "". */
const extract = celMethod("extract", CelScalar.STRING, [CelScalar.STRING], CelScalar.STRING, function (template) {
  const [before, after] = template.split(/\{[A-Za-z_]*\}/) as [string, string?];
  const start = this.indexOf(before);
  if (after === undefined || start === -1) return "";
  const rest = this.slice(start + before.length);
  const end = after === "" ? rest.length : rest.indexOf(after);
  return end === -1 ? "" : rest.slice(0, end);
});

const environment = celEnv({ funcs: [...strings, extract] });

/** Longest expression. Google: cloud.google.com/iam/quotas allows 12 operators; this keeps the parser within its stack. */
const MAX_EXPRESSION_LENGTH = 1_000;

/** Compiles the expression of a binding's condition; throws an Error that says where it does not parse. */
export function compileCondition(expression: string): Condition {
  if (expression.length > MAX_EXPRESSION_LENGTH)
    throw new Error(`The expression has more than ${MAX_EXPRESSION_LENGTH} characters.`);
  const evaluate = plan(environment, parse(expression));
  return (context) => evaluate(bindingsOf(context)) === true;
}

function bindingsOf({ resourceName, resourceType, resourceService, nowMs, path = "" }: ConditionContext) {
  const resource = { name: resourceName, type: resourceType, service: resourceService };
  const request = new Map<string, CelInput>([
    ["time", timestampFromMs(nowMs)],
    ["path", path],
  ]);
  return { resource: new Map(Object.entries(resource)), request } as Record<string, CelInput>;
}
