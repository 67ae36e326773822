// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/learn.h"

#include <linux/capability.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/profile/add_bounded.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/program_files.h"

namespace capmon {
namespace {

CheckKey WithoutCgroup(CheckKey key) {
  key.cgroup = 0;
  return key;
}

// One file executed under several names, like busybox, is told by the name of each process instead.
void LearnBinary(Profile& profile, const ProcessExec& exec) {
  if (exec.exe == 0) return;
  const bool full = profile.binaries.size() >= Profile::kMaxBinaries;
  if (full && !profile.binaries.contains(exec.exe)) return;
  const auto [known, fresh] = profile.binaries.emplace(exec.exe, exec.path);
  if (fresh || known->second.empty() || known->second == exec.path) return;
  known->second.clear();
  for (auto& [key, evidence] : profile.checks)
    if (key.exe == exec.exe) evidence.binary.clear();
}

HeldSets SetsOf(const ProcessExec& exec) {
  return {exec.permitted,    exec.effective, exec.inheritable,  exec.bounding,
          exec.ambient,      exec.uid,       exec.no_new_privs, exec.seccomp_mode,
          exec.userns_level, exec.path,      "process"};
}

// One without room may be the gain that no_new_privs would prevent.
void LearnGain(Profile& profile, PrivilegeGain gain) {
  gain.count = 1;
  AddBounded(profile.gains, gain.how + " " + gain.path, gain, Profile::kMaxGains,
             profile.evidence_dropped);
}

void LearnRaised(Profile& profile, CapabilitySet inheritable, CapabilitySet ambient,
                 const std::string& by) {
  if (!profile.held) return;
  const CapabilitySet added =
      (inheritable - profile.held->inheritable) | (ambient - profile.held->ambient);
  if (added.empty()) return;
  profile.raised = profile.raised | added;
  if (profile.raised_by.empty()) profile.raised_by = by;
}

// Programs that look at what they have, and end where it is not what they want.
bool EndsWithout(const std::string& comm) { return comm == "dnsmasq"; }

// A program that asks for most of what its container has only drops some; one that asks for little
// has a list.
bool OnlyDropsSome(const Profile& profile, CapabilitySet asked) {
  return profile.held && asked.size() * 2 > profile.held->bounding.size();
}

void LearnRefusal(Profile& profile, const std::string& how, const std::string& program,
                  CapabilitySet lacking) {
  if (lacking.empty()) return;
  AddBounded(profile.refusals, how + " " + program, SetRefusal{program, how, lacking, 1},
             Profile::kMaxRefusals, profile.evidence_dropped);
}

}  // namespace

std::optional<PrivilegeGain> GainOf(const ProcessExec& exec) {
  PrivilegeGain gain;
  gain.path = exec.path;
  if (exec.before_known) gain.gained = exec.permitted - exec.permitted_before;
  const bool id_changed = exec.before_known && exec.euid != exec.euid_before;
  const bool blocked = exec.no_new_privs && gain.gained.empty() && !id_changed;
  gain.blocked = blocked;
  if (exec.set_id_file && (id_changed || exec.secure_exec || blocked)) {
    gain.how = "set-user-ID";
  } else if (exec.euid == 0 && !gain.gained.empty()) {
    gain.how = "root re-gain";  // uid 0 gets its bounding set back at every exec
  } else if (exec.secure_exec && (!gain.gained.empty() || blocked)) {
    gain.how = "file capabilities";
  } else {
    return std::nullopt;
  }
  return gain;
}

CheckEvidence* FindOrAddCheck(Profile& profile, const CheckKey& key, TimeNs time) {
  const auto found = profile.checks.find(key);
  if (found != profile.checks.end()) return &found->second;
  if (profile.checks.size() >= Profile::kMaxChecks) return nullptr;
  CheckEvidence& evidence = profile.checks[key];
  evidence.key = key;
  evidence.first = evidence.last = time;
  const auto binary = profile.binaries.find(key.exe);
  if (key.exe != 0 && binary != profile.binaries.end()) evidence.binary = binary->second;
  return &evidence;
}

void NoteUnread(CheckEvidence& evidence, TimeNs from, TimeNs to) {
  if (evidence.unread_to == 0 || from < evidence.unread_from) evidence.unread_from = from;
  evidence.unread_to = std::max(evidence.unread_to, to);
}

bool Learn(Profile& profile, const ChecksCounted& counted) {
  const CheckKey key = WithoutCgroup(counted.key);
  const bool fresh = !profile.checks.contains(key);
  CheckEvidence* evidence = FindOrAddCheck(profile, key, counted.time);
  if (evidence == nullptr) {
    profile.evidence_dropped += counted.counts.count;
    return false;
  }
  evidence->counts += counted.counts;
  evidence->last = std::max(evidence->last, counted.time);
  if (counted.unread_since != 0) NoteUnread(*evidence, counted.unread_since, counted.time);
  return fresh;
}

void Learn(Profile& profile, const CheckSampled& sampled) {
  const CheckKey key = WithoutCgroup(sampled.key);
  CheckEvidence* evidence = FindOrAddCheck(profile, key, sampled.time);
  if (evidence == nullptr) return;
  evidence->first = std::min(evidence->first, sampled.time);
  evidence->last = std::max(evidence->last, sampled.time);
  if (evidence->binary.empty() && key.exe != 0) evidence->binary = sampled.binary;
  evidence->callers = sampled.callers;
  if (evidence->stacks.size() < CheckEvidence::kMaxStacks)
    evidence->stacks.insert(evidence->callers);
  evidence->comm = sampled.comm;
  evidence->pid = sampled.pid;
  evidence->uid = sampled.uid;
}

void Learn(Profile& profile, const ProcessExec& exec) {
  if (!exec.existing && !IsWorkload(profile.container, exec.exe_origin)) return;
  LearnBinary(profile, exec);
  if (!profile.held) {
    profile.held = SetsOf(exec);
    if (profile.container.from_start && !exec.existing) {
      ++profile.starts;
      profile.entry_pid = exec.pid;
      profile.entry_arguments = exec.arguments;
    }
  }
  if (!InOwnNamespace(profile, exec.userns_level)) {
    LearnRaised(profile, exec.inheritable, exec.ambient, "what starts " + exec.path);
    if (const auto file = FileBySets(exec); file && exec.exe != 0)
      LearnFile(profile, exec.exe, *file);
  }
  if (profile.entry_pid == exec.pid && exec.pid != 0 && !exec.existing &&
      profile.entry_exes.size() < Profile::kMaxEntryExes)
    profile.entry_exes.insert(exec.exe);
  if (exec.existing) return;
  if (const std::optional<PrivilegeGain> gain = GainOf(exec)) LearnGain(profile, *gain);
}

void Learn(Profile& profile, const CapabilitiesSet& set) {
  if (!IsWorkload(profile.container, set.exe_origin)) return;
  if (InOwnNamespace(profile, set.userns_level)) return;
  if (set.refused)
    return LearnRefusal(profile, set.raises ? "ambient" : "capset", set.comm,
                        (set.permitted | set.inheritable | set.ambient) - set.had);
  // A program that looked at what it has before it asked for less asks for what it found.
  if (!set.raises && (!set.looked || EndsWithout(set.comm)) &&
      !OnlyDropsSome(profile, set.permitted))
    profile.capset_permitted = profile.capset_permitted | set.permitted;
  LearnRaised(profile, set.inheritable, set.ambient, set.comm);
}

void Learn(Profile& profile, const FileRead& read) {
  LearnFile(profile, read.exe, {read.path, read.known, read.permitted, read.effective});
}

void Learn(Profile& profile, const ExecRefused& refused) {
  if (refused.known && refused.effective)
    LearnRefusal(profile, "exec", refused.path, refused.permitted - refused.bounding);
}

void Learn(Profile& profile, const CallNoticed& noticed) {
  if (!GatedCallNumber(noticed.syscall)) return;
  GatedCallUse& use = profile.calls[noticed.syscall];
  if (use.comm.empty()) use.comm = noticed.comm;
  (noticed.refused ? use.refused : use.passed) = true;
}

bool WantsUserMap(const Profile& profile, const ProcessExec& exec) {
  return profile.user_map.empty() && profile.held && exec.userns_level > 0 &&
         exec.userns_level == profile.held->userns_level &&
         (exec.existing || IsWorkload(profile.container, exec.exe_origin));
}

void Learn(Profile& profile, const UserMapRead& read) {
  if (profile.held && profile.held->userns_level == read.userns_level && profile.user_map.empty())
    profile.user_map = read.ids;
}

void Learn(Profile& profile, const SurroundingsSeen& seen) {
  for (const auto& [name, value] : seen.facts) profile.surroundings[name] = value;
}

void LearnActivity(Profile& profile, TimeNs time, uint64_t count, TimeNs start_up) {
  Activity& activity = profile.activity;
  if (time < profile.observed_from + start_up) {
    activity.at_start += count;
  } else {
    activity.since += count;
    activity.last = std::max(activity.last, time);
  }
}

void Learn(Profile& profile, const Gap& gap) {
  std::vector<Gap>& gaps = profile.gaps;
  gaps.push_back(gap);
  if (gaps.size() <= Profile::kMaxGaps) return;
  gaps[1].from = gaps[0].from;
  gaps.erase(gaps.begin());
}

void LearnInnerCgroup(Profile& profile, const CheckKey& key, const std::string& path) {
  const auto found = profile.checks.find(key);
  if (found == profile.checks.end()) return;
  std::set<std::string>& known = found->second.inner_cgroups;
  if (known.size() < CheckEvidence::kMaxInnerCgroups) known.insert(path);
}

}  // namespace capmon
