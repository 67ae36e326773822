// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/ocsf_parts.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/encode/alert_words.h"
#include "daemon/encode/severity_scale.h"

namespace capmon {
namespace {

constexpr int kFindings = 2;
constexpr int kCreate = 1, kUpdate = 2;
constexpr int kRule = 1, kServer = 1, kLinux = 200;

// An integer_t, which receivers store in 32 bits.
int Clamped(uint64_t number) {
  return static_cast<int>(std::min<uint64_t>(number, std::numeric_limits<int>::max()));
}

void PutAttack(FormWriter& attack, const Technique& technique) {
  attack.Always("version", kAttackVersion);
  const auto put = [&](FormWriter& form) {
    form.Always("uid", technique.id);
    form.Maybe("name", technique.name);
  };
  if (!IsSubTechnique(technique)) return attack.Section("technique", put);
  attack.Section("technique", [&](FormWriter& form) { form.Always("uid", ParentOf(technique)); });
  attack.Section("sub_technique", put);
}

}  // namespace

void PutOcsfTime(FormWriter& form, const char* key, TimeNs time) {
  constexpr TimeNs kMillisecond = 1'000'000;
  form.Maybe(key, time / kMillisecond);
}

void PutClass(FormWriter& form, const Alert& alert, const OcsfClass& of) {
  const int activity = alert.update ? kUpdate : kCreate;
  const std::string name = alert.update ? "Update" : "Create";
  form.Always("activity_id", activity);
  form.Always("activity_name", name);
  form.Always("category_uid", kFindings);
  form.Always("category_name", "Findings");
  form.Always("class_uid", of.uid);
  form.Always("class_name", of.name);
  form.Always("type_uid", of.uid * 100 + activity);
  form.Always("type_name", absl::StrCat(of.name, ": ", name));
}

void PutOccurrence(FormWriter& form, const Alert& alert) {
  const SeverityScale& scale = ScaleOf(alert.severity);
  form.Always("severity_id", scale.ocsf);
  form.Always("severity", scale.ocsf_name);
  form.Always("time", alert.last / 1'000'000);
  PutOcsfTime(form, "start_time", alert.first);
  PutOcsfTime(form, "end_time", alert.last);
  form.Always("count", Clamped(alert.count));
  form.Always("message", alert.message);
  form.Always("status_id", 1);
  form.Always("status", "New");
}

void PutMetadata(FormWriter& form, const FeedMessage& message, const Sensor& sensor,
                 const OcsfClass& of) {
  form.Section("metadata", [&](FormWriter& metadata) {
    metadata.Always("version", of.version);
    metadata.Always("uid", message.alert.event_id);
    metadata.Maybe("log_name", message.feed);
    metadata.Always("sequence", Clamped(message.sequence));
    metadata.Maybe("profiles", of.profiles);
    metadata.Section("product", [&](FormWriter& product) {
      product.Always("name", "capmon");
      product.Always("vendor_name", "capmon");
      product.Maybe("version", sensor.version);
    });
  });
}

void PutFinding(FormWriter& form, const Alert& alert) {
  form.Section("finding_info", [&](FormWriter& info) {
    info.Always("uid", alert.id);
    info.Always("title", TitleOf(alert));
    info.Always("desc", alert.message);
    info.Always("types", std::vector<std::string>{Name(alert.kind)});
    PutOcsfTime(info, "created_time", alert.first);
    PutOcsfTime(info, "first_seen_time", alert.first);
    PutOcsfTime(info, "last_seen_time", alert.last);
    info.Section("analytic", [&](FormWriter& analytic) {
      analytic.Always("type_id", kRule);
      analytic.Always("type", "Rule");
      analytic.Maybe("uid", alert.rule);
      analytic.Always("name", TitleOf(alert));
      analytic.Always("version", std::to_string(alert.rule_version));
    });
    info.List("attacks", alert.techniques, PutAttack);
  });
  if (alert.next.empty()) return;
  form.Section("remediation", [&](FormWriter& remediation) {
    remediation.Always("desc", absl::StrCat("To see the evidence, run: ", alert.next));
  });
}

void PutDevice(FormWriter& form, const Sensor& sensor) {
  form.Section("device", [&](FormWriter& device) {
    device.Always("type_id", kServer);
    device.Always("type", "Server");
    // One of both is required.
    device.Always("hostname", sensor.node.empty() ? "unknown" : sensor.node);
    device.Maybe("uid", sensor.host_id);
    device.Section("os", [](FormWriter& os) {
      os.Always("name", "Linux");
      os.Always("type_id", kLinux);
      os.Always("type", "Linux");
    });
  });
}

void PutResources(FormWriter& form, const Alert& alert, std::vector<OcsfResource> resources) {
  const Container& container = alert.container;
  if (!alert.workload.empty()) resources.push_back({"workload", alert.workload, "", ""});
  if (!container.pod.empty())
    resources.push_back(
        {"kubernetes-pod", container.pod, container.pod_uid, container.pod_namespace});
  form.List("resources", resources, [](FormWriter& out, const OcsfResource& resource) {
    out.Always("type", resource.type);
    out.Always("name", resource.name);
    out.Maybe("uid", resource.uid);
    out.Maybe("namespace", resource.name_space);
  });
}

void PutUnmapped(FormWriter& form, const Alert& alert, const Sensor& sensor) {
  form.Section("unmapped", [&](FormWriter& unmapped) {
    unmapped.Maybe("cluster", sensor.cluster);
    unmapped.Maybe("backend", sensor.backend);
    unmapped.Always("container_kind", std::string(Name(alert.container.kind)));
    unmapped.Maybe("unread", UnreadOf(alert));
  });
}

}  // namespace capmon
