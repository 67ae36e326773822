// SPDX-License-Identifier: Apache-2.0
#include "client/render/inspection.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/host/default_sets.h"
#include "client/host/process_sets.h"
#include "client/host/user_namespace.h"

namespace capmon {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kShownProcesses = 8;
constexpr size_t kShownThreads = 8;

bool Same(const Names& a, const Names& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::string Plural(uint64_t count, const std::string& one) {
  return absl::StrCat(Grouped(count), " ", one, count == 1 ? "" : one.ends_with("s") ? "es" : "s");
}

// Compares the id inside the process's own user namespace.
bool IsRoot(const v1::ProcessGroup& group) {
  const std::vector<std::string> map(group.uid_map().begin(), group.uid_map().end());
  return IdInside(map, group.held().uid()).value_or(group.held().uid()) == 0;
}

std::string MeansEffective(const v1::ProcessGroup& group) {
  if (group.held().effective().empty()) return "every check is denied";
  return group.user_namespace() == "own" ? "what the kernel grants, in its own user namespace only"
                                         : "what the kernel grants";
}

std::string MeansPermitted(const v1::HeldSets& held) {
  const int more = held.permitted_size() - held.effective_size();
  return more > 0 ? absl::StrCat("it can enable ", more, " more by itself")
                  : "it can enable no more by itself";
}

std::string MeansBounding(const v1::ProcessGroup& group) {
  const v1::HeldSets& held = group.held();
  if (held.bounding().empty()) return "no program it starts can gain any";
  if (held.no_new_privs())
    return "the limit for programs it starts; with no_new_privs they gain nothing";
  return IsRoot(group) ? "programs it starts get all of these, because it is root"
                       : "the most that programs it starts can gain";
}

std::string MeansAmbient(const v1::ProcessGroup& group) {
  if (!group.held().ambient().empty()) return "programs it starts have these, as any user";
  return IsRoot(group) ? "programs it starts get capabilities only because it is root"
                       : "programs it starts get only file capabilities";
}

std::string MeansNoNewPrivs(bool on) {
  return on ? "set-user-ID programs and file capabilities add nothing"
            : "set-user-ID programs and file capabilities can add privileges";
}

std::string MeansSeccomp(const std::string& mode) {
  if (mode == "filter") return "a filter decides first which system calls are allowed";
  return mode == "strict" ? "only read, write and exit are allowed" : "no system call is filtered";
}

std::string UserNamespaceText(const v1::ProcessGroup& group) {
  if (group.user_namespace() == "host") return "the host's";
  if (group.user_namespace() == "own")
    return absl::StrCat("its own, level ", group.held().userns_level());
  return "not readable";
}

// "user 0 there is 100000 outside"
std::string MeansUserNamespace(const v1::ProcessGroup& group) {
  if (group.user_namespace() == "unknown")
    return "not readable for this user, or from this namespace";
  if (group.user_namespace() == "host") return "capabilities count for the whole machine";
  std::vector<std::string> ranges;
  for (const std::string& line : group.uid_map()) ranges.push_back(line);
  return ranges.empty()
             ? "no user is mapped yet"
             : absl::StrCat("users inside, outside, how many: ", absl::StrJoin(ranges, "; "));
}

std::string Holds(const v1::ProcessGroup& group, const std::string& set, const Names& names) {
  if (names.empty()) return "none";
  const auto compared = group.compared().find(set);
  if (compared == group.compared().end())
    return absl::StrCat(names.size(), ": ", ShortNames(names));
  // For nearly all capabilities, the missing ones are easier to read than forty names.
  if (compared->second.starts_with("all"))
    return absl::StrCat(names.size(), ", ", compared->second);
  return absl::StrCat(names.size(), ", ", compared->second, ": ", ShortNames(names));
}

Table SetsOf(const v1::ProcessGroup& group) {
  const v1::HeldSets& held = group.held();
  Table table({{"SET"}, {"HOLDS", false, 60}, {"MEANS", false, 40}});
  const auto add = [&](const char* set, const Names& names, const std::string& means) {
    const bool again =
        names.size() > 1 && &names != &held.effective() && Same(names, held.effective());
    table.Add({set, again ? "the same as effective" : Holds(group, set, names), means});
  };
  add("effective", held.effective(), MeansEffective(group));
  add("permitted", held.permitted(), MeansPermitted(held));
  add("inheritable", held.inheritable(),
      held.inheritable().empty() ? "nothing to pass on through files"
                                 : "passed on to files that have them inheritable");
  add("bounding", held.bounding(), MeansBounding(group));
  add("ambient", held.ambient(), MeansAmbient(group));
  table.Add(
      {"no_new_privs", held.no_new_privs() ? "yes" : "no", MeansNoNewPrivs(held.no_new_privs())});
  table.Add({"seccomp", held.seccomp(), MeansSeccomp(held.seccomp())});
  if (group.securebits_known())
    table.Add({"securebits", group.securebits().empty() ? "none" : Joined(group.securebits()),
               group.securebits().empty()
                   ? "user 0 gets capabilities at an exec, as usual"
                   : "user 0 or the sets behave differently; see capabilities(7)"});
  table.Add({"user namespace", UserNamespaceText(group), MeansUserNamespace(group)});
  return table;
}

std::string Heading(const v1::ProcessGroup& group, bool wide) {
  std::vector<std::string> names;
  const size_t count = static_cast<size_t>(group.processes_size());
  for (const v1::ProcessName& process : group.processes())
    if (wide || names.size() < kShownProcesses)
      names.push_back(absl::StrCat(process.pid(), " ", Printable(process.comm())));
  const size_t more = count - names.size();
  return absl::StrCat(count == 1 ? "process " : Plural(count, "process") + " hold the same: ",
                      absl::StrJoin(names, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "", "   user ",
                      group.held().uid(), ", group ", group.gid());
}

// For nearly all capabilities, the missing ones are easier to read than forty names.
std::string FewNames(const Names& names) {
  const std::string compared = ComparedWithDefaults(SetOf(names), AllCapabilities());
  return compared.starts_with("all") ? compared : names.empty() ? "none" : ShortNames(names);
}

// "effective none, no_new_privs": the difference between a thread and its process.
std::string DifferenceOf(const v1::ThreadSets& thread, const v1::ProcessGroup& group) {
  const v1::HeldSets &a = thread.held(), &b = group.held();
  std::vector<std::string> parts;
  const auto compare = [&](const char* set, const Names& now, const Names& usual) {
    if (Same(now, usual)) return;
    parts.push_back(absl::StrCat(set, " ", FewNames(now)));
  };
  compare("effective", a.effective(), b.effective());
  compare("permitted", a.permitted(), b.permitted());
  compare("inheritable", a.inheritable(), b.inheritable());
  compare("bounding", a.bounding(), b.bounding());
  compare("ambient", a.ambient(), b.ambient());
  if (a.uid() != b.uid()) parts.push_back(absl::StrCat("user ", a.uid()));
  if (thread.gid() != group.gid()) parts.push_back(absl::StrCat("group ", thread.gid()));
  if (a.no_new_privs() != b.no_new_privs())
    parts.push_back(a.no_new_privs() ? "no_new_privs" : "no no_new_privs");
  if (a.seccomp() != b.seccomp()) parts.push_back("seccomp " + a.seccomp());
  return absl::StrJoin(parts, "; ");
}

void PrintThreads(std::ostream& out, const v1::ProcessGroup& group, bool wide) {
  size_t shown = 0, more = 0;
  uint64_t unread = 0;
  for (const v1::ProcessName& process : group.processes()) {
    unread += process.threads() - std::min<uint64_t>(process.threads(), kMaxThreads);
    for (const v1::ThreadSets& thread : process.differing_threads()) {
      if (!wide && ++shown > kShownThreads) {
        ++more;
        continue;
      }
      out << "Thread " << thread.tid() << " " << Printable(thread.comm()) << " of process "
          << process.pid() << " differs: " << DifferenceOf(thread, group) << '\n';
    }
  }
  if (more > 0) out << Plural(more, "more thread") << (more == 1 ? " differs\n" : " differ\n");
  if (unread > 0) out << Plural(unread, "thread") << " beyond the limit were not read\n";
}

}  // namespace

void RenderInspection(std::ostream& out, const v1::Inspection& inspection,
                      const Settings& settings) {
  if (inspection.has_container()) out << Printable(inspection.subject()) << '\n';
  for (const v1::ProcessGroup& group : inspection.groups()) {
    if (&group != &inspection.groups(0)) out << '\n';
    out << Heading(group, settings.wide()) << '\n';
    SetsOf(group).Print(out, settings.headers);
    PrintThreads(out, group, settings.wide());
  }
  if (inspection.vanished() > 0)
    out << Plural(inspection.vanished(), "process") << " ended meanwhile\n";
  if (inspection.unread() > 0)
    out << Plural(inspection.unread(), "process") << " beyond the limit were not read\n";
}

}  // namespace capmon
