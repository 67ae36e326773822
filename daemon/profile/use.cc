// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/use.h"

#include <fmt/format.h>

#include "daemon/profile/gates.h"
#include "daemon/profile/program_identity.h"
#include "daemon/profile/sentence.h"

namespace capmon {

std::string UnknownUse(const std::string& what) { return fmt::format("{} {}", kUnknownUse, what); }

std::string UseOfCall(const std::string& site, const std::string& syscall,
                      const std::string& program, bool program_known) {
  const std::string use = fmt::format("{} {} {}", site, syscall, program);
  return program_known && !site.empty() && !syscall.empty() ? use : UnknownUse(use);
}

std::string UseOfFile(const std::string& path, bool known) {
  const std::string use = "file capability of " + path;
  return known ? use : UnknownUse(use);
}

std::set<std::string> UsesWithout(Capability capability, const Profile& profile) {
  std::set<std::string> uses;
  if (!profile.held || profile.held->bounding.Has(capability)) return uses;
  const ProgramIdentities identities(profile);
  for (const auto& [key, evidence] : profile.checks)
    if (key.capability == capability && !key.granted &&
        IsWorkload(profile.container, key.exe_origin))
      uses.insert(
          UseOfCall(key.site, key.syscall, ProgramOf(profile, evidence), identities.IsKnown(key)));
  for (const auto& [key, refusal] : profile.refusals)
    if (refusal.how == "exec" && refusal.lacking.Has(capability))
      uses.insert(UseOfFile(refusal.program, identities.IsKnown(refusal.program)));
  std::erase_if(uses, [](const std::string& use) { return use.starts_with(kUnknownUse); });
  return uses;
}

}  // namespace capmon
