// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "daemon/profile/inside_user.h"
#include "daemon/profile/merge.h"
#include "daemon/profile/new_files.h"
#include "daemon/profile/program_identity.h"
#include "daemon/profile/seen_here.h"
#include "daemon/profile/verdict.h"

namespace capmon {
namespace {

// Numbers of executables differ in every container; the path of a program is the same in all.
class Renumbering {
 public:
  Renumbering(const Profile& instance, const Profile& into)
      : instance_(instance), identities_(instance) {
    for (const auto& [exe, path] : into.binaries) Note(exe, path);
    for (const auto& [key, evidence] : into.checks) Note(key.exe, evidence.binary);
  }

  uint32_t Of(uint32_t exe, const std::string& name) {
    if (exe == 0) return 0;
    const auto known = renumbered_.find(exe);
    if (known != renumbered_.end()) return known->second;
    const auto binary = instance_.binaries.find(exe);
    const std::string& path =
        binary != instance_.binaries.end() && !binary->second.empty() ? binary->second : name;
    const auto same = by_path_.find(path);
    uint32_t number = exe;
    if (!path.empty() && same != by_path_.end())
      number = same->second;
    else
      while (taken_.contains(number) || number == 0) ++number;
    Note(number, path);
    return renumbered_[exe] = number;
  }

  // The name of an executable. Two files with one path become one, and it is none of one program.
  std::string NameOf(const std::string& path) const {
    return identities_.HadSeveralFiles(path) ? "" : path;
  }

 private:
  void Note(uint32_t exe, const std::string& path) {
    taken_.insert(exe);
    if (!path.empty()) by_path_.emplace(path, exe);
  }

  const Profile& instance_;
  const ProgramIdentities identities_;
  std::map<std::string, uint32_t> by_path_;
  std::set<uint32_t> taken_;
  std::map<uint32_t, uint32_t> renumbered_;
};

bool IsWorthKeeping(const JudgedEvidence& judged) {
  return !TraitsOf(judged.verdict).without_need || judged.evidence.key.Is(kCollapsed);
}

void TakeChecks(const Profile& instance, const CallSites& sites, const Profile& into,
                Renumbering& numbers, Profile& share) {
  size_t room = kMaxFoldedChecks - std::min(kMaxFoldedChecks, into.checks.size());
  for (const auto& [key, evidence] : instance.checks) {
    if (!IsWorthKeeping(JudgeEvidence(instance, sites, evidence))) continue;
    CheckEvidence copy = evidence;
    copy.key.exe = numbers.Of(key.exe, evidence.binary);
    const bool is_new = !into.checks.contains(copy.key) && !share.checks.contains(copy.key);
    if (is_new && room == 0) {
      share.evidence_dropped += copy.counts.count;
      continue;
    }
    if (is_new) --room;
    if (const auto binary = instance.binaries.find(key.exe); binary != instance.binaries.end())
      share.binaries.emplace(copy.key.exe, numbers.NameOf(binary->second));
    const CheckKey place = copy.key;
    const auto [known, fresh] = share.checks.emplace(place, std::move(copy));
    if (fresh) continue;
    known->second.counts += evidence.counts;
    known->second.unwatched += evidence.unwatched;
    known->second.first = std::min(known->second.first, evidence.first);
    known->second.last = std::max(known->second.last, evidence.last);
  }
}

// Files that give nothing, and are known to, say nothing about needs.
void TakeFiles(const Profile& instance, Renumbering& numbers, Profile& share) {
  share.files.clear();
  for (const auto& [exe, file] : instance.files) {
    if (file.known && file.permitted.empty()) continue;
    const uint32_t number = numbers.Of(exe, file.path);
    share.files[number] = file;
    if (numbers.NameOf(file.path).empty()) share.binaries[number].clear();
  }
}

// What two were started with is known only where it is the same.
void TakeCommand(const Profile& instance, const Profile& before, Profile& into) {
  const bool first = before.folded.instances == 0;
  const auto path = [](const Profile& p) { return p.held ? p.held->path : ""; };
  const bool same =
      first || (before.entry_arguments == instance.entry_arguments && before.starts > 0 &&
                instance.starts > 0 && path(before) == path(instance));
  into.entry_arguments = same && instance.starts > 0 ? instance.entry_arguments : 0;
  into.container.command = first || before.container.command == instance.container.command
                               ? instance.container.command
                               : "";
}

// Two short looks an hour apart are no look of an hour.
void TakeTimes(const Profile& from, Profile& into) {
  into.observed_from = from.observed_from;
  into.observed_until = from.observed_until;
  into.last_news = from.last_news;
  into.activity = from.activity;
}

}  // namespace

std::string JudgingFacts(const Profile& p) {
  std::string facts = fmt::format("{} {}", static_cast<int>(p.container.kind), p.outcomes);
  const std::optional<HeldSets>& held = p.held ? p.held : p.container.granted;
  if (held) {
    const auto user = InsideUser(p);
    facts +=
        fmt::format(" {:x} {:x} {:x} {} {} {} {}", held->bounding.bits(), held->permitted.bits(),
                    held->ambient.bits(), user ? std::to_string(*user) : "?", held->no_new_privs,
                    static_cast<int>(held->seccomp_mode), static_cast<int>(held->userns_level));
  }
  if (p.container.filter)
    facts += fmt::format(" {} {:x}", p.container.filter->present, p.container.filter->allows);
  for (const auto& [name, value] : p.surroundings) facts += fmt::format(" {}={}", name, value);
  return facts;
}

void Fold(const Profile& instance, const CallSites& sites, Profile& into) {
  const bool first = into.folded.instances == 0;
  const Profile before = into;
  Renumbering numbers(instance, into);
  Profile share = instance;
  share.checks.clear();
  share.binaries.clear();
  share.entry_exes.clear();
  share.entry_pid = 0;
  share.entry_arguments = 0;
  TakeChecks(instance, sites, into, numbers, share);
  TakeFiles(instance, numbers, share);
  Merge(into, share);
  const auto watched = [](const Profile& p) { return p.observed_until - p.observed_from; };
  TakeTimes(first || watched(instance) > watched(before) ? instance : before, into);
  into.outcomes = instance.outcomes;
  const std::string key = into.container.key;
  const TimeNs removed = std::max(into.container.removed, instance.container.removed);
  const bool from_start = (!first && before.container.from_start) || instance.container.from_start;
  if (first || instance.container.first_seen >= before.container.first_seen)
    into.container = instance.container;
  TakeCommand(instance, before, into);
  into.container.key = key;
  into.container.cgroup = 0;
  into.container.removed = removed;
  into.container.from_start = from_start;
  into.container.ran_before = !BeganAnew(instance) && (first || !BeganAnew(before));
  into.baseline = std::max(before.baseline, instance.baseline);
  while (into.earlier_uses.size() > Profile::kMaxEarlierUses)
    into.earlier_uses.erase(std::prev(into.earlier_uses.end()));
  ++into.folded.instances;
  NoteFolded(instance.container, into.folded);
  for (const CapabilityVerdict& row : Judge(instance, sites).capabilities)
    if (row.instances_used > 0) ++into.folded.users[row.capability];
}

}  // namespace capmon
