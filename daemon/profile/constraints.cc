// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/constraints.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <set>

#include "daemon/profile/gates.h"
#include "daemon/profile/sentence.h"

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
std::map<Capability, std::string> CarriedByFiles(const Profile& profile) {
  std::map<Capability, std::string> carried;
  const auto add = [&](CapabilitySet set, const std::string& path) {
    for (const Capability capability : set.members())
      carried[capability] =
          fmt::format("{} has it as a file capability and would not start without it", path);
  };
  // A gain seen in sets alone, as in older recordings, speaks where the file does not.
  for (const auto& [name, gain] : profile.gains)
    if (!gain.blocked && gain.how == "file capabilities" && FileAt(profile, gain.path) == nullptr)
      add(gain.gained, gain.path);
  const CapabilitySet bounding = profile.held ? profile.held->bounding : CapabilitySet();
  for (const auto& [exe, file] : profile.files)
    if (file.effective) add(file.permitted & bounding, file.path);
  return carried;
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

}  // namespace

std::map<Capability, std::string> ConstraintsOf(const Profile& profile, const Programs& programs) {
  std::map<Capability, std::string> constraints;
  const CapabilitySet held = profile.held ? profile.held->bounding : CapabilitySet();
  for (const auto& [key, evidence] : profile.checks) {
    if (!IsWorkload(profile.container, key.exe_origin)) continue;
    if (MapsRootIntoOwnNamespace(profile, evidence) && held.Has(CAP_SETFCAP))
      constraints[CAP_SETFCAP] =
          "user 0 maps itself into a user namespace that it created, which fails without it";
    if (EntersNamespaces(evidence) && held.Has(CAP_SYS_PTRACE))
      constraints[CAP_SYS_PTRACE] =
          "it enters the namespaces of other processes, which fails without it if they hold more "
          "capabilities";
  }
  for (const Capability capability : KeptByCapset(profile, programs).members())
    constraints[capability] = "a program requests it with capset(2), which fails without it";
  for (const Capability capability : (profile.raised & held).members())
    constraints[capability] = fmt::format(
        "{} adds it to the inheritable or ambient set, which fails without it", profile.raised_by);
  for (const auto& [capability, reason] : CarriedByFiles(profile)) constraints[capability] = reason;
  return constraints;
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
