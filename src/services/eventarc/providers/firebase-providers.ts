import { attribute } from "./attributes.ts";
import type { EventType, FilteringAttribute, Provider } from "./catalog.ts";

const ANY_LOCATION = { contentTypes: ["application/json"], origin: "PUBLISHED", isGlobal: true } as const;

const REFERENCE = [
  attribute("instance", "A single database instance.", { required: true, pathPatternSupported: true }),
  attribute("ref", "Pattern to match for the database instance.", { required: true, pathPatternSupported: true }),
];
const TENANT = [attribute("tenantid", "The tenant ID associated with the user account.")];
const ALERT = [
  attribute("alerttype", "The type of the alerts that got triggered."),
  attribute("appid", "The Firebase App ID that is associated with the alert."),
];

/** Firebase's products. */
export const firebaseProviders: readonly Provider[] = [
  {
    id: "firebasedatabase.googleapis.com",
    displayName: "Firebase Realtime Database",
    eventTypes: [
      reference("created", "New data has been created in the database."),
      reference("updated", "Data has been updated in the database."),
      reference("deleted", "Data has been deleted in the database."),
      reference("written", "Data has been created, updated, or deleted in the database."),
    ],
  },
  {
    id: "firebaseauth.googleapis.com",
    displayName: "Firebase Authentication",
    eventTypes: [
      event("google.firebase.auth.user.v1.created", "A Firebase user has been created.", "auth/v1"),
      event("google.firebase.auth.user.v1.deleted", "A Firebase user has been deleted.", "auth/v1"),
      event("google.firebase.auth.user.v2.created", "A Firebase user has been created.", "auth/v2", TENANT),
      event("google.firebase.auth.user.v2.updated", "A Firebase user has been updated.", "auth/v2", TENANT),
      event("google.firebase.auth.user.v2.deleted", "A Firebase user has been deleted.", "auth/v2", TENANT),
    ],
  },
  {
    id: "firebasealerts.googleapis.com",
    displayName: "Firebase Alerts",
    eventTypes: [
      event(
        "google.firebase.firebasealerts.alerts.v1.published",
        "An alert has been published by Firebase Alerts.",
        "firebasealerts/v1",
        ALERT,
      ),
    ],
  },
  {
    id: "firebaseanalytics.googleapis.com",
    displayName: "Google Analytics for Firebase",
    eventTypes: [
      event("google.firebase.analytics.log.v1.written", "A Firebase Analytics log has been written.", "analytics/v1"),
    ],
  },
  {
    id: "firebaseremoteconfig.googleapis.com",
    displayName: "Firebase Remote Config",
    eventTypes: [
      event(
        "google.firebase.remoteconfig.remoteConfig.v1.updated",
        "A Remote Config template has been updated.",
        "remoteconfig/v1",
      ),
    ],
  },
  {
    id: "testing.googleapis.com",
    displayName: "Firebase Test Lab",
    eventTypes: [
      event("google.firebase.testlab.testMatrix.v1.completed", "A test matrix has been completed.", "testlab/v1"),
    ],
  },
];

function event(
  type: string,
  description: string,
  schemaFolder: string,
  attributes: readonly FilteringAttribute[] = [],
): EventType {
  return { ...ANY_LOCATION, type, description, attributes, schema: `firebase/${schemaFolder}/data.proto` };
}

function reference(verb: string, description: string): EventType {
  const type = `google.firebase.database.ref.v1.${verb}`;
  return { ...event(type, description, "database/v1", REFERENCE), isGlobal: false };
}
