// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/ocsf.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/encode/alert_words.h"
#include "daemon/encode/json_form.h"
#include "daemon/encode/severity_scale.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

constexpr int kCategory = 2, kClass = 2004;  // Findings: Detection Finding
constexpr int kCreate = 1, kUpdate = 2;
constexpr int kRule = 1, kServer = 1, kLinux = 200, kRegularFile = 1;

// An integer_t, which receivers store in 32 bits.
int Clamped(uint64_t number) {
  return static_cast<int>(std::min<uint64_t>(number, std::numeric_limits<int>::max()));
}

// A timestamp_t: milliseconds since 1970; omits 0.
void PutTime(FormWriter& form, const char* key, TimeNs time) {
  constexpr TimeNs kMillisecond = 1'000'000;
  form.Maybe(key, time / kMillisecond);
}

void PutClass(FormWriter& form, const Alert& alert) {
  const int activity = alert.update ? kUpdate : kCreate;
  const std::string name = alert.update ? "Update" : "Create";
  form.Always("activity_id", activity);
  form.Always("activity_name", name);
  form.Always("category_uid", kCategory);
  form.Always("category_name", "Findings");
  form.Always("class_uid", kClass);
  form.Always("class_name", "Detection Finding");
  form.Always("type_uid", kClass * 100 + activity);
  form.Always("type_name", absl::StrCat("Detection Finding: ", name));
}

void PutOccurrence(FormWriter& form, const Alert& alert) {
  const SeverityScale& scale = ScaleOf(alert.severity);
  form.Always("severity_id", scale.ocsf);
  form.Always("severity", scale.ocsf_name);
  form.Always("time", alert.last / 1'000'000);
  PutTime(form, "start_time", alert.first);
  PutTime(form, "end_time", alert.last);
  form.Always("count", Clamped(alert.count));
  form.Always("message", alert.message);
  form.Always("status_id", 1);
  form.Always("status", "New");
  form.Always("is_alert", true);
}

// What the kernel did, by the profile security_control.
void PutDisposition(FormWriter& form, const Alert& alert) {
  if (!alert.has_capability) {
    form.Always("action_id", 3);
    form.Always("action", "Observed");
    form.Always("disposition_id", 15);
    form.Always("disposition", "Detected");
    return;
  }
  form.Always("action_id", alert.granted ? 1 : 2);
  form.Always("action", alert.granted ? "Allowed" : "Denied");
  form.Always("disposition_id", alert.granted ? 19 : 2);
  form.Always("disposition", alert.granted ? "Alert" : "Blocked");
}

