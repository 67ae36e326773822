// SPDX-License-Identifier: Apache-2.0
#include "client/commands/inspect.h"

#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/commands/show.h"
#include "client/host/default_sets.h"
#include "client/render/inspection.h"
#include "client/rpc/container_processes.h"
#include "common/utf8.h"

namespace capmon {
namespace {

using NameList = google::protobuf::RepeatedPtrField<std::string>;

void AddNames(CapabilitySet set, NameList* names) {
  for (const Capability c : set.members()) *names->Add() = CapabilityName(c);
}

v1::HeldSets ToMessage(const ProcessSets& sets, const UserNamespace& space) {
  v1::HeldSets held;
  AddNames(sets.permitted, held.mutable_permitted());
  AddNames(sets.effective, held.mutable_effective());
  AddNames(sets.inheritable, held.mutable_inheritable());
  AddNames(sets.bounding, held.mutable_bounding());
  AddNames(sets.ambient, held.mutable_ambient());
  held.set_uid(sets.uid);
  held.set_no_new_privs(sets.no_new_privs);
  held.set_seccomp(sets.seccomp);
  held.set_userns_level(space.level);
  return held;
}

std::string KindName(UserNamespace::Kind kind) {
  switch (kind) {
    case UserNamespace::Kind::kHost: return "host";
    case UserNamespace::Kind::kOwn: return "own";
    case UserNamespace::Kind::kUnknown: return "unknown";
  }
  return "unknown";
}

v1::ProcessGroup NewGroup(const Inspected& one) {
  const ProcessSets& sets = one.process.main.sets;
  v1::ProcessGroup group;
  *group.mutable_held() = ToMessage(sets, one.user_namespace);
  group.set_gid(sets.gid);
  for (const std::string& bit : one.securebits) group.add_securebits(bit);
  group.set_securebits_known(one.securebits_known);
  group.set_user_namespace(KindName(one.user_namespace.kind));
  for (const std::string& line : one.user_namespace.map) group.add_uid_map(line);
  const auto compare = [&](const char* name, CapabilitySet set) {
    const std::string text = ComparedWithDefaults(set, AllCapabilities());
    if (!text.empty()) (*group.mutable_compared())[name] = text;
  };
  compare("effective", sets.effective);
  compare("permitted", sets.permitted);
  compare("inheritable", sets.inheritable);
  compare("bounding", sets.bounding);
  compare("ambient", sets.ambient);
  return group;
}

void AddProcess(const Inspected& one, v1::ProcessGroup& group) {
  v1::ProcessName* const name = group.add_processes();
  name->set_pid(static_cast<uint32_t>(one.process.main.tid));
  name->set_comm(ToUtf8(one.process.main.comm));
  name->set_threads(one.process.threads);
  for (const Thread& thread : one.process.differing) {
    v1::ThreadSets* const row = name->add_differing_threads();
    row->set_tid(static_cast<uint32_t>(thread.tid));
    row->set_comm(ToUtf8(thread.comm));
    *row->mutable_held() = ToMessage(thread.sets, one.user_namespace);
    row->set_gid(thread.sets.gid);
  }
}

Inspected InspectProcess(Process process) {
  const pid_t pid = process.main.tid;
  Inspected one;
  one.process = std::move(process);
  one.user_namespace = ReadUserNamespace(pid);
  const int bits = pid == ::getpid() ? ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) : -1;
  if (bits < 0) return one;
  one.securebits = SecurebitNames(static_cast<unsigned long>(bits));
  one.securebits_known = true;
  return one;
}

absl::StatusOr<v1::Inspection> InspectTarget(const Target& target) {
  v1::Inspection inspection;
  inspection.set_subject(ToUtf8(target.name));
  if (target.container) *inspection.mutable_container() = *target.container;
  inspection.set_unread(target.beyond);
  std::vector<Inspected> found;
  absl::Status last;
  for (const pid_t pid : target.pids) {
    auto process = ReadProcess(pid);
    if (process.ok())
      found.push_back(InspectProcess(*std::move(process)));
    else if (absl::IsNotFound(process.status()))
      inspection.set_vanished(inspection.vanished() + 1);
    else
      return process.status();
    last = process.status();
  }
  if (!found.empty()) {
    AddGroups(found, inspection);
    return inspection;
  }
  if (target.pids.size() == 1 && !target.container) return last;
  return absl::NotFoundError(absl::StrCat(target.name, " has no running processes"));
}

}  // namespace

void AddGroups(const std::vector<Inspected>& processes, v1::Inspection& inspection) {
  std::map<std::string, v1::ProcessGroup> groups;
  for (const Inspected& one : processes) {
    v1::ProcessGroup group = NewGroup(one);
    // The key is everything but the processes. The map of comparisons follows from the rest and has
    // no order.
    v1::ProcessGroup key = group;
    key.clear_compared();
    AddProcess(one, groups.try_emplace(key.SerializeAsString(), group).first->second);
  }
  std::vector<v1::ProcessGroup> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  std::ranges::sort(sorted, [](const v1::ProcessGroup& a, const v1::ProcessGroup& b) {
    if (a.processes_size() != b.processes_size()) return a.processes_size() > b.processes_size();
    return a.processes(0).pid() < b.processes(0).pid();
  });
  for (v1::ProcessGroup& group : sorted) *inspection.add_groups() = std::move(group);
}

std::vector<std::string> SecurebitNames(unsigned long bits) {
  static constexpr struct {
    int bit;
    const char* name;
  } kNames[] = {{SECURE_NOROOT, "noroot"},
                {SECURE_NO_SETUID_FIXUP, "no-setuid-fixup"},
                {SECURE_KEEP_CAPS, "keep-caps"},
                {SECURE_NO_CAP_AMBIENT_RAISE, "no-cap-ambient-raise"}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames) {
    if (bits >> bit & 1) names.push_back(name);
    // The next bit is the lock.
    if (bits >> (bit + 1) & 1) names.push_back(absl::StrCat(name, "-locked"));
  }
  return names;
}

absl::Status Inspect(const Settings& settings, const std::string& reference) {
  const auto target = FindTarget(reference, settings);
  if (!target.ok()) return target.status();
  const auto inspection = InspectTarget(*target);
  if (!inspection.ok()) return inspection.status();
  return Show(*inspection, settings,
              [&](std::ostream& out) { RenderInspection(out, *inspection, settings); });
}

}  // namespace capmon
