// SPDX-License-Identifier: Apache-2.0
// Policies that hold every pod of the workload to the learned set: for Kubernetes itself, Kyverno
// and Gatekeeper. They tell, and refuse only with --enforce.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

constexpr char kNamespaceLabel[] = "kubernetes.io/metadata.name";

struct Target {
  Workload workload;
  Json labels;
  std::string name;  // of the policy
  std::vector<std::string> notes;
};

// Dots stand between what has none itself, so that no two workloads come to share a name.
std::string PolicyName(const Workload& workload) {
  std::string name = "capmon-";
  if (!workload.name_space.empty()) absl::StrAppend(&name, workload.name_space, ".");
  if (workload.seen) absl::StrAppend(&name, workload.kind, ".");
  return ShortDnsName(absl::StrCat(name, workload.name));
}

Target TargetOf(const Subject& subject) {
  Target target;
  target.workload = WorkloadOf(subject.profile.container());
  target.notes = target.workload.notes;
  target.labels = PodLabels(subject.profile.container(), target.workload, target.notes);
  const std::string& name_space = target.workload.name_space;
  target.name = PolicyName(target.workload);
  if (name_space.empty())
    target.notes.push_back("its namespace was not seen, and the policy looks at all of them");
  if (target.workload.of_node)
    target.notes.push_back("a static pod runs on its node also where no policy admits it");
  target.notes.push_back(
      "it holds for every container of the pod; add what a sidecar needs besides");
  return target;
}

// In CEL as Kubernetes has had it from the beginning: has(), and no optional fields.
std::string Condition(const Subject& subject) {
  const std::string allowed = absl::StrJoin(
      BareNames(subject.keep), ", ",
      [](std::string* out, const std::string& name) { absl::StrAppend(out, "'", name, "'"); });
  return absl::StrCat(
      "  has(c.securityContext) && has(c.securityContext.capabilities) &&\n"
      "  has(c.securityContext.capabilities.drop) &&\n"
      "  'ALL' in c.securityContext.capabilities.drop &&\n"
      "  (!has(c.securityContext.capabilities.add) ||\n"
      "   c.securityContext.capabilities.add.all(k, k in [",
      allowed,
      "])) &&\n"
      "  (!has(c.securityContext.privileged) || !c.securityContext.privileged))\n");
}

Json Validations(const Subject& subject) {
  const std::string allowed =
      subject.keep.empty()
          ? "nothing"
          : absl::StrCat("no more than ", absl::StrJoin(BareNames(subject.keep), ", "));
  Json validations = Json::array();
  for (const std::string list : {"containers", "initContainers", "ephemeralContainers"}) {
    // Of these a pod always has some.
    const std::string guard =
        list == "containers" ? "" : absl::StrCat("!has(object.spec.", list, ") ||\n");
    validations.push_back(
        {{"expression", absl::StrCat(guard, "object.spec.", list, ".all(c,\n", Condition(subject))},
         {"message", absl::StrCat(list, " must drop ALL capabilities, add ", allowed,
                                  ", and not be privileged")},
         {"reason", "Forbidden"}});
  }
  return validations;
}

// Capabilities of a pod cannot be changed later, but containers for debugging can be put in.
Json Resources() {
  const auto rule = [](const char* operation, const char* resource) {
    return Json{{"apiGroups", {""}},
                {"apiVersions", {"v1"}},
                {"operations", {operation}},
                {"resources", {resource}}};
  };
  return Json::array({rule("CREATE", "pods"), rule("UPDATE", "pods/ephemeralcontainers")});
}

Json NamespaceSelector(const Workload& workload) {
  return {{"matchLabels", {{kNamespaceLabel, workload.name_space}}}};
}

}  // namespace

Written KubernetesAdmissionPolicy(const Subject& subject) {
  const Target target = TargetOf(subject);
  const Json policy = {
      {"apiVersion", "admissionregistration.k8s.io/v1"},
      {"kind", "ValidatingAdmissionPolicy"},
      {"metadata", {{"name", target.name}}},
      {"spec",
       {{"failurePolicy", "Fail"},
        {"matchConstraints",
         {{"resourceRules", Resources()}, {"objectSelector", {{"matchLabels", target.labels}}}}},
        {"validations", Validations(subject)}}}};
  Json binding_spec = {{"policyName", target.name}};
  binding_spec["validationActions"] = subject.enforce ? Json{"Deny"} : Json{"Warn", "Audit"};
  if (!target.workload.name_space.empty())
    binding_spec["matchResources"] = {{"namespaceSelector", NamespaceSelector(target.workload)}};
  const Json binding = {{"apiVersion", "admissionregistration.k8s.io/v1"},
                        {"kind", "ValidatingAdmissionPolicyBinding"},
                        {"metadata", {{"name", target.name}}},
                        {"spec", binding_spec}};
  return {absl::StrCat(ToYaml(policy), "---\n", ToYaml(binding)), target.notes};
}

Written KyvernoPolicy(const Subject& subject) {
  const Target target = TargetOf(subject);
  Json match = {{"resourceRules", Resources()},
                {"objectSelector", {{"matchLabels", target.labels}}}};
  if (!target.workload.name_space.empty())
    match["namespaceSelector"] = NamespaceSelector(target.workload);
  const Json policy = {
      {"apiVersion", "policies.kyverno.io/v1"},
      {"kind", "ValidatingPolicy"},
      {"metadata", {{"name", target.name}}},
      {"spec",
       // Kyverno asks through a webhook: one that only tells must not stop pods when it is down.
       {{"failurePolicy", subject.enforce ? "Fail" : "Ignore"},
        {"validationActions", subject.enforce ? Json{"Deny"} : Json{"Warn", "Audit"}},
        {"matchConstraints", match},
        {"validations", Validations(subject)}}}};
  return {ToYaml(policy), target.notes};
}

Written GatekeeperConstraint(const Subject& subject) {
  Target target = TargetOf(subject);
  Json match = {{"kinds", Json::array({{{"apiGroups", {""}}, {"kinds", {"Pod"}}}})},
                {"labelSelector", {{"matchLabels", target.labels}}}};
  if (!target.workload.name_space.empty()) match["namespaces"] = {target.workload.name_space};
  const Json constraint = {{"apiVersion", "constraints.gatekeeper.sh/v1beta1"},
                           {"kind", "K8sPSPCapabilities"},
                           {"metadata", {{"name", target.name}}},
                           {"spec",
                            {{"enforcementAction", subject.enforce ? "deny" : "dryrun"},
                             {"match", match},
                             {"parameters",
                              {{"allowedCapabilities", BareNames(subject.keep)},
                               {"requiredDropCapabilities", {"ALL"}}}}}}};
  target.notes.push_back(
      "the template looks at pods when they are created, with their init containers, and refuses "
      "no container for debugging that is put in later");
  target.notes.push_back(
      "it needs the library's template K8sPSPCapabilities, and K8sPSPPrivilegedContainer beside "
      "it: a privileged container has everything");
  return {ToYaml(constraint), target.notes};
}

}  // namespace capmon
