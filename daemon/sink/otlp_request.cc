// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/otlp_request.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/encode/severity_scale.h"

namespace capmon {
namespace {

using Attributes = google::protobuf::RepeatedPtrField<otlp::KeyValue>;

void Add(Attributes* attributes, const char* key, const std::string& value) {
  if (value.empty()) return;
  otlp::KeyValue& attribute = *attributes->Add();
  attribute.set_key(key);
  attribute.mutable_value()->set_string_value(ToUtf8(value));
}

void AddNumber(Attributes* attributes, const char* key, uint64_t value) {
  otlp::KeyValue& attribute = *attributes->Add();
  attribute.set_key(key);
  attribute.mutable_value()->set_int_value(static_cast<int64_t>(value));
}

// The container that an alert is about; `service.name` is its operator's to choose.
void FillResource(const Alert& alert, const Sensor& sensor, otlp::Resource& resource) {
  Attributes* const all = resource.mutable_attributes();
  const Container& container = alert.container;
  Add(all, "host.name", sensor.node);
  Add(all, "host.id", sensor.host_id);
  Add(all, "k8s.cluster.name", sensor.cluster);
  Add(all, "container.id", container.id);
  Add(all, "container.name", container.name);
  Add(all, "container.runtime", container.runtime);
  Add(all, "container.image.name", container.image);
  Add(all, "container.image.id", container.image_digest);
  Add(all, "k8s.pod.name", container.pod);
  Add(all, "k8s.namespace.name", container.pod_namespace);
  Add(all, "k8s.pod.uid", container.pod_uid);
  if (container.pod.empty()) return;
  Add(all, "k8s.node.name", sensor.node);
  Add(all, "k8s.container.name", container.name);
}

void FillProcess(const Alert& alert, Attributes* all) {
  if (alert.pid != 0) AddNumber(all, "process.pid", alert.pid);
  if (alert.process.parent != 0) AddNumber(all, "process.parent_pid", alert.process.parent);
  Add(all, "process.executable.name", alert.process.name);
  Add(all, "process.executable.path",
      alert.process.executable.empty() ? alert.binary : alert.process.executable);
  Add(all, "process.command_line", alert.process.command_line);
  if (alert.process.uid) Add(all, "user.id", absl::StrCat(*alert.process.uid));
}

void FillRecord(AlertFormat format, const Sensor& sensor, const FeedMessage& message,
                otlp::LogRecord& record) {
  const Alert& alert = message.alert;
  record.set_time_unix_nano(static_cast<uint64_t>(alert.last));
  record.set_observed_time_unix_nano(static_cast<uint64_t>(alert.last));
  record.set_severity_number(ScaleOf(alert.severity).otlp);
  record.set_severity_text(Name(alert.severity));
  record.set_event_name("capmon.alert");
  record.mutable_body()->set_string_value(EncodeAlert(format, message, sensor));
  Attributes* const all = record.mutable_attributes();
  Add(all, "capmon.feed", message.feed);
  AddNumber(all, "capmon.sequence", message.sequence);
  Add(all, "capmon.id", alert.id);
  Add(all, "capmon.event_id", alert.event_id);
  Add(all, "capmon.kind", Name(alert.kind));
  Add(all, "capmon.rule", alert.rule);
  Add(all, "capmon.message", alert.message);
  Add(all, "capmon.next", alert.next);
  if (alert.has_capability) {
    Add(all, "capmon.capability", CapabilityName(alert.capability));
    Add(all, "capmon.decision", alert.granted ? "granted" : "denied");
  }
  Add(all, "capmon.verdict", alert.verdict);
  Add(all, "capmon.workload", alert.workload);
  Add(all, "capmon.syscall", alert.syscall);
  Add(all, "capmon.site", alert.site);
  AddNumber(all, "capmon.count", alert.count);
  FillProcess(alert, all);
}

}  // namespace

otlp::ExportLogsServiceRequest OtlpRequest(AlertFormat format, const Sensor& sensor,
                                           const std::vector<FeedMessage>& messages) {
  otlp::ExportLogsServiceRequest request;
  otlp::ScopeLogs* scope = nullptr;
  const Container* container = nullptr;
  for (const FeedMessage& message : messages) {
    if (container == nullptr || !(message.alert.container == *container)) {
      container = &message.alert.container;
      otlp::ResourceLogs& logs = *request.add_resource_logs();
      FillResource(message.alert, sensor, *logs.mutable_resource());
      scope = logs.add_scope_logs();
      scope->mutable_scope()->set_name("capmon");
      scope->mutable_scope()->set_version(sensor.version);
    }
    FillRecord(format, sensor, message, *scope->add_log_records());
  }
  return request;
}

}  // namespace capmon
