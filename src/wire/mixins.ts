import { type HttpBinding, httpBinding } from "./rest/http-rules.ts";
import { IAMPolicy } from "../gen/google/iam/v1/iam_policy_pb.js";
import { Locations } from "../gen/google/cloud/location/locations_pb.js";
import { Operations } from "../gen/google/longrunning/operations_pb.js";

/** The mixin services that every API host serves (AIP-151, AIP-9, google.iam.v1). */
export const mixinServices = [Operations, Locations, IAMPolicy];

/**
 * HTTP rules of the mixins under one REST version. Google keeps them in each API's service configuration
 * (for example functions_v2.yaml, http.rules), which the protos do not carry.
 */
export function mixinBindings(version: string): HttpBinding[] {
  const { getOperation, listOperations, cancelOperation, deleteOperation, waitOperation } = Operations.method;
  const operation = `/${version}/{name=projects/*/locations/*/operations/*}`;
  return [
    httpBinding(getOperation, "GET", operation),
    httpBinding(listOperations, "GET", `/${version}/{name=projects/*/locations/*}/operations`),
    httpBinding(deleteOperation, "DELETE", operation),
    httpBinding(cancelOperation, "POST", `${operation}:cancel`, "*"),
    httpBinding(waitOperation, "POST", `${operation}:wait`, "*"),
    httpBinding(Locations.method.listLocations, "GET", `/${version}/{name=projects/*}/locations`),
    httpBinding(Locations.method.getLocation, "GET", `/${version}/{name=projects/*/locations/*}`),
  ];
}

/** HTTP rules of google.iam.v1.IAMPolicy for the resources of one collection, for example "projects/*\/locations/*\/functions/*". */
export function iamBindings(version: string, resource: string, getVerb: "GET" | "POST" = "GET"): HttpBinding[] {
  const { getIamPolicy, setIamPolicy, testIamPermissions } = IAMPolicy.method;
  const path = `/${version}/{resource=${resource}}`;
  return [
    httpBinding(getIamPolicy, getVerb, `${path}:getIamPolicy`, getVerb === "POST" ? "*" : ""),
    httpBinding(setIamPolicy, "POST", `${path}:setIamPolicy`, "*"),
    httpBinding(testIamPermissions, "POST", `${path}:testIamPermissions`, "*"),
  ];
}
