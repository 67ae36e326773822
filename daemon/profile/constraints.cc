// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/constraints.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <map>
#include <set>

#include "daemon/profile/gates.h"
#include "daemon/profile/program_identity.h"
#include "daemon/profile/sentence.h"
#include "daemon/profile/use.h"

namespace capmon {
namespace {

// True when every capset(2) of the workload came from such programs.
bool AllAdapt(const Profile& profile, const Programs& programs) {
  bool seen = false;
  for (const auto& [key, evidence] : profile.checks) {
    if (key.syscall != "capset" || !IsWorkload(profile.container, key.exe_origin)) continue;
    if (programs.Find(ProgramOf(profile, evidence), Habit::kAdapts, key) == nullptr) return false;
    seen = true;
  }
  return seen;
}

// What programs with a list of their own asked capset(2) to keep: they fail if they cannot have it.
// Not only what the container starts with counts: a set-user-ID program has more.
CapabilitySet KeptByCapset(const Profile& profile, const Programs& programs) {
  if (!profile.held || AllAdapt(profile, programs)) return {};
  return profile.capset_permitted & profile.held->bounding;
}

// The kernel executes a file with the effective bit only where its permitted set is within bounds,
// the user and whether or not anything is gained. A file without that bit it executes anyway.
void AddCarriedByFiles(const Profile& profile, const ProgramIdentities& identities,
                       std::vector<Constraint>& all) {
  const auto add = [&](CapabilitySet set, const std::string& path) {
    const std::string reason =
        fmt::format("{} has it as a file capability and would not start without it", path);
    for (const Capability capability : set.members())
      all.push_back({capability, reason, UseOfFile(path, identities.IsKnown(path))});
  };
  // A gain seen in sets alone, as in older recordings, speaks where the file does not.
  for (const auto& [name, gain] : profile.gains)
    if (!gain.blocked && gain.how == "file capabilities" && FileAt(profile, gain.path) == nullptr)
      add(gain.gained, gain.path);
  const CapabilitySet bounding = profile.held ? profile.held->bounding : CapabilitySet();
  for (const auto& [exe, file] : profile.files)
    if (file.effective) add(file.permitted & bounding, file.path);
}

// The sets were of any of the programs that called it.
std::set<std::string> UsesOfCapset(const Profile& profile, const ProgramIdentities& identities) {
  std::set<std::string> uses;
  for (const auto& [key, evidence] : profile.checks)
    if (key.syscall == "capset" && IsWorkload(profile.container, key.exe_origin))
      uses.insert(
          UseOfCall("cap_capset", "capset", ProgramOf(profile, evidence), identities.IsKnown(key)));
  if (uses.empty()) uses.insert(UseOfCall("cap_capset", "capset", kSomeProcess, false));
  return uses;
}

// User 0 maps itself into a user namespace it made: the kernel remembered, when the namespace was
// made, whether its maker had SETFCAP, and makes no check now.
bool MapsRootIntoOwnNamespace(const Profile& profile, const CheckEvidence& evidence) {
  const int level = profile.held ? profile.held->userns_level : 0;
  return evidence.key.site == "map_write" && evidence.key.granted && evidence.uid == 0 &&
         evidence.pid != 0 && evidence.key.target_level > level;
}

// Entering another process's namespaces goes through its /proc/PID/ns, which is open to a task
// that holds all that process holds; only a task that holds less is checked for SYS_PTRACE.
bool EntersNamespaces(const CheckEvidence& evidence) {
  return evidence.key.syscall == "setns" && evidence.key.granted &&
         evidence.key.site.ends_with("ns_install");
}

void AddByChecks(const Profile& profile, const ProgramIdentities& identities, CapabilitySet held,
                 std::vector<Constraint>& all) {
  for (const auto& [key, evidence] : profile.checks) {
    if (!IsWorkload(profile.container, key.exe_origin)) continue;
    const bool maps_root = MapsRootIntoOwnNamespace(profile, evidence);
    const bool enters = EntersNamespaces(evidence);
    if (!maps_root && !enters) continue;
    const std::string use =
        UseOfCall(key.site, key.syscall, ProgramOf(profile, evidence), identities.IsKnown(key));
    const auto add = [&](Capability capability, const char* reason) {
      if (held.Has(capability)) all.push_back({capability, reason, use});
    };
    if (maps_root)
      add(CAP_SETFCAP,
          "user 0 maps itself into a user namespace that it created, which fails without it");
    if (enters)
      add(CAP_SYS_PTRACE,
          "it enters the namespaces of other processes, which fails without it if they hold more "
          "capabilities");
  }
}

}  // namespace

std::vector<Constraint> ConstraintsOf(const Profile& profile, const Programs& programs) {
  std::vector<Constraint> all;
  const ProgramIdentities identities(profile);
  const CapabilitySet held = profile.held ? profile.held->bounding : CapabilitySet();
  AddByChecks(profile, identities, held, all);
  const std::vector<Capability> kept = KeptByCapset(profile, programs).members();
  if (!kept.empty())
    for (const std::string& use : UsesOfCapset(profile, identities))
      for (const Capability capability : kept)
        all.push_back(
            {capability, "a program requests it with capset(2), which fails without it", use});
  // Only the first program that did is known, and only its name.
  for (const Capability capability : (profile.raised & held).members())
    all.push_back(
        {capability,
         fmt::format("{} adds it to the inheritable or ambient set, which fails without it",
                     profile.raised_by),
         UseOfCall("ambient or inheritable set", "", profile.raised_by, false)});
  AddCarriedByFiles(profile, identities, all);
  return all;
}

std::string WhyCapsetIsUnknown(const Profile& profile, const Programs& programs) {
  const int level = profile.held ? profile.held->userns_level : 0;
  std::set<uint32_t> seen;  // programs
  std::map<uint32_t, std::string> unseen;
  for (const auto& [key, evidence] : profile.checks) {
    if (key.syscall != "capset" || !IsWorkload(profile.container, key.exe_origin)) continue;
    if (key.target_level > level) continue;
    const std::string program = ProgramOf(profile, evidence);
    if (evidence.counts.succeeded + evidence.counts.failed > 0 ||
        programs.Find(program, Habit::kAdapts, key) != nullptr)
      seen.insert(key.exe);
    else
      unseen.emplace(key.exe, program);
  }
  for (const auto& [exe, program] : unseen)
    if (!seen.contains(exe))
      return fmt::format(
          "results of system calls were not recorded when {} called capset(2), which fails without "
          "the capabilities it requests",
          program.empty() ? "a program" : program);
  return "";
}

const ProgramFile* FileAt(const Profile& profile, const std::string& path) {
  for (const auto& [exe, file] : profile.files)
    if (file.known && file.path == path) return &file;
  return nullptr;
}

const PrivilegeGain* HeldBack(const Profile& profile, const std::string& path) {
  for (const auto& [name, gain] : profile.gains)
    if (gain.blocked && gain.path == path) return &gain;
  return nullptr;
}

}  // namespace capmon
