// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/sentence.h"

#include <fmt/format.h>

namespace capmon {

std::string ProgramOf(const Profile& profile, const CheckEvidence& evidence) {
  const auto path = profile.binaries.find(evidence.key.exe);
  if (evidence.key.exe != 0 && path != profile.binaries.end() && !path->second.empty())
    return path->second;
  if (evidence.comm.empty()) return evidence.binary.empty() ? kSomeProcess : evidence.binary;
  if (evidence.binary.empty() || evidence.binary.starts_with(evidence.comm)) return evidence.comm;
  return fmt::format("{} ({})", evidence.comm, evidence.binary);
}

std::string Describe(const Profile& profile, const CheckEvidence& evidence, const CallSite* site) {
  const CheckKey& key = evidence.key;
  std::string text = key.Is(kIoWorker) || key.syscall.empty() ? "checked" : key.syscall + "(2)";
  const bool known = !evidence.binary.empty() || !evidence.comm.empty() || key.exe != 0;
  if (known) text += (text == "checked" ? " for " : " by ") + ProgramOf(profile, evidence);
  if (key.exe_origin == ExeOrigin::kMemory) text += " (run from memory or a detached mount)";
  if (site != nullptr) return fmt::format("{}, to {}", text, site->purpose);
  if (key.site.empty()) return text + ", from an unknown place in the kernel";
  return fmt::format("{}, in the kernel function {}, which is not in the table", text, key.site);
}

}  // namespace capmon
