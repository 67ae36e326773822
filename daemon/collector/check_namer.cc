// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/check_namer.h"

#include <algorithm>

#include "daemon/collector/syscall_names.h"

namespace capmon {
namespace {

constexpr size_t kMaxCallers = 6;

// Empty when the kernel could not unwind.
std::span<const __u64> FramesOf(const capmon_check_record& record) {
  if (record.frame_bytes <= 0) return {};
  const size_t frames = static_cast<size_t>(record.frame_bytes) / sizeof(record.frames[0]);
  return {record.frames, std::min<size_t>(frames, CAPMON_MAX_FRAMES)};
}

}  // namespace

void CheckNamer::Resolve(const capmon_check_key& key, CounterLedger::Counter& counter) const {
  CheckKey& resolved = counter.resolved;
  resolved.cgroup = key.cgroup_id;
  resolved.capability = key.capability;
  resolved.granted = key.granted != 0;
  resolved.traits = key.traits;
  resolved.exe_origin = static_cast<ExeOrigin>(key.exe_origin);
  resolved.target_level = key.target_level;
  resolved.cred_depth = key.cred_depth;
  resolved.exe = key.exe;
  if (key.syscall != CAPMON_NO_SYSCALL)
    resolved.syscall = SyscallName(key.syscall, key.traits & CAPMON_COMPAT);
  if (key.site == 0) return;
  const std::string function = FunctionOf(symbolize_(key.site));
  // Machinery: another tool's return probe stands where the caller would.
  if (function.empty() || IsWrapper(function) || IsMachinery(function)) return;
  resolved.site = function;
  counter.site_certain = true;
}

std::vector<std::string> CheckNamer::Callers(const capmon_check_record& record,
                                             CounterLedger::Counter& counter) const {
  const std::span<const __u64> frames = FramesOf(record);
  if (frames.empty()) return {};
  const NamedStack stack = NameStack(frames, symbolize_);
  if (!counter.site_certain) counter.resolved.site = stack.site();
  return stack.callers(kMaxCallers);
}

bool CheckNamer::LearnStack(const capmon_check_record& record, StackLayout& layout) const {
  const std::span<const __u64> frames = FramesOf(record);
  return !frames.empty() && layout.Learn(frames, record.stack, symbolize_);
}

}  // namespace capmon