void PutMetadata(FormWriter& form, const FeedMessage& message, const Sensor& sensor) {
  form.Section("metadata", [&](FormWriter& metadata) {
    metadata.Always("version", "1.5.0");
    metadata.Always("uid", message.alert.event_id);
    metadata.Maybe("log_name", message.feed);
    metadata.Always("sequence", Clamped(message.sequence));
    metadata.Always("profiles", std::vector<std::string>{"container", "host", "security_control"});
    metadata.Section("product", [&](FormWriter& product) {
      product.Always("name", "capmon");
      product.Always("vendor_name", "capmon");
      product.Maybe("version", sensor.version);
    });
  });
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

void PutFinding(FormWriter& form, const Alert& alert) {
  form.Section("finding_info", [&](FormWriter& info) {
    info.Always("uid", alert.id);
    info.Always("title", TitleOf(alert));
    info.Always("desc", alert.message);
    info.Always("types", std::vector<std::string>{Name(alert.kind)});
    PutTime(info, "created_time", alert.first);
    PutTime(info, "first_seen_time", alert.first);
    PutTime(info, "last_seen_time", alert.last);
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

// The uid of a static pod is a hash, and no uuid_t.
bool IsUuid(const std::string& text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == '-' ? c == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
}

void PutContainer(FormWriter& form, const Container& container) {
  if (!Concerns(container)) return;
  form.Section("container", [&](FormWriter& out) {
    out.Always("uid", IdOf(container));
    out.Maybe("name", container.name);
    out.Maybe("runtime", container.runtime);
    if (!container.pod.empty()) out.Always("orchestrator", "Kubernetes");
    if (IsUuid(container.pod_uid)) out.Always("pod_uuid", container.pod_uid);
    if (!container.image.empty() || !container.image_digest.empty())
      out.Section("image", [&](FormWriter& image) {
        const ImageName name = ParseImageName(container.image);
        image.Always("uid",
                     container.image_digest.empty() ? container.image : container.image_digest);
        image.Maybe("name", name.path);
        image.Maybe("tag", name.tag);
      });
    std::vector<std::string> labels;
    for (const auto& [key, value] : container.labels)
      labels.push_back(absl::StrCat(key, "=", value));
    out.Maybe("labels", labels);
  });
}

void PutFile(FormWriter& form, const std::string& path) {
  if (path.empty()) return;
  form.Section("file", [&](FormWriter& file) {
    file.Always("name", path.substr(path.rfind('/') + 1));
    file.Always("path", path);
    file.Always("type_id", kRegularFile);
    file.Always("type", "Regular File");
  });
}

void PutProcess(FormWriter& form, const Alert& alert) {
  const AlertProcess& process = alert.process;
  form.Section("process", [&](FormWriter& out) {
    out.Always("pid", alert.pid);
    out.Maybe("namespace_pid", process.pid_inside);
    out.Maybe("name", process.name);
    out.Maybe("cmd_line", process.command_line);
    PutFile(out, ExecutableOf(alert));
    PutTime(out, "created_time", process.started);
    if (process.uid)
      out.Section("user",
                  [&](FormWriter& user) { user.Always("uid", std::to_string(*process.uid)); });
    if (process.parent != 0)
      out.Section("parent_process", [&](FormWriter& parent) {
        parent.Always("pid", process.parent);
        parent.Maybe("name", process.parent_name);
      });
    PutContainer(out, alert.container);
  });
}

// What has no attribute in the schema.
void PutEvidence(FormWriter& data, const Alert& alert) {
  if (alert.has_capability) {
    data.Always("capability", CapabilityName(alert.capability));
    data.Always("capability_number", alert.capability);
    data.Always("decision", DecisionOf(alert));
    data.Maybe("verdict", alert.verdict);
  }
  data.Maybe("syscall", alert.syscall);
  data.Maybe("kernel_function", alert.site);
  data.Maybe("binary", alert.binary);
  data.Maybe("euid", alert.process.euid);
  if (alert.process.sets_known) {
    data.Always("effective", alert.process.effective);
    data.Always("permitted", alert.process.permitted);
    data.Always("bounding", alert.process.bounding);
  }
  data.Maybe("baseline", alert.baseline);
  data.MaybeTime("baseline_set", alert.baseline_set);
  data.Maybe("cgroup_path", alert.container.cgroup_path);
}

struct Resource {
  const char* type;
  std::string name, uid, name_space;
};

void PutResources(FormWriter& form, const Alert& alert) {
  std::vector<Resource> resources;
  const Container& container = alert.container;
  if (alert.has_capability)
    resources.push_back({"linux-capability", CapabilityName(alert.capability), "", ""});
  if (!alert.workload.empty()) resources.push_back({"workload", alert.workload, "", ""});
  if (!container.pod.empty())
    resources.push_back(
        {"kubernetes-pod", container.pod, container.pod_uid, container.pod_namespace});
  form.List("resources", resources, [](FormWriter& out, const Resource& resource) {
    out.Always("type", resource.type);
    out.Always("name", resource.name);
    out.Maybe("uid", resource.uid);
    out.Maybe("namespace", resource.name_space);
  });
}

// One item; none for an alert about capmond itself.
void PutEvidences(FormWriter& form, const Alert& alert) {
  if (alert.pid == 0 && !alert.has_capability && !Concerns(alert.container)) return;
  form.List("evidences", std::vector<int>{0}, [&](FormWriter& evidence, int) {
    if (alert.pid != 0)
      PutProcess(evidence, alert);
    else
      PutContainer(evidence, alert.container);
    evidence.Group("data", true, [&](FormWriter& data) { PutEvidence(data, alert); });
  });
}

}  // namespace

OrderedJson OcsfFinding(const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  PutClass(form, alert);
  PutOccurrence(form, alert);
  PutDisposition(form, alert);
  PutMetadata(form, message, sensor);
  PutFinding(form, alert);
  PutDevice(form, sensor);
  PutEvidences(form, alert);
  PutResources(form, alert);
  form.Section("unmapped", [&](FormWriter& unmapped) {
    unmapped.Maybe("cluster", sensor.cluster);
    unmapped.Maybe("backend", sensor.backend);
    unmapped.Always("container_kind", std::string(Name(alert.container.kind)));
    unmapped.Maybe("unread", UnreadOf(alert));
  });
  return document;
}

}  // namespace capmon
