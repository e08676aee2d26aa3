import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { credentials } from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";
import { type protos, RevisionsClient, ServicesClient } from "@google-cloud/run";
import { type BootedRun, bootRun, IMAGE, PARENT } from "./testing/boot-run.ts";
import { ANSWERING, PROGRAM } from "./testing/process-serving.ts";

type ClientOptions = ConstructorParameters<typeof ServicesClient>[0];

function template(answer: string): protos.google.cloud.run.v2.IRevisionTemplate {
  const env = [
    { name: PROGRAM, value: ANSWERING },
    { name: "ANSWER", value: answer },
  ];
  return { containers: [{ image: IMAGE, env }] };
}

describe("@google-cloud/run", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const options = (transport: string): ClientOptions => {
    const [host, port] = booted.api.grpcAddress.split(":") as [string, string];
    // No credentials: a local caller is the machine's owner.
    const authClient = new PassThroughClient();
    const base = { apiEndpoint: host, port: Number(port), projectId: "demo" };
    if (transport === "gRPC") return { ...base, sslCreds: credentials.createInsecure(), authClient };
    return { ...base, fallback: true, protocol: "http", authClient };
  };

  for (const transport of ["gRPC", "REST"]) {
    test(`deploys, updates, lists and deletes over ${transport}`, async () => {
      const services = new ServicesClient(options(transport));
      const revisions = new RevisionsClient(options(transport));
      const serviceId = `client-${transport.toLowerCase()}`;
      const name = `${PARENT}/services/${serviceId}`;
      const [creating] = await services.createService({
        parent: PARENT,
        serviceId,
        service: { template: template("a") },
      });
      const [created] = await creating.promise();
      assert.equal(await booted.serving.get(created.uri!), "a");

      const service = { name, template: template("b") };
      const [updating] = await services.updateService({ service, updateMask: { paths: ["template"] } });
      const [updated] = await updating.promise();
      assert.equal(await booted.serving.get(updated.uri!), "b");
      assert.equal(String(updated.generation), "2");

      const [list] = await services.listServices({ parent: PARENT });
      assert.ok(list.some((each) => each.name === name));
      const [made] = await revisions.listRevisions({ parent: name });
      assert.equal(made.length, 2);

      const [deleting] = await services.deleteService({ name });
      await deleting.promise();
      await assert.rejects(services.getService({ name }), /does not exist/);
      await services.close();
      await revisions.close();
    });
  }
});
