// SPDX-License-Identifier: Apache-2.0
// The fields that documents may have, from the published references of Kubernetes, Kyverno and
// Gatekeeper: what is not listed is unknown there, and would be ignored or refused.

const strings = ["string"];
const selector = { matchLabels: { "*": "string" } };
const rules = [{ apiGroups: strings, apiVersions: strings, operations: strings, resources: strings,
                 resourceNames: strings, scope: "string" }];
const match = { resourceRules: rules, excludeResourceRules: rules, namespaceSelector: selector,
                objectSelector: selector, matchPolicy: "string" };
const metadata = { name: "string", namespace: "string", labels: { "*": "string" }, annotations: { "*": "string" } };
const validations = [{ expression: "string", message: "string", messageExpression: "string", reason: "string" }];
const conditions = [{ name: "string", expression: "string" }];
const securityContext = {
  allowPrivilegeEscalation: "boolean", privileged: "boolean", runAsNonRoot: "boolean",
  runAsUser: "number", capabilities: { drop: strings, add: strings },
};
const pod = { containers: [{ name: "string", securityContext }] };
const object = (spec) => ({ apiVersion: "string", kind: "string", metadata, spec });

export const SHAPES = {
  securityContext,
  Namespace: object({ finalizers: strings }),
  Pod: object(pod),
  Deployment: object({ template: { spec: pod } }),
  StatefulSet: object({ template: { spec: pod } }),
  DaemonSet: object({ template: { spec: pod } }),
  Job: object({ template: { spec: pod } }),
  CronJob: object({ jobTemplate: { spec: { template: { spec: pod } } } }),
  ValidatingAdmissionPolicy: object({ failurePolicy: "string", matchConstraints: match,
                                      matchConditions: conditions, validations }),
  ValidatingAdmissionPolicyBinding: object({ policyName: "string", validationActions: strings,
                                             matchResources: match }),
  // policies.kyverno.io/v1
  ValidatingPolicy: object({ failurePolicy: "string", validationActions: strings, matchConstraints: match,
                             matchConditions: conditions, validations,
                             evaluation: { background: { enabled: "boolean" }, admission: { enabled: "boolean" } } }),
  // constraints.gatekeeper.sh/v1beta1, with the parameters of the library's template
  K8sPSPCapabilities: object({
    enforcementAction: "string",
    match: { kinds: [{ apiGroups: strings, kinds: strings }], namespaces: strings, excludedNamespaces: strings,
             labelSelector: selector, namespaceSelector: selector, name: "string", scope: "string" },
    parameters: { exemptImages: strings, allowedCapabilities: strings, requiredDropCapabilities: strings },
  }),
};

// Where `value` has a field or a type that `shape` does not know; nothing if it is all right.
export function unknown(value, shape, path = "") {
  if (typeof shape === "string") return typeof value === shape ? [] : [`${path} is no ${shape}`];
  if (Array.isArray(shape))
    return Array.isArray(value) ? value.flatMap((item, i) => unknown(item, shape[0], `${path}[${i}]`))
                                : [`${path} is no list`];
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [`${path} is no map`];
  return Object.entries(value).flatMap(([key, member]) => {
    const known = shape[key] ?? shape["*"];
    return known === undefined ? [`${path}.${key} is unknown`] : unknown(member, known, `${path}.${key}`);
  });
}
