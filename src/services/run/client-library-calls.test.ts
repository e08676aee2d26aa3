import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BuildsClient, type protos, RevisionsClient, ServicesClient } from "@google-cloud/run";
import { type Build, CloudBuild } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { rpc } from "../../wire/rpc.ts";
import { type BootedRun, bootRun, IMAGE, PARENT } from "./testing/boot-run.ts";
import { clientOptions } from "./testing/client-options.ts";
import { ANSWERING, PROGRAM } from "./testing/process-serving.ts";

type Service = protos.google.cloud.run.v2.IService;
interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly statusDetails?: readonly { fieldViolations?: readonly { field: string; description: string }[] }[];
}

function serviceAnswering(answer: string): Service {
  const env = [
    { name: PROGRAM, value: ANSWERING },
    { name: "ANSWER", value: answer },
  ];
  return { template: { containers: [{ image: IMAGE, env }] } };
}

describe("scripts with @google-cloud/run", () => {
  let booted: BootedRun;
  const builds: Build[] = [];
  before(async () => {
    const createBuild = rpc(
      CloudBuild.method.createBuild,
      { permission: "cloudbuild.builds.create", audit: "none" },
      async ({ build }) => {
        builds.push(build!);
        return { name: `${PARENT}/operations/1` };
      },
    );
    booted = await bootRun({}, () => [{ name: "cloudbuild", services: [CloudBuild], rpcs: [createBuild] }]);
  });
  after(() => booted[Symbol.asyncDispose]());

  const options = (transport: string) => clientOptions(booted, transport);
  /** The code over gRPC; HTTP's status in the fallback. */
  const refused = async (call: Promise<unknown>, codes: readonly [grpc: number, http: number], message: RegExp) => {
    const error = await call.then(
      () => assert.fail("the call was not refused"),
      (reason: Refusal) => reason,
    );
    assert.ok(codes.includes(error.code), `${error.code} ${error.message}`);
    assert.match(error.message, message);
    return error;
  };

  for (const transport of ["gRPC", "REST"]) {
    test(`policies, pages, masks and errors over ${transport}`, async () => {
      const services = new ServicesClient(options(transport));
      const revisions = new RevisionsClient(options(transport));
      const ids = ["a", "b", "c"].map((letter) => `${letter}-${transport.toLowerCase()}`);
      const nameOf = (id: string) => `${PARENT}/services/${id}`;
      const [id, other] = [ids[0]!, ids[1]!];
      const name = nameOf(id);
      const create = async (serviceId: string) => {
        const [creating] = await services.createService({ parent: PARENT, serviceId, service: serviceAnswering("x") });
        const progress = await services.checkCreateServiceProgress(creating.name!);
        assert.equal((progress.metadata as Service).name, nameOf(serviceId));
        return (await creating.promise())[0];
      };
      const created = await Promise.all(ids.map(create));

      const pages: string[][] = [];
      let pageToken: string | undefined;
      do {
        const request = { parent: PARENT, pageSize: 2, ...(pageToken !== undefined && { pageToken }) };
        const [page, next] = await services.listServices(request, { autoPaginate: false });
        pages.push(page.map((each) => each.name!.split("/").at(-1)!));
        pageToken = next?.pageToken ?? undefined;
      } while (pageToken !== undefined && pageToken !== "");
      assert.deepEqual([pages.length, pages.flat().toSorted()], [2, ids]);
      const streamed: string[] = [];
      for await (const each of services.listServicesAsync({ parent: PARENT, pageSize: 1 })) streamed.push(each.name!);
      assert.deepEqual(streamed.toSorted(), ids.map(nameOf));

      const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
      const [set] = await services.setIamPolicy({ resource: name, policy: { bindings } });
      const [policy] = await services.getIamPolicy({ resource: name });
      assert.deepEqual([policy.bindings![0]!.members, policy.etag], [["allUsers"], set.etag]);
      const permissions = ["run.services.get"];
      const [held] = await services.testIamPermissions({ resource: name, permissions });
      assert.deepEqual(held.permissions, permissions);
      const stale = services.setIamPolicy({ resource: name, policy: { bindings: [], etag: Buffer.from("other") } });
      await refused(stale, [10, 409], /concurrent policy changes/);

      const labels = { team: "blue" };
      const wish = { name, labels, description: "is not in the mask" };
      const [updating] = await services.updateService({ service: wish, updateMask: { paths: ["labels"] } });
      const [updated] = await updating.promise();
      assert.deepEqual([updated.labels, updated.description, String(updated.generation)], [labels, "", "2"]);
      const [kept] = await revisions.listRevisions({ parent: name });
      assert.deepEqual(
        kept.map((each) => each.name),
        [created[0]!.latestReadyRevision],
      );
      const [reread] = await revisions.getRevision({ name: kept[0]!.name! });
      assert.match(reread.containers![0]!.image!, /@sha256:[0-9a-f]{64}$/);

      const service = { ...serviceAnswering("y"), name: nameOf(other) };
      const [trying] = await services.updateService({ service, validateOnly: true });
      await trying.promise();
      assert.equal(String((await services.getService({ name: nameOf(other) }))[0].generation), "1");
      const made = { ...serviceAnswering("z"), name: nameOf(`new-${other}`) };
      await refused(services.updateService({ service: made }), [5, 404], /does not exist/);
      const [making] = await services.updateService({ service: made, allowMissing: true });
      assert.equal((await making.promise())[0].name, made.name);
      await refused(services.deleteService({ name, etag: '"other"' }), [10, 409], /etag|version/i);

      const wrong = { template: { containers: [{ image: "nope" }], timeout: { seconds: 4000 } } };
      const error = await refused(
        services.createService({ parent: PARENT, serviceId: "wrong", service: wrong }),
        [3, 400],
        /Violation in CreateServiceRequest|Expected an image path/,
      );
      // The fallback leaves the details in the HTTP response.
      const violations = (error.statusDetails ?? []).flatMap(({ fieldViolations = [] }) => fieldViolations);
      const isTold = violations.some(({ description }) => description.startsWith("Expected an image path like host/"));
      assert.equal(isTold, transport === "gRPC");
      await refused(revisions.deleteRevision({ name: kept[0]!.name! }), [9, 400], /latest created Revision/);

      const remove = async (each: string) => (await services.deleteService({ name: each }))[0].promise();
      await Promise.all([...ids.map(nameOf), made.name].map(remove));
      assert.deepEqual((await services.listServices({ parent: PARENT }))[0], []);
      await Promise.all([services.close(), revisions.close()]);
    });

    test(`builds are submitted over ${transport}`, async () => {
      const client = new BuildsClient(options(transport));
      const storageSource = { bucket: "run-sources-demo-us-central1", object: "services/hello/1.zip" };
      const imageUri = "us-central1-docker.pkg.dev/demo/cloud-run-source-deploy/hello";
      const buildpackBuild = { baseImage: "nodejs22", functionTarget: "hello" };
      const [answer] = await client.submitBuild({ parent: PARENT, storageSource, imageUri, buildpackBuild });
      assert.equal(answer.buildOperation!.name, `${PARENT}/operations/1`);
      assert.match(answer.baseImageUri!, /nodejs22$/);
      assert.deepEqual(builds.at(-1)!.images, [imageUri]);
      await client.close();
    });
  }
});
