// SPDX-License-Identifier: Apache-2.0
// Policies that hold every pod of the workload to the recommended set: for Kubernetes itself,
// Kyverno and Gatekeeper. They warn; with --enforce they deny.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

constexpr char kNamespaceLabel[] = "kubernetes.io/metadata.name";

struct Target {
  PodOwner workload;
  PodSelector selector;
  std::string name;  // of the policy
  std::vector<std::string> notes;
};

// Separates the parts, which have no dots, by dots, so that no two containers share a name.
std::string PolicyName(const PodOwner& workload) {
  std::string name = "capmon-";
  if (!workload.name_space.empty()) absl::StrAppend(&name, workload.name_space, ".");
  if (workload.seen) absl::StrAppend(&name, workload.kind, ".");
  absl::StrAppend(&name, workload.name);
  if (workload.seen) absl::StrAppend(&name, ".", workload.container);
  return ShortDnsName(name);
}

Target TargetOf(const ArtefactInput& input) {
  Target target;
  target.workload = PodOwnerOf(input.profile.container());
  target.notes = target.workload.notes;
  target.selector = SelectorOf(input.profile.container(), target.workload, target.notes);
  const std::string& name_space = target.workload.name_space;
  target.name = PolicyName(target.workload);
  if (name_space.empty())
    target.notes.push_back("its namespace was not seen, so the policy applies to all namespaces");
  if (target.workload.of_node)
    target.notes.push_back("a static pod runs on its node even if the policy denies it");
  return target;
}

void NoteOnSiblings(Target& target) {
  target.notes.push_back(
      absl::StrCat("the policy applies to the container named ", target.workload.container,
                   ", in any list of the pod; every other container needs a policy of its own"));
}

std::string Literal(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// Uses only the CEL of the first versions of Kubernetes with such policies: has(), no optional
// fields.
std::string Condition(const ArtefactInput& input, const PodOwner& workload) {
  const std::string allowed = absl::StrJoin(
      BareNames(input.keep), ", ",
      [](std::string* out, const std::string& name) { absl::StrAppend(out, Literal(name)); });
  return absl::StrCat(
      "  c.name != ", Literal(workload.container),
      " || (\n"
      "  has(c.securityContext) && has(c.securityContext.capabilities) &&\n"
      "  has(c.securityContext.capabilities.drop) &&\n"
      "  'ALL' in c.securityContext.capabilities.drop &&\n"
      "  (!has(c.securityContext.capabilities.add) ||\n"
      "   c.securityContext.capabilities.add.all(k, k in [",
      allowed,
      "])) &&\n"
      "  (!has(c.securityContext.privileged) || !c.securityContext.privileged)))\n");
}

Json Validations(const ArtefactInput& input, const PodOwner& workload) {
  const std::string allowed =
      input.keep.empty()
          ? "nothing"
          : absl::StrCat("no more than ", absl::StrJoin(BareNames(input.keep), ", "));
  Json validations = Json::array();
  for (const std::string list : {"containers", kInitContainers, kEphemeralContainers}) {
    // A pod always has at least one of these.
    const std::string guard =
        list == "containers" ? "" : absl::StrCat("!has(object.spec.", list, ") ||\n");
    validations.push_back({{"expression", absl::StrCat(guard, "object.spec.", list, ".all(c,\n",
                                                       Condition(input, workload))},
                           {"message", absl::StrCat(list, ": ", workload.container,
                                                    " must drop ALL capabilities, add ", allowed,
                                                    ", and not be privileged")},
                           {"reason", "Forbidden"}});
  }
  return validations;
}

// Tests for the label, or for its beginning.
std::string HasLabel(const std::string& key, const std::string& then) {
  return absl::StrCat("has(object.metadata.labels) && ", Literal(key),
                      " in object.metadata.labels &&\nobject.metadata.labels[", Literal(key), "]",
                      then, "\n");
}

// Jobs of a CronJob have its name and a number: those of "nightly" are not those of
// "nightly-report".
Json JobCondition(const PodSelector& selector) {
  const std::string names =
      absl::StrCat("^", absl::StrReplaceAll(selector.job_prefix, {{".", "[.]"}}), "[0-9]+$");
  return {{"name", "of-the-cron-job"},
          {"expression", HasLabel(kJobLabel, absl::StrCat(".matches(", Literal(names), ")"))}};
}

Json ObjectSelector(const PodSelector& selector) {
  if (selector.job_prefix.empty()) return {{"matchLabels", selector.labels}};
  return {{"matchExpressions", Json::array({{{"key", kJobLabel}, {"operator", "Exists"}}})}};
}

// The capabilities of a pod's containers cannot be changed, but ephemeral containers can be added.
Json Rule(Json operations, const char* resource) {
  return Json{{"apiGroups", {""}},
              {"apiVersions", {"v1"}},
              {"operations", operations},
              {"resources", {resource}}};
}

Json NamespaceSelector(const PodOwner& workload) {
  return {{"matchLabels", {{kNamespaceLabel, workload.name_space}}}};
}

}  // namespace

