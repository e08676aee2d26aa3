import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type MessageTransform,
  MessageTransformSchema,
  type PubsubMessage,
  PubsubMessageSchema,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import type { Surface } from "../../../wire/service-module.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../resources/errors.ts";
import { findSubscription } from "../resources/subscription.ts";
import { findTopic } from "../resources/topic.ts";
import { checkTransforms } from "./check-transforms.ts";
import { functionsOf, type Transformed, transformSteps } from "./transform-message.ts";

const PATH = /^\/v1\/projects\/[^/:]+:(validateMessageTransform|testMessageTransforms)$/;

type Body = Readonly<Record<string, JsonValue | undefined>>;

/**
 * projects.validateMessageTransform and projects.testMessageTransforms, which Google's discovery document has and the protos
 * have not.
 */
export function transformSurface(deps: Deps): Surface {
  return {
    matches: (path, method) => method === "POST" && PATH.test(path),
    async fetch(request) {
      const body = await bodyOf(request);
      const method = PATH.exec(new URL(request.url).pathname)?.[1];
      return Response.json(method === "validateMessageTransform" ? await validate(deps, body) : await test(deps, body));
    },
  };
}

async function validate(deps: Deps, { messageTransform }: Body): Promise<JsonValue> {
  if (messageTransform === undefined) throw invalidField("message_transform", "The message transform is required.");
  await checkTransforms(deps, "message_transform", [transformOf(messageTransform)]);
  return {};
}

async function test(deps: Deps, body: Body): Promise<JsonValue> {
  if (body["message"] === undefined) throw invalidField("message", "The message is required.");
  const message = parsed(() => fromJson(PubsubMessageSchema, body["message"]!));
  const functions = functionsOf(await transformsIn(deps, body));
  const steps = await transformSteps(deps.functions, functions, message);
  return { transformedMessages: steps.map(stepJson) };
}

async function transformsIn(deps: Deps, body: Body): Promise<readonly MessageTransform[]> {
  const { topic, subscription } = body;
  if (typeof topic === "string") return (await findTopic(deps, topic)).topic.messageTransforms;
  if (typeof subscription === "string")
    return (await findSubscription(deps, subscription)).subscription.messageTransforms;
  const list = (body["messageTransforms"] as Body | undefined)?.["messageTransforms"];
  if (!Array.isArray(list))
    throw invalidField("message_transforms", "Either message transforms, a topic or a subscription is required.");
  const transforms = list.map(transformOf);
  await checkTransforms(deps, "message_transforms", transforms);
  return transforms;
}

function transformOf(json: JsonValue): MessageTransform {
  return parsed(() => fromJson(MessageTransformSchema, json));
}

function stepJson(step: Transformed): JsonValue {
  if (step.kind === "message") return { transformedMessage: messageJson(step.message) };
  if (step.kind === "filtered") return { filteredMessage: {} };
  return { failedMessage: { error: { code: Code.INVALID_ARGUMENT, message: step.reason } } };
}

function messageJson(message: PubsubMessage): JsonValue {
  return toJson(PubsubMessageSchema, message);
}

async function bodyOf(request: Request): Promise<Body> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw invalidArgument("Invalid JSON payload received.");
  return body as Body;
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${error instanceof Error ? error.message : ""}`);
  }
}
