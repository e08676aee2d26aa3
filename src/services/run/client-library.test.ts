import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { InstancesClient, type protos, RevisionsClient, ServicesClient, WorkerPoolsClient } from "@google-cloud/run";
import { type BootedRun, bootRun, IMAGE, PARENT } from "./testing/boot-run.ts";
import { clientOptions } from "./testing/client-options.ts";
import { ANSWERING, PROGRAM } from "./testing/process-serving.ts";

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

  const options = (transport: string) => clientOptions(booted, transport);

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

    test(`worker pools and instances over ${transport}`, async () => {
      const pools = new WorkerPoolsClient(options(transport));
      const revisions = new RevisionsClient(options(transport));
      const workerPoolId = `pool-${transport.toLowerCase()}`;
      const name = `${PARENT}/workerPools/${workerPoolId}`;
      const workerPool = { template: template("a"), scaling: { manualInstanceCount: 2 } };
      const [creating] = await pools.createWorkerPool({ parent: PARENT, workerPoolId, workerPool });
      const [created] = await creating.promise();
      const first = created.latestReadyRevision!;
      assert.equal(booted.serving.specs.get(first)?.minInstances, 2);
      const changed = { name, template: template("b") };
      const [updating] = await pools.updateWorkerPool({ workerPool: changed, updateMask: { paths: ["template"] } });
      const [updated] = await updating.promise();
      assert.notEqual(updated.latestReadyRevision, first);
      const [deletingRevision] = await revisions.deleteRevision({ name: first });
      await deletingRevision.promise();
      const [made] = await revisions.listRevisions({ parent: name });
      assert.deepEqual(
        made.map((each) => each.name),
        [updated.latestReadyRevision],
      );
      const [deleting] = await pools.deleteWorkerPool({ name });
      await deleting.promise();
      await assert.rejects(pools.getWorkerPool({ name }), /does not exist/);

      const instances = new InstancesClient(options(transport));
      const instanceId = `one-${transport.toLowerCase()}`;
      const instance = { containers: template("c").containers ?? [] };
      const [starting] = await instances.createInstance({ parent: PARENT, instanceId, instance });
      const [running] = await starting.promise();
      assert.equal(running.terminalCondition?.type, "Running");
      const [stopping] = await instances.stopInstance({ name: running.name! });
      const [stopped] = await stopping.promise();
      assert.equal(stopped.terminalCondition?.message, "Instance stopped.");
      await Promise.all([pools, revisions, instances].map((client) => client.close()));
    });
  }
});
