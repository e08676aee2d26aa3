const functions = require("@google-cloud/functions-framework");

functions.cloudEvent("helloEvent", (event) => {
  console.log(`Event ${event.id} of type ${event.type} from ${event.source}`);
  if (event.data?.message?.data) {
    // A Pub/Sub message carries its data in base64.
    console.log(`Hello ${Buffer.from(event.data.message.data, "base64").toString()}!`);
  }
});

functions.cloudEvent("helloUpload", ({ type, data }) => {
  console.log(`${type.split(".").at(-1)}: ${data.name}, ${data.size} bytes, in ${data.bucket}`);
});
