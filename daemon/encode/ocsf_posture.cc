// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "daemon/encode/alert_words.h"
#include "daemon/encode/ocsf.h"
#include "daemon/encode/ocsf_parts.h"

namespace capmon {
namespace {

void PutPermissions(FormWriter& form, const Alert& alert) {
  form.List("permission_analysis_results", std::vector<int>{0}, [&](FormWriter& result, int) {
    result.Always("granted_privileges", alert.held);
    result.Always("unused_privileges_count", alert.unneeded.size());
    result.Section("policy", [](FormWriter& policy) {
      policy.Always("name", "capabilities of the container");
      policy.Always("type", "Linux capabilities");
      policy.Always("is_applied", true);
    });
  });
}

}  // namespace

OrderedJson OcsfPosture(const FeedMessage& message, const Sensor& sensor) {
  static const OcsfClass kClass = {2008, "IAM Analysis Finding", "1.6.0", {}};
  const Alert& alert = message.alert;
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  PutClass(form, alert, kClass);
  PutOccurrence(form, alert);
  PutMetadata(form, message, sensor, kClass);
  PutFinding(form, alert);
  PutDevice(form, sensor);
  PutPermissions(form, alert);
  const Container& container = alert.container;
  std::vector<OcsfResource> resources;
  if (Concerns(container))
    resources.push_back({"container", container.name, IdOf(container), container.pod_namespace});
  // The class has a number of unused privileges, and no place for their names.
  for (const Capability capability : alert.unneeded.members())
    resources.push_back({"linux-capability", CapabilityName(capability)});
  PutResources(form, alert, std::move(resources));
  PutUnmapped(form, alert, sensor);
  return document;
}

}  // namespace capmon
