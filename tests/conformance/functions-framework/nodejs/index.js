const { writeFileSync } = require("node:fs");
const { setTimeout: sleep } = require("node:timers/promises");
const functions = require("@google-cloud/functions-framework");

const save = (value) => writeFileSync("function_output.json", JSON.stringify(value));

functions.http("writeHttp", (request, response) => {
  save(request.body);
  response.end();
});

functions.cloudEvent("writeCloudEvent", (event) => save({ ...event, datacontenttype: "application/json" }));

functions.typed("echo", (payload) => ({ payload }));

functions.http("waitASecond", async (request, response) => {
  await sleep(1000);
  response.end();
});

// Not declared: the signature comes from the build.
exports.writeEvent = (data, { eventId, timestamp, eventType, resource }) =>
  save({ data, context: { eventId, timestamp, eventType, resource } });
