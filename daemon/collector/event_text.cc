// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/collector/event_members.h"

namespace capmon {
namespace {

// The members of each event, described once for both directions.

template <typename Archive>
void Members(Archive& member, SourceStarted& e) {
  member("backend", e.backend);
  member("kernel", e.kernel);
  member("layout", e.cgroup_layout);
  member("outcomes", e.outcomes);
  member("ends_awaited", e.ends_awaited);
  member("blind", e.blind_spots);
}
template <typename Archive>
void Members(Archive& member, CgroupMade& e) {
  member("id", e.cgroup);
  member("path", e.path);
  member("existing", e.existing);
}
template <typename Archive>
void Members(Archive& member, CgroupRemoved& e) {
  member("id", e.cgroup);
}
template <typename Archive>
void Members(Archive& member, CheckKey& key) {
  member("cgroup", key.cgroup);
  member.Named("cap", key.capability);
  member("granted", key.granted);
  member("site", key.site);
  member("syscall", key.syscall);
  member("traits", key.traits);
  member("origin", key.exe_origin);
  member("exe", key.exe);
  member("level", key.target_level);
  member("cred-depth", key.cred_depth);
}
template <typename Archive>
void Members(Archive& member, ChecksCounted& e) {
  Members(member, e.key);
  member("count", e.counts.count);
  member("ok", e.counts.succeeded);
  member("failed", e.counts.failed);
  member("errnos", e.counts.errnos);
  member("unread-since", e.unread_since);
}
template <typename Archive>
void Members(Archive& member, CheckSampled& e) {
  Members(member, e.key);
  member("pid", e.pid);
  member("tid", e.tid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("binary", e.binary);
  member("callers", e.callers);
}
template <typename Archive, typename Sets>
void SetMembers(Archive& member, Sets& e) {
  member("prm", e.permitted);
  member("eff", e.effective);
  member("inh", e.inheritable);
  member("bnd", e.bounding);
  member("amb", e.ambient);
}
template <typename Archive>
void Members(Archive& member, ProcessExec& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("euid", e.euid);
  member("comm", e.comm);
  member("path", e.path);
  member("exe", e.exe);
  member("inode", e.inode);
  member("arguments", e.arguments);
  member("origin", e.exe_origin);
  SetMembers(member, e);
  member("before", e.before_known);
  member("prm-before", e.permitted_before);
  member("uid-before", e.uid_before);
  member("euid-before", e.euid_before);
  member("nnp", e.no_new_privs);
  member("secure", e.secure_exec);
  member("setid", e.set_id_file);
  member("seccomp", e.seccomp_mode);
  member("level", e.userns_level);
  member("existing", e.existing);
  member("file-known", e.file_known);
  member("file-prm", e.file_permitted);
  member("file-inh", e.file_inheritable);
  member("file-eff", e.file_effective);
}
template <typename Archive>
void Members(Archive& member, FileRead& e) {
  member("cgroup", e.cgroup);
  member("exe", e.exe);
  member("path", e.path);
  member("known", e.known);
  member("prm", e.permitted);
  member("eff", e.effective);
}
template <typename Archive>
void Members(Archive& member, UserMapRead& e) {
  member("cgroup", e.cgroup);
  member("level", e.userns_level);
  member("ids", e.ids);
}
template <typename Archive>
void Members(Archive& member, ExecRefused& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("path", e.path);
  member("bnd", e.bounding);
  member("known", e.known);
  member("prm", e.permitted);
  member("eff", e.effective);
}
template <typename Archive>
void Members(Archive& member, CallNoticed& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("syscall", e.syscall);
  member("refused", e.refused);
}
template <typename Archive>
void Members(Archive& member, CapabilitiesSet& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("origin", e.exe_origin);
  member("prm", e.permitted);
  member("eff", e.effective);
  member("inh", e.inheritable);
  member("amb", e.ambient);
  member("had", e.had);
  member("raises", e.raises);
  member("refused", e.refused);
  member("looked", e.looked);
  member("level", e.userns_level);
  member("comm", e.comm);
}
template <typename Archive>
void Members(Archive& member, HeldSets& held) {
  SetMembers(member, held);
  member("user", held.uid);
  member("nnp", held.no_new_privs);
  member("seccomp", held.seccomp_mode);
  member("level", held.userns_level);
  member("path", held.path);
  member("told-by", held.source);
}
template <typename Archive>
void Members(Archive& member, ContainerDescribed& e) {
  member("id", e.container_id);
  member("source", e.source);
  member("name", e.name);
  member("image", e.image);
  member("pod", e.pod);
  member("namespace", e.pod_namespace);
  member("workload", e.workload);
  member("privileged", e.privileged);
  member("labels", e.labels);
  member("inferred", e.workload_inferred);
  member("runtime", e.runtime);
  member("uid", e.pod_uid);
  member("cgroup", e.cgroup_path);
  member("description", e.description);
  bool granted = e.held.has_value();
  member("granted", granted);
  if (granted && !e.held) e.held.emplace();
  if (e.held) Members(member, *e.held);
  member("root", e.root);
  member("digest", e.image_digest);
  member("entrypoint", e.entrypoint);
  member("command", e.command);
  member("workload-label", e.workload_label);
  member("engine", e.engine);
  member("by-user", e.by_user);
  member("ended-before", e.ended_before);
  bool filter = e.filter.has_value();
  member("filter", filter);
  if (filter && !e.filter) e.filter.emplace();
  if (!e.filter) return;
  member("filtered", e.filter->present);
  member("allows", e.filter->allows);
}
template <typename Archive>
void Members(Archive& member, SurroundingsSeen& e) {
  member("cgroup", e.cgroup);
  member("facts", e.facts);
}
template <typename Archive>
void Members(Archive& member, ProfileReset& e) {
  member("container", e.container);
}
template <typename Archive>
void Members(Archive& member, BaselineSet& e) {
  member("container", e.container);
}
template <typename Archive>
void Members(Archive& member, WorkloadApproved& e) {
  member("workload", e.workload);
  member("by", e.by);
  member("withdrawn", e.withdrawn);
}
template <typename Archive>
void Members(Archive& member, RowImported& e) {
  member("workload", e.workload);
  member("digest", e.digest);
  member("instance", e.instance);
  member("file", e.file);
  member("by", e.by);
  member("removed", e.removed);
  member("observed", e.observed);
  member("stable", e.stable);
  member("declared", e.declared);
  member("starts", e.starts);
  member("lost", e.lost);
  member("no-new-privileges", e.no_new_privileges);
  member("non-root", e.non_root);
  member("needs", e.needs);
  member("unknown", e.unknown);
  member("unneeded", e.unneeded);
  member("denied", e.denied);
  member("surroundings", e.surroundings);
}
template <typename Archive>
void Members(Archive& member, ProofRecorded& e) {
  member("workload", e.workload);
  member.Named("cap", e.capability);
  member("found", e.finding);
  member("why", e.reason);
  member("digest", e.digest);
  member("keep", e.keep);
  member("uses", e.uses);
  member("check", e.check);
  member("version", e.version);
  member("by", e.by);
  member("conditions", e.conditions);
}
template <typename Archive>
void Members(Archive& member, DataRead& e) {
  member("cgroup", e.cgroup);
  member("count", e.count);
}
template <typename Archive>
void Members(Archive& member, EvidenceLost& e) {
  member("cause", e.cause);
  member("cgroup", e.cgroup);
  member("count", e.count);
}
template <typename Archive>
void Members(Archive& member, MapUsage& e) {
  member("used", e.used);
  member("capacity", e.capacity);
  member("freed", e.freed);
  member("largest", e.largest);
}
template <typename Archive>
void Members(Archive&, Tick&) {}

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<KernelEvent>> kEventNames = {
    "source",       "cgroup",   "removed", "check",  "sample",       "exec", "capset", "container",
    "surroundings", "lost",     "clock",   "file",   "exec-refused", "call", "map",    "reset",
    "baseline",     "user-map", "approve", "import", "read",         "proof"};

}  // namespace

std::string ToText(const KernelEvent& event) {
  MemberWriter writer(fmt::format("{} t={}", kEventNames[event.index()], TimeOf(event)));
  KernelEvent copy = event;
  std::visit([&](auto& e) { Members(writer, e); }, copy);
  return writer.line();
}

namespace {

template <size_t I = 0>
absl::StatusOr<KernelEvent> ReadEvent(std::string_view name, MemberReader& reader) {
  if constexpr (I == std::variant_size_v<KernelEvent>) {
    return absl::InvalidArgumentError(fmt::format("unknown event \"{}\"", Quotable(name)));
  } else {
    if (kEventNames[I] != name) return ReadEvent<I + 1>(name, reader);
    std::variant_alternative_t<I, KernelEvent> event;
    reader("t", event.time);
    Members(reader, event);
    return KernelEvent(std::move(event));
  }
}

}  // namespace

absl::StatusOr<KernelEvent> FromText(std::string_view line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(0, end);
  MemberReader reader;
  if (name.empty() || !reader.Split(line.substr(std::min(end + 1, line.size()))))
    return absl::InvalidArgumentError("not an event followed by name=value members");
  absl::StatusOr<KernelEvent> event = ReadEvent(name, reader);
  if (!event.ok()) return event;
  if (const absl::Status status = reader.Finish(); !status.ok()) return status;
  return event;
}

}  // namespace capmon
