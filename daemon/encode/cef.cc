// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/cef.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/encode/alert_text.h"
#include "daemon/encode/alert_words.h"
#include "daemon/encode/severity_scale.h"

namespace capmon {
namespace {

constexpr size_t kHeaderField = 512;
constexpr size_t kText = 1023;
constexpr size_t kCustomText = 4000;
constexpr size_t kShort = 63;

std::string HeaderField(const std::string& text) {
  return absl::StrReplaceAll(std::string(Beginning(Visible(text), kHeaderField)),
                             {{"\\", "\\\\"}, {"|", "\\|"}});
}

// The keys of the extension, in the order in which they were added. Omits what is empty.
class Extension {
 public:
  void Add(const char* key, const std::string& value, size_t longest = kText) {
    if (value.empty()) return;
    const std::string cut(Beginning(VisibleLines(value), longest));
    Append(key, absl::StrReplaceAll(cut, {{"\\", "\\\\"}, {"=", "\\="}, {"\n", "\\n"}}));
  }
  void Add(const char* key, uint64_t number) { Append(key, absl::StrCat(number)); }
  void AddTime(const char* key, TimeNs time) { Append(key, absl::StrCat(time / 1'000'000)); }
  // A custom key: "cs1", labelled with its meaning.
  void AddCustom(const std::string& key, const char* label, const std::string& value) {
    if (value.empty()) return;
    Add(absl::StrCat(key, "Label").c_str(), label);
    Add(key.c_str(), value, key.starts_with("cs") ? kCustomText : kText);
  }
  void AddCustom(const std::string& key, const char* label, uint64_t number) {
    Add(absl::StrCat(key, "Label").c_str(), label);
    Add(key.c_str(), number);
  }

  const std::string& text() const { return text_; }

 private:
  void Append(const char* key, const std::string& value) {
    absl::StrAppend(&text_, text_.empty() ? "" : " ", key, "=", value);
  }

  std::string text_;
};

void AddEvent(Extension& extension, const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  extension.AddTime("rt", alert.last);
  extension.AddTime("start", alert.first);
  extension.AddTime("end", alert.last);
  extension.Add("cnt", alert.count);
  extension.Add("dvchost", sensor.node, 100);
  extension.Add("deviceExternalId", sensor.host_id, 255);
  extension.Add("externalId", alert.event_id, 40);
  extension.Add("cat", Name(alert.kind));
  extension.Add("act", DecisionOf(alert), kShort);
  if (alert.has_capability) extension.Add("outcome", alert.granted ? "success" : "failure", kShort);
  extension.Add("reason", alert.verdict);
  extension.Add("msg", alert.message);
}

void AddProcess(Extension& extension, const Alert& alert) {
  const AlertProcess& process = alert.process;
  extension.Add("sproc", process.name.empty() ? alert.binary : process.name);
  if (alert.pid != 0) extension.Add("spid", alert.pid);
  if (process.euid) extension.Add("suid", std::to_string(*process.euid));
  extension.Add("filePath", ExecutableOf(alert));
}

// "shop/web-6d4b75cb6d-x2x7q/nginx" in a pod.
std::string ContainerName(const Container& container) {
  if (container.pod.empty()) return container.name;
  return absl::StrCat(container.pod_namespace, "/", container.pod, "/", container.name);
}

std::string TechniqueIds(const Alert& alert) {
  std::vector<std::string> ids;
  for (const Technique& technique : alert.techniques) ids.push_back(technique.id);
  return absl::StrJoin(ids, ",");
}

// Keys that CEF leaves to products; their names begin with the product's.
void AddOwn(Extension& extension, const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  const AlertProcess& process = alert.process;
  extension.Add("CapmonUpdate", alert.update ? "true" : "false");
  extension.Add("CapmonFeed", message.feed);
  extension.Add("CapmonSyscall", alert.syscall);
  extension.Add("CapmonKernelFunction", alert.site);
  if (process.uid) extension.Add("CapmonUid", *process.uid);
  if (process.parent != 0) extension.Add("CapmonParentPid", process.parent);
  extension.Add("CapmonParentName", process.parent_name);
  extension.Add("CapmonImageDigest", alert.container.image_digest);
  extension.Add("CapmonBaseline", alert.baseline);
  if (alert.baseline_set != 0) extension.AddTime("CapmonBaselineSet", alert.baseline_set);
  extension.Add("CapmonCluster", sensor.cluster);
  extension.Add("CapmonNext", alert.next);
  std::vector<std::string> unread = UnreadOf(alert);
  if (VisibleLines(process.command_line).size() > kText)
    unread.push_back(absl::StrCat("process.command_line: cut after ", kText, " bytes"));
  extension.Add("CapmonUnread", absl::StrJoin(unread, "; "));
}

}  // namespace

std::string CefLine(const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  const Container& container = alert.container;
  Extension extension;
  AddEvent(extension, message, sensor);
  AddProcess(extension, alert);
  if (alert.has_capability) {
    extension.AddCustom("cs1", "capability", CapabilityName(alert.capability));
    extension.AddCustom("cn1", "capabilityNumber", uint64_t{alert.capability});
  }
  extension.AddCustom("cs2", "containerId", IdOf(container));
  extension.AddCustom("cs3", "container", ContainerName(container));
  extension.AddCustom("cs4", "workload", alert.workload);
  extension.AddCustom("cs5", "image", container.image);
  extension.AddCustom("cs6", "techniques", TechniqueIds(alert));
  extension.AddCustom("cn2", "sequence", message.sequence);
  if (alert.process.pid_inside != 0)
    extension.AddCustom("cn3", "pidInside", uint64_t{alert.process.pid_inside});
  extension.AddCustom("flexString1", "commandLine", alert.process.command_line);
  extension.AddCustom("flexString2", "finding", alert.id);
  AddOwn(extension, message, sensor);
  return absl::StrCat("CEF:0|capmon|capmon|", HeaderField(sensor.version), "|",
                      HeaderField(alert.rule.empty() ? Name(alert.kind) : alert.rule), "|",
                      HeaderField(TitleOf(alert)), "|", ScaleOf(alert.severity).cef, "|",
                      extension.text());
}

}  // namespace capmon
