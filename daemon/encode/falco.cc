// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/falco.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "daemon/encode/alert_words.h"
#include "daemon/encode/json_form.h"
#include "daemon/encode/severity_scale.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

constexpr size_t kShortId = 12;  // of a container, as Falco shows it

std::string Names(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(CapabilityName(c));
  return absl::StrJoin(names, " ");
}

void PutContainer(FormWriter& fields, const Container& container) {
  const ImageName image = ParseImageName(container.image);
  const bool of_host = container.kind == ContainerKind::kHost || !Concerns(container);
  const std::string id = of_host ? "host" : IdOf(container);  // as Falco calls it
  fields.Always("container.id", id.substr(0, kShortId));
  fields.Always("container.full_id", id);
  fields.Maybe("container.name", container.name);
  fields.Maybe("container.type", container.runtime);
  fields.Maybe("container.image.repository", image.path);
  fields.Maybe("container.image.tag", image.tag);
  fields.Maybe("container.image.digest", container.image_digest);
  fields.Maybe("container.privileged", container.privileged);
  // falcosidekick requires that both are texts, where they are present.
  fields.Maybe("k8s.ns.name", container.pod_namespace);
  fields.Maybe("k8s.pod.name", container.pod);
  fields.Maybe("k8s.pod.uid", container.pod_uid);
  for (const auto& [key, value] : container.labels)
    fields.Always(absl::StrCat("container.label.", ToUtf8(key)).c_str(), value);
}

void PutProcess(FormWriter& fields, const Alert& alert) {
  const AlertProcess& process = alert.process;
  fields.Maybe("proc.pid", alert.pid);
  fields.Maybe("proc.vpid", process.pid_inside);
  fields.Maybe("proc.name", process.name);
  fields.Maybe("proc.exepath", ExecutableOf(alert));
  fields.Maybe("proc.cmdline", process.command_line);
  fields.Maybe("proc.ppid", process.parent);
  fields.Maybe("proc.pname", process.parent_name);
  fields.Maybe("user.uid", process.euid);
  if (!process.sets_known) return;
  fields.Always("thread.cap_effective", Names(process.effective));
  fields.Always("thread.cap_permitted", Names(process.permitted));
}

void PutOwn(FormWriter& fields, const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  fields.Always("capmon.event", alert.event_id);
  fields.Always("capmon.finding", alert.id);
  fields.Always("capmon.update", alert.update);
  fields.Always("capmon.kind", std::string(Name(alert.kind)));
  fields.Always("capmon.severity", std::string(Name(alert.severity)));
  fields.Maybe("capmon.rule", alert.rule);
  fields.Maybe("capmon.rule_version", alert.rule_version);
  fields.Maybe("capmon.feed", message.feed);
  fields.Always("capmon.sequence", message.sequence);
  fields.Always("capmon.count", alert.count);
  fields.Time("capmon.first", alert.first);
  if (alert.has_capability) {
    fields.Always("capmon.capability", CapabilityName(alert.capability));
    fields.Always("capmon.decision", DecisionOf(alert));
    fields.Maybe("capmon.verdict", alert.verdict);
  }
  fields.Maybe("capmon.kernel_function", alert.site);
  fields.Maybe("capmon.binary", alert.binary);
  fields.Maybe("capmon.uid", alert.process.uid);
  if (alert.process.sets_known) fields.Always("capmon.bounding", Names(alert.process.bounding));
  if (!alert.unneeded.empty()) {
    fields.Always("capmon.held", Names(alert.held));
    fields.Always("capmon.not_needed", Names(alert.unneeded));
  }
  fields.Maybe("capmon.workload", alert.workload);
  fields.Maybe("capmon.baseline", alert.baseline);
  fields.MaybeTime("capmon.baseline_set", alert.baseline_set);
  fields.Maybe("capmon.cluster", sensor.cluster);
  fields.Maybe("capmon.next", alert.next);
  fields.Maybe("capmon.unread", absl::StrJoin(UnreadOf(alert), "; "));
}

// "12:00:00.123456789: Error web newly uses CAP_NET_RAW ...".
std::string Output(const Alert& alert) {
  const std::string time = Rfc3339(alert.last);
  const size_t clock = time.find('T') + 1;
  return absl::StrCat(time.substr(clock, time.size() - clock - 1), ": ",
                      ScaleOf(alert.severity).falco, " ", Visible(alert.message));
}

}  // namespace

OrderedJson FalcoAlert(const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  form.Maybe("hostname", sensor.node);
  form.Always("output", Output(alert));
  form.Section("output_fields", [&](FormWriter& fields) {
    fields.Always("evt.time", alert.last);
    fields.Maybe("evt.type", alert.syscall);
    PutContainer(fields, alert.container);
    PutProcess(fields, alert);
    PutOwn(fields, message, sensor);
  });
  form.Always("priority", ScaleOf(alert.severity).falco);
  form.Always("rule", TitleOf(alert));
  form.Always("source", "capmon");
  std::vector<std::string> tags = {"capmon"};
  if (Concerns(alert.container)) tags.push_back("container");
  for (const Technique& technique : alert.techniques) tags.push_back(technique.id);
  form.Always("tags", tags);
  form.Time("time", alert.last);
  return document;
}

}  // namespace capmon
