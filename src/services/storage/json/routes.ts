import * as buckets from "./buckets.ts";
import * as iam from "./bucket-iam.ts";
import type { JsonHandler } from "./json-call.ts";
import { getServiceAccount, listNothing, refuse } from "./misc.ts";
import * as notifications from "./notification-configs.ts";
import * as copies from "./object-copies.ts";
import * as objects from "./objects.ts";
import { cancelResumable, continueResumable } from "./resumable.ts";
import { insertObject } from "./upload.ts";

/** Which of the API's three trees of paths a request is in. */
export type Tree = "api" | "upload" | "download";

export interface Route {
  readonly tree: Tree;
  readonly verbs: readonly string[];
  /** Over the path behind the tree's root; its groups are the parameters, the bucket first. */
  readonly pattern: RegExp;
  readonly permission: string;
  readonly handle: JsonHandler;
}

const BUCKET = "/b/([^/]+)";
const OBJECT = `${BUCKET}/o/([^/]+)`;

/** Every method of the JSON API v1. Google: cloud.google.com/storage/docs/json_api/v1. */
export const ROUTES: readonly Route[] = [
  route("POST", "/b", "storage.buckets.create", buckets.insertBucket),
  route("GET", "/b", "storage.buckets.list", buckets.listBuckets),
  route("GET", BUCKET, "storage.buckets.get", buckets.getBucket),
  route("PATCH", BUCKET, "storage.buckets.update", buckets.patchBucket),
  route("PUT", BUCKET, "storage.buckets.update", buckets.updateBucket),
  route("DELETE", BUCKET, "storage.buckets.delete", buckets.deleteBucket),
  route("GET", `${BUCKET}/storageLayout`, "storage.objects.list", buckets.getStorageLayout),
  route("GET", `${BUCKET}/iam`, "storage.buckets.getIamPolicy", iam.getBucketIamPolicy),
  route("PUT", `${BUCKET}/iam`, "storage.buckets.setIamPolicy", iam.setBucketIamPolicy),
  route("GET", `${BUCKET}/iam/testPermissions`, "none", iam.testBucketIamPermissions),
  route("GET", `${BUCKET}/o`, "storage.objects.list", objects.listObjects),
  route("GET HEAD", OBJECT, "storage.objects.get", objects.getObject),
  route("PATCH", OBJECT, "storage.objects.update", objects.patchObject),
  route("PUT", OBJECT, "storage.objects.update", objects.updateObject),
  route("DELETE", OBJECT, "storage.objects.delete", objects.deleteObject),
  route("POST", `${OBJECT}/compose`, "storage.objects.create", copies.composeObject),
  route("POST", `${OBJECT}/copyTo${OBJECT}`, "storage.objects.create", copies.copyObject),
  route("POST", `${OBJECT}/rewriteTo${OBJECT}`, "storage.objects.create", copies.rewriteObject),
  route("POST", `${OBJECT}/moveTo/o/([^/]+)`, "storage.objects.move", copies.moveObject),
  route("POST", `${BUCKET}/o`, "storage.objects.create", insertObject, "upload"),
  route("PUT", `${BUCKET}/o`, "storage.objects.create", continueResumable, "upload"),
  route("DELETE", `${BUCKET}/o`, "storage.objects.create", cancelResumable, "upload"),
  route("GET HEAD", OBJECT, "storage.objects.get", objects.downloadObject, "download"),
  route("GET", "/projects/([^/]+)/serviceAccount", "resourcemanager.projects.get", getServiceAccount),
  route("POST", `${BUCKET}/notificationConfigs`, "storage.buckets.update", notifications.insertNotification),
  route("GET", `${BUCKET}/notificationConfigs`, "storage.buckets.get", notifications.listNotifications),
  route("GET", `${BUCKET}/notificationConfigs/([^/]+)`, "storage.buckets.get", notifications.getNotification),
  route("DELETE", `${BUCKET}/notificationConfigs/([^/]+)`, "storage.buckets.update", notifications.deleteNotification),
  route("GET", `${BUCKET}/folders`, "storage.folders.list", listNothing("storage#folders")),
  route("GET", `${BUCKET}/managedFolders`, "storage.managedFolders.list", listNothing("storage#managedFolders")),
  ...refused(),
];

function refused(): Route[] {
  const verbs = "GET POST PUT PATCH DELETE";
  const paths = {
    acl: `${BUCKET}(?:/o/[^/]+)?/acl(?:/.*)?`,
    defaultObjectAcl: `${BUCKET}/defaultObjectAcl(?:/.*)?`,
    folders: `${BUCKET}/folders(?:/.*)?`,
    managedFolders: `${BUCKET}/managedFolders(?:/.*)?`,
    anywhereCaches: `${BUCKET}/anywhereCaches(?:/.*)?`,
    lockRetentionPolicy: `${BUCKET}/lockRetentionPolicy`,
    relocate: `${BUCKET}/relocate`,
    restore: `${BUCKET}(?:/o/[^/]+)?/restore`,
    bulkRestore: `${BUCKET}/o/bulkRestore`,
    watch: `${BUCKET}/o/watch`,
    "IAM policies of objects": `${OBJECT}/iam(?:/.*)?`,
    hmacKeys: "/projects/([^/]+)/hmacKeys(?:/.*)?",
    channels: "/channels/stop",
  };
  return Object.entries(paths).map(([name, path]) => route(verbs, path, "none", refuse(name)));
}

function route(verbs: string, path: string, permission: string, handle: JsonHandler, tree: Tree = "api"): Route {
  return { tree, verbs: verbs.split(" "), pattern: new RegExp(`^${path}$`), permission, handle };
}
