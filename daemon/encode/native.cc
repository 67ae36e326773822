// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/native.h"

#include "common/json.h"
#include "daemon/encode/json_form.h"

namespace capmon {
namespace {

constexpr int kVersion = 1;

template <typename Form, typename Sets>
void DescribeHeldSets(Form& form, Sets& sets) {
  form.Always("permitted", sets.permitted);
  form.Always("effective", sets.effective);
  form.Always("inheritable", sets.inheritable);
  form.Always("bounding", sets.bounding);
  form.Always("ambient", sets.ambient);
  form.Always("uid", sets.uid);
  form.Maybe("no_new_privileges", sets.no_new_privs);
  form.Maybe("seccomp_mode", sets.seccomp_mode);
  form.Maybe("user_namespace_level", sets.userns_level);
  form.Maybe("path", sets.path);
  form.Always("source", sets.source);
}

template <typename Form, typename ContainerType>
void DescribeContainer(Form& form, ContainerType& container) {
  form.Always("key", container.key);
  form.Named("kind", container.kind);
  form.Maybe("id", container.id);
  form.Maybe("name", container.name);
  form.Maybe("runtime", container.runtime);
  form.Maybe("image", container.image);
  form.Maybe("image_digest", container.image_digest);
  form.Maybe("entrypoint", container.entrypoint);
  form.Maybe("pod", container.pod);
  form.Maybe("namespace", container.pod_namespace);
  form.Maybe("pod_uid", container.pod_uid);
  form.Maybe("controller", container.workload);
  form.Maybe("controller_inferred", container.workload_inferred);
  form.Maybe("workload_label", container.workload_label);
  form.Maybe("description", container.description);
  form.Maybe("cgroup_path", container.cgroup_path);
  form.Maybe("cgroup_id", container.cgroup);
  form.Maybe("labels", container.labels);
  form.Maybe("privileged", container.privileged);
  form.MaybeTime("first_seen", container.first_seen);
  form.MaybeTime("ended", container.removed);
  form.Maybe("seen_from_start", container.from_start);
  form.Maybe("name_source", container.name_source);
  form.Maybe("root", container.root);
}

// Fills or reads a member that is there or not.
template <typename Form, typename Optional, typename Fill>
void DescribeOptional(Form& form, const char* key, Optional& optional, Fill fill) {
  bool present = optional.has_value();
  form.Group(key, present, [&](auto& inner) {
    if constexpr (!std::is_const_v<Optional>) optional.emplace();
    fill(inner, *optional);
  });
}

template <typename Form, typename Process>
void DescribeProcess(Form& form, Process& process) {
  form.Maybe("pid_inside", process.pid_inside);
  form.Maybe("name", process.name);
  form.Maybe("executable", process.executable);
  form.Maybe("command_line", process.command_line);
  form.Maybe("uid", process.uid);
  form.Maybe("euid", process.euid);
  form.MaybeTime("started", process.started);
  form.Section("parent", [&](auto& parent) {
    parent.Maybe("pid", process.parent);
    parent.Maybe("name", process.parent_name);
  });
  bool known = process.sets_known;
  form.Group("sets", known, [&](auto& sets) {
    sets.Always("effective", process.effective);
    sets.Always("permitted", process.permitted);
    sets.Always("bounding", process.bounding);
  });
  if constexpr (!std::is_const_v<Process>) process.sets_known = known;
}

// What the alert is about: the rule, and what it says.
template <typename Form, typename AlertType>
void DescribeFinding(Form& form, AlertType& alert) {
  form.Always("id", alert.id);
  form.Always("event_id", alert.event_id);
  form.Always("update", alert.update);
  form.Named("kind", alert.kind);
  form.Named("severity", alert.severity);
  form.Section("rule", [&](auto& rule) {
    rule.Maybe("id", alert.rule);
    rule.Maybe("version", alert.rule_version);
    rule.Maybe("name", alert.rule_name);
  });
  form.List("techniques", alert.techniques, [](auto& technique, auto& value) {
    technique.Always("id", value.id);
    technique.Maybe("name", value.name);
  });
  form.Always("message", alert.message);
  form.Maybe("next", alert.next);
  form.Time("first", alert.first);
  form.Time("last", alert.last);
  form.Always("count", alert.count);
}

// The check; without a capability there is none.
template <typename Form, typename AlertType>
void DescribeCheck(Form& form, AlertType& alert) {
  std::string decision = alert.granted ? "granted" : "denied";
  bool present = alert.has_capability;
  form.Group("check", present, [&](auto& check) {
    std::string name = CapabilityName(alert.capability);
    check.Derived("capability", name);
    check.Always("number", alert.capability);
    check.Always("decision", decision);
    check.Maybe("verdict", alert.verdict);
  });
  if constexpr (!std::is_const_v<AlertType>) {
    alert.has_capability = present;
    alert.granted = present && decision == "granted";
    if (alert.capability >= kMaxCapabilities) form.Fail("check", "has no capability's number");
    if (present && !alert.granted && decision != "denied") form.Fail("check", "has no decision");
  }
  form.Maybe("syscall", alert.syscall);
  form.Maybe("kernel_function", alert.site);
  form.Maybe("binary", alert.binary);
}

template <typename Form, typename AlertType>
void DescribeAlert(Form& form, AlertType& alert) {
  DescribeFinding(form, alert);
  DescribeCheck(form, alert);
  form.Section("process", [&](auto& process) {
    process.Maybe("pid", alert.pid);
    DescribeProcess(process, alert.process);
  });
  form.Section("baseline", [&](auto& baseline) {
    baseline.Maybe("source", alert.baseline);
    baseline.MaybeTime("set", alert.baseline_set);
    if (alert.baseline_set != 0)
      baseline.Derived("age_seconds", alert.last / kSecond - alert.baseline_set / kSecond);
  });
  form.Maybe("workload", alert.workload);
  bool posture = !alert.unneeded.empty();
  form.Group("posture", posture, [&](auto& sets) {
    sets.Always("held", alert.held);
    sets.Always("not_needed", alert.unneeded);
  });
  form.Section("container", [&](auto& container) {
    DescribeContainer(container, alert.container);
    DescribeOptional(container, "granted", alert.container.granted,
                     [](auto& granted, auto& sets) { DescribeHeldSets(granted, sets); });
    DescribeOptional(container, "filter", alert.container.filter, [](auto& filter, auto& value) {
      filter.Always("present", value.present);
      filter.Always("allows", value.allows);
    });
  });
  form.List("unread", alert.unread, [](auto& unread, auto& value) {
    unread.Always("field", value.first);
    unread.Always("reason", value.second);
  });
}

template <typename Form, typename Message>
void DescribeMessage(Form& form, Message& message) {
  int version = kVersion;
  form.Always("version", version);
  if constexpr (!std::is_const_v<Message>)
    if (version != kVersion) form.Fail("version", "is of another capmon");
  form.Always("feed", message.feed);
  form.Always("sequence", message.sequence);
  DescribeAlert(form, message.alert);
}

}  // namespace

OrderedJson NativeAlert(const FeedMessage& message, const Sensor& sensor) {
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  DescribeMessage(form, message);
  form.Section("sensor", [&](FormWriter& out) {
    out.Maybe("node", sensor.node);
    out.Maybe("host_id", sensor.host_id);
    out.Maybe("cluster", sensor.cluster);
    out.Maybe("version", sensor.version);
    out.Maybe("backend", sensor.backend);
  });
  return document;
}

absl::StatusOr<FeedMessage> ParseNativeAlert(std::string_view line) {
  const nlohmann::json document = ParseJson(std::string(line));
  if (!document.is_object())
    return absl::InvalidArgumentError("read an alert: it is not a JSON object");
  FeedMessage message;
  FormReader form(document);
  DescribeMessage(form, message);
  if (!form.status().ok()) return form.status();
  return message;
}

}  // namespace capmon
