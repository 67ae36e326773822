// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/convert.h"
#include "daemon/api/put.h"
#include "daemon/api/utf8_message.h"

namespace capmon {
namespace {

void PutProcess(const AlertProcess& process, v1::AlertProcess& out) {
  out.set_pid_inside(process.pid_inside);
  out.set_parent(process.parent);
  out.set_parent_name(process.parent_name);
  out.set_name(process.name);
  out.set_executable(process.executable);
  out.set_command_line(process.command_line);
  if (process.uid) out.set_uid(*process.uid);
  if (process.euid) out.set_euid(*process.euid);
  out.set_sets_known(process.sets_known);
  PutSet(process.effective, out.mutable_effective());
  PutSet(process.permitted, out.mutable_permitted());
  PutSet(process.bounding, out.mutable_bounding());
  PutTime(process.started, [&] { return out.mutable_started(); });
}

void PutRule(const Alert& alert, v1::Alert& out) {
  out.set_rule(alert.rule);
  out.set_rule_version(alert.rule_version);
  out.set_rule_name(alert.rule_name);
  for (const Technique& technique : alert.techniques) {
    v1::AlertTechnique& added = *out.add_techniques();
    added.set_id(technique.id);
    added.set_name(technique.name);
  }
}

void PutCheck(const Alert& alert, v1::Alert& out) {
  if (alert.has_capability) {
    out.set_capability(CapabilityName(alert.capability));
    out.set_decision(alert.granted ? "granted" : "denied");
  }
  out.set_verdict(alert.verdict);
  out.set_site(alert.site);
  out.set_syscall(alert.syscall);
  out.set_binary(alert.binary);
  out.set_pid(alert.pid);
}

}  // namespace

v1::Alert ToProto(const Alert& alert, uint64_t dropped) {
  v1::Alert out;
  out.set_id(alert.id);
  out.set_event_id(alert.event_id);
  out.set_update(alert.update);
  out.set_kind(Name(alert.kind));
  PutRule(alert, out);
  out.set_severity(Name(alert.severity));
  PutTime(alert.first, [&] { return out.mutable_first(); });
  PutTime(alert.last, [&] { return out.mutable_last(); });
  out.set_count(alert.count);
  PutCheck(alert, out);
  *out.mutable_container() = ToProto(alert.container);
  out.set_workload(alert.workload);
  PutProcess(alert.process, *out.mutable_process());
  out.set_baseline(alert.baseline);
  PutTime(alert.baseline_set, [&] { return out.mutable_baseline_set(); });
  out.set_message(alert.message);
  out.set_next(alert.next);
  for (const auto& [field, reason] : alert.unread) {
    v1::AlertUnread& added = *out.add_unread();
    added.set_field(field);
    added.set_reason(reason);
  }
  out.set_dropped(dropped);
  MakeUtf8(out);
  return out;
}

}  // namespace capmon
