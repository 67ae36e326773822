// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/ocsf.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/encode/alert_words.h"
#include "daemon/encode/ocsf_parts.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

constexpr int kRegularFile = 1;

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
    PutOcsfTime(out, "created_time", process.started);
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
  static const OcsfClass kClass = {
      2004, "Detection Finding", "1.5.0", {"container", "host", "security_control"}};
  const Alert& alert = message.alert;
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  PutClass(form, alert, kClass);
  PutOccurrence(form, alert);
  form.Always("is_alert", true);
  PutDisposition(form, alert);
  PutMetadata(form, message, sensor, kClass);
  PutFinding(form, alert);
  PutDevice(form, sensor);
  PutEvidences(form, alert);
  std::vector<OcsfResource> resources;
  if (alert.has_capability)
    resources.push_back({"linux-capability", CapabilityName(alert.capability)});
  PutResources(form, alert, std::move(resources));
  PutUnmapped(form, alert, sensor);
  return document;
}

}  // namespace capmon
