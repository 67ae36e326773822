// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/record_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "daemon/collector/syscall_names.h"

namespace capmon {
namespace {

template <size_t N>
std::string Text(const char (&field)[N]) {
  return std::string(field, strnlen(field, N));
}

template <typename Struct>
Record As(const void* data, size_t size) {
  if (size < sizeof(Struct)) return std::monostate();
  return static_cast<const Struct*>(data);
}

Record ParseExec(const void* data, size_t size) {
  if (size < sizeof(capmon_exec_record)) return std::monostate();
  ExecRecord record{static_cast<const capmon_exec_record*>(data), nullptr};
  if (size >= sizeof(capmon_located_exec_record))
    record.located = static_cast<const capmon_located_exec_record*>(data);
  return record;
}

// From names, the last one first, each with a NUL; "" where there are none.
std::string PathOf(std::string_view steps) {
  std::string path;
  while (!steps.empty()) {
    const std::string_view step = steps.substr(0, steps.find('\0'));
    path.insert(0, fmt::format("/{}", step));
    steps.remove_prefix(std::min(step.size() + 1, steps.size()));
  }
  return path;
}

// An event with what every record says of the process it is about.
template <typename Event, typename RecordStruct>
Event Begin(const RecordStruct& record, const RecordPlace& place) {
  Event event;
  event.time = place.time;
  if constexpr (requires { event.key; })
    event.key.cgroup = place.cgroup;
  else
    event.cgroup = place.cgroup;
  event.pid = record.header.pid;
  if constexpr (requires { event.uid; }) event.uid = record.uid;
  event.comm = Text(record.comm);
  return event;
}

CgroupRecord ParseCgroup(const capmon_record_header* header, size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(header + 1), size - sizeof(*header));
  return {header, std::string(path.substr(0, path.find('\0'))),
          header->kind == CAPMON_RECORD_CGROUP_MADE};
}

}  // namespace

Record ParseRecord(const void* data, size_t size) {
  const auto* const header = static_cast<const capmon_record_header*>(data);
  if (size < sizeof(*header)) return std::monostate();
  switch (header->kind) {
    case CAPMON_RECORD_CHECK: return As<capmon_check_record>(data, size);
    case CAPMON_RECORD_CGROUP_MADE:
    case CAPMON_RECORD_CGROUP_REMOVED: return ParseCgroup(header, size);
    case CAPMON_RECORD_EXEC: return ParseExec(data, size);
    case CAPMON_RECORD_CAPSET: return As<capmon_capset_record>(data, size);
    case CAPMON_RECORD_EXEC_REFUSED: return As<capmon_exec_refused_record>(data, size);
    case CAPMON_RECORD_CALL: return As<capmon_call_record>(data, size);
    default: return std::monostate();
  }
}

ProcessExec Decode(const ExecRecord& whole, const RecordPlace& place) {
  const capmon_exec_record& record = *whole.exec;
  auto exec = Begin<ProcessExec>(record, place);
  exec.euid = record.euid;
  exec.path = Text(record.path);
  exec.exe = record.exe;
  exec.inode = record.inode;
  exec.arguments = record.arguments;
  exec.exe_origin = static_cast<ExeOrigin>(record.exe_origin);
  exec.permitted = CapabilitySet(record.permitted);
  exec.effective = CapabilitySet(record.effective);
  exec.inheritable = CapabilitySet(record.inheritable);
  exec.bounding = CapabilitySet(record.bounding);
  exec.ambient = CapabilitySet(record.ambient);
  exec.before_known = record.before_known != 0;
  exec.permitted_before = CapabilitySet(record.permitted_before);
  exec.uid_before = record.uid_before;
  exec.euid_before = record.euid_before;
  exec.no_new_privs = record.no_new_privs != 0;
  exec.secure_exec = record.secure_exec != 0;
  exec.set_id_file = record.setid_file != 0;
  exec.seccomp_mode = record.seccomp_mode;
  exec.userns_level = record.userns_level;
  exec.file_known = record.file_known != 0;
  exec.file_permitted = CapabilitySet(record.file_permitted);
  exec.file_inheritable = CapabilitySet(record.file_inheritable);
  exec.file_effective = record.file_effective != 0;
  if (whole.located == nullptr) return exec;
  exec.device = whole.located->device;
  exec.path_on_device =
      PathOf({whole.located->steps, std::min<size_t>(whole.located->steps_len, CAPMON_STEPS_LEN)});
  return exec;
}

std::optional<SurroundingsSeen> DecodeSurroundings(const capmon_exec_record& record,
                                                   const RecordPlace& place) {
  if (record.net_known == 0) return std::nullopt;
  return SurroundingsSeen{
      place.time,
      place.cgroup,
      {{"net.ipv4.ip_unprivileged_port_start", std::to_string(record.unprivileged_port_start)},
       {"net.ipv4.ping_group_range",
        fmt::format("{} {}", record.ping_group_low, record.ping_group_high)}}};
}

CapabilitiesSet Decode(const capmon_capset_record& record, const RecordPlace& place) {
  auto set = Begin<CapabilitiesSet>(record, place);
  set.exe_origin = static_cast<ExeOrigin>(record.exe_origin);
  set.permitted = CapabilitySet(record.permitted);
  set.effective = CapabilitySet(record.effective);
  set.inheritable = CapabilitySet(record.inheritable);
  set.ambient = CapabilitySet(record.ambient);
  set.had = CapabilitySet(record.had);
  set.raises = record.raises != 0;
  set.refused = record.refused != 0;
  set.looked = record.looked != 0;
  set.userns_level = record.userns_level;
  return set;
}

ExecRefused Decode(const capmon_exec_refused_record& record, const RecordPlace& place) {
  auto refused = Begin<ExecRefused>(record, place);
  refused.path = Text(record.path);
  refused.bounding = CapabilitySet(record.bounding);
  return refused;
}

CallNoticed Decode(const capmon_call_record& record, const RecordPlace& place) {
  auto noticed = Begin<CallNoticed>(record, place);
  noticed.syscall = SyscallName(record.syscall, record.compat != 0);
  noticed.refused = record.refused != 0;
  return noticed;
}

CheckSampled Decode(const capmon_check_record& record, const RecordPlace& place) {
  auto sample = Begin<CheckSampled>(record, place);
  sample.tid = record.header.tid;
  sample.binary = Text(record.binary);
  return sample;
}

}  // namespace capmon