Rendered KubernetesAdmissionPolicy(const ArtefactInput& input) {
  Target target = TargetOf(input);
  NoteOnSiblings(target);
  Json spec = {{"failurePolicy", "Fail"},
               {"matchConstraints",
                {{"resourceRules", Json::array({Rule({"CREATE"}, "pods"),
                                                Rule({"UPDATE"}, "pods/ephemeralcontainers")})},
                 {"objectSelector", ObjectSelector(target.selector)}}}};
  if (!target.selector.job_prefix.empty())
    spec["matchConditions"] = Json::array({JobCondition(target.selector)});
  spec["validations"] = Validations(input, target.workload);
  const Json policy = {{"apiVersion", "admissionregistration.k8s.io/v1"},
                       {"kind", "ValidatingAdmissionPolicy"},
                       {"metadata", {{"name", target.name}}},
                       {"spec", spec}};
  Json binding_spec = {{"policyName", target.name}};
  binding_spec["validationActions"] = input.enforce ? Json{"Deny"} : Json{"Warn", "Audit"};
  if (!target.workload.name_space.empty())
    binding_spec["matchResources"] = {{"namespaceSelector", NamespaceSelector(target.workload)}};
  const Json binding = {{"apiVersion", "admissionregistration.k8s.io/v1"},
                        {"kind", "ValidatingAdmissionPolicyBinding"},
                        {"metadata", {{"name", target.name}}},
                        {"spec", binding_spec}};
  return {absl::StrCat(ToYaml(policy), "---\n", ToYaml(binding)), target.notes};
}

// Kyverno generates rules for Deployments, CronJobs and the like from a rule for pods, so that it
// denies the manifest itself. It does so only if the policy matches nothing but pods, without a
// selector; the selection is therefore a condition.
Rendered KyvernoPolicy(const ArtefactInput& input) {
  Target target = TargetOf(input);
  NoteOnSiblings(target);
  Json conditions = Json::array();
  if (!target.workload.name_space.empty())
    conditions.push_back({{"name", "in-the-namespace"},
                          {"expression", absl::StrCat("request.namespace == ",
                                                      Literal(target.workload.name_space), "\n")}});
  if (!target.selector.job_prefix.empty()) conditions.push_back(JobCondition(target.selector));
  int number = 0;
  for (const auto& [key, value] : target.selector.labels.items())
    conditions.push_back(
        {{"name", absl::StrCat("label-", ++number)},
         {"expression", HasLabel(key, absl::StrCat(" == ", Literal(value.get<std::string>())))}});
  const Json policy = {
      {"apiVersion", "policies.kyverno.io/v1"},
      {"kind", "ValidatingPolicy"},
      {"metadata", {{"name", target.name}}},
      {"spec",
       // Kyverno is called through a webhook: a policy that only warns must not stop pods while it
       // is down.
       {{"failurePolicy", input.enforce ? "Fail" : "Ignore"},
        {"validationActions", input.enforce ? Json{"Deny"} : Json{"Warn", "Audit"}},
        {"matchConstraints",
         {{"resourceRules", Json::array({Rule({"CREATE", "UPDATE"}, "pods")})}}},
        {"matchConditions", conditions},
        {"validations", Validations(input, target.workload)}}}};
  target.notes.push_back(
      "Kyverno generates the same rules for owners of pods, such as Deployments; ephemeral "
      "containers are not checked");
  return {ToYaml(policy), target.notes};
}

Rendered GatekeeperConstraint(const ArtefactInput& input) {
  Target target = TargetOf(input);
  Json match = {{"kinds", Json::array({{{"apiGroups", {""}}, {"kinds", {"Pod"}}}})},
                {"labelSelector", ObjectSelector(target.selector)}};
  if (!target.selector.job_prefix.empty()) {
    match["name"] = target.selector.job_prefix + "*";
    target.notes.push_back(
        absl::StrCat("a constraint can only compare the beginning of a name: it also applies to "
                     "the pods of every other Job whose name begins with ",
                     target.selector.job_prefix));
  }
  if (!target.workload.name_space.empty()) match["namespaces"] = {target.workload.name_space};
  const Json constraint = {{"apiVersion", "constraints.gatekeeper.sh/v1beta1"},
                           {"kind", "K8sPSPCapabilities"},
                           {"metadata", {{"name", target.name}}},
                           {"spec",
                            {{"enforcementAction", input.enforce ? "deny" : "dryrun"},
                             {"match", match},
                             {"parameters",
                              {{"allowedCapabilities", BareNames(input.keep)},
                               {"requiredDropCapabilities", {"ALL"}}}}}}};
  target.notes.push_back(
      "the template cannot select a container by name: it applies to every container of the pod, "
      "so add what the others need to allowedCapabilities");
  target.notes.push_back(
      "the template checks containers and init containers when the pod is created; it does not "
      "check ephemeral containers");
  target.notes.push_back(
      "it needs the library's template K8sPSPCapabilities; also use K8sPSPPrivilegedContainer, "
      "because a privileged container has every capability");
  return {ToYaml(constraint), target.notes};
}

}  // namespace capmon
