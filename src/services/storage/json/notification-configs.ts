import { configFromJson, configToJson } from "../notifications/config.ts";
import { type JsonCall, jsonResponse, readJson } from "./json-call.ts";

/** notifications.insert: POST /b/B/notificationConfigs. */
export async function insertNotification({ model, request, query, params }: JsonCall): Promise<Response> {
  const config = await model.notifications.insert(params[0]!, configFromJson(await readJson(request)));
  return jsonResponse(configToJson(params[0]!, config), query);
}

/** notifications.list: GET /b/B/notificationConfigs. */
export async function listNotifications({ model, query, params }: JsonCall): Promise<Response> {
  const configs = await model.notifications.list(params[0]!);
  const items = configs.map((config) => configToJson(params[0]!, config));
  return jsonResponse({ kind: "storage#notifications", ...(items.length > 0 && { items }) }, query);
}

/** notifications.get: GET /b/B/notificationConfigs/N. */
export async function getNotification({ model, query, params }: JsonCall): Promise<Response> {
  const config = await model.notifications.get(params[0]!, params[1]!);
  return jsonResponse(configToJson(params[0]!, config), query);
}

/** notifications.delete: DELETE /b/B/notificationConfigs/N. */
export async function deleteNotification({ model, params }: JsonCall): Promise<Response> {
  await model.notifications.delete(params[0]!, params[1]!);
  return new Response(null, { status: 204 });
}
