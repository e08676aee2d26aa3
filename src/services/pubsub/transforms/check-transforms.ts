import type { JavaScriptUDF, MessageTransform } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidField } from "../resources/errors.ts";
import type { FunctionRunner } from "./function-runner.ts";

/** Longest code of a function, bytes, and most transforms of a topic or subscription (cloud.google.com/pubsub/docs/smts). */
const MAX_CODE_BYTES = 20_000;
const MAX_TRANSFORMS = 5;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Rejects with INVALID_ARGUMENT transforms out of form, and functions that their code does not declare. */
export async function checkTransforms(
  { functions }: { readonly functions: FunctionRunner },
  field: string,
  transforms: readonly MessageTransform[],
): Promise<void> {
  if (transforms.length > MAX_TRANSFORMS)
    throw invalidField(field, `At most ${MAX_TRANSFORMS} message transforms can be set.`);
  const names = new Set<string>();
  for (const [index, { transform }] of transforms.entries()) {
    const path = `${field}[${index}]`;
    if (transform.case === "aiInference") throw unsupportedField(`${path}.ai_inference`);
    if (transform.case === undefined) throw invalidField(path, "A message transform must have a javascript_udf.");
    const { functionName } = transform.value;
    if (names.has(functionName))
      throw invalidField(`${path}.javascript_udf.function_name`, `Duplicate function name: ${functionName}.`);
    names.add(functionName);
    await checkFunction(functions, `${path}.javascript_udf`, transform.value);
  }
}

async function checkFunction(functions: FunctionRunner, field: string, udf: JavaScriptUDF): Promise<void> {
  if (!IDENTIFIER.test(udf.functionName))
    throw invalidField(`${field}.function_name`, `Invalid function name: ${udf.functionName}.`);
  if (Buffer.byteLength(udf.code) > MAX_CODE_BYTES)
    throw invalidField(`${field}.code`, `The code of a function has at most ${MAX_CODE_BYTES} bytes.`);
  const reason = await functions.check(udf);
  if (reason !== undefined) throw invalidField(`${field}.code`, `Invalid JavaScript UDF: ${reason}`);
}
