// SPDX-License-Identifier: Apache-2.0
#include "client/commands/program_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

// A habit of these would be one of everything that they run.
constexpr std::array<std::string_view, 16> kManyPrograms = {
    "sh",   "bash", "dash", "ash",  "zsh",    "ksh", "busybox", "toybox",
    "perl", "ruby", "node", "java", "python", "php", "lua",     "env"};

std::string LastPart(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool IsMany(const std::string& program) {
  return std::any_of(kManyPrograms.begin(), kManyPrograms.end(), [&](std::string_view name) {
    // Also "python3.11".
    return program.starts_with(name) &&
           program.find_first_not_of("0123456789.", name.size()) == program.npos;
  });
}

// The system calls of a program that were granted a capability.
using Calls = std::set<std::string>;

std::map<std::string, Calls> UsersOf(const v1::CapabilityVerdict& row) {
  const bool constraint = row.verdict() == Name(Verdict::kConstraint);
  std::map<std::string, Calls> users;
  for (const v1::Evidence& evidence : row.evidence()) {
    const auto verdict = ParseVerdict(evidence.verdict());
    if (constraint || !evidence.granted() || evidence.phase() != "workload") continue;
    if (verdict && TraitsOf(*verdict).is_need && !evidence.syscall().empty())
      users[LastPart(evidence.binary())].insert(evidence.syscall());
  }
  return users;
}

// The programs that called capset(2).
std::set<std::string> CapsetCallers(const v1::Profile& profile) {
  std::set<std::string> programs;
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    for (const v1::Evidence& evidence : row.evidence())
      if (evidence.syscall() == "capset" && evidence.phase() == "workload")
        programs.insert(LastPart(evidence.binary()));
  return programs;
}

class Rows {
 public:
  explicit Rows(const v1::Minimization& minimization) {
    proof_ = absl::StrCat("# proven by capmon ", minimization.version(), ": ",
                          Printable(minimization.subject()));
    if (!minimization.check().empty())
      absl::StrAppend(&proof_, "; check: ", Printable(minimization.check()));
    if (!minimization.image_digest().empty())
      absl::StrAppend(&proof_, "; image ", Printable(minimization.image_digest()));
  }

  void Add(const std::string& program, const char* habit, const std::string& capability,
           const std::string& calls, const std::string& reason) {
    if (program.empty()) return;
    const std::string row = absl::StrJoin(
        {Printable(program), std::string(habit), capability, calls, Printable(reason)}, "\t");
    const bool unfit = IsMany(program) || program.find(',') != program.npos;
    absl::StrAppend(
        &text_, proof_, "\n",
        unfit ? absl::StrCat("# no row, for this program runs many others: ", row) : row, "\n");
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string proof_;
  std::string text_;
};

}  // namespace

std::string ProgramRows(const v1::Profile& before, const v1::Minimization& minimization) {
  std::set<std::string> unneeded;
  for (const v1::MinimizedCapability& found : minimization.capabilities())
    if (found.finding() == "unneeded") unneeded.insert(found.capability());
  Rows rows(minimization);
  bool adapts = false;
  for (const v1::CapabilityVerdict& row : before.capabilities()) {
    if (!unneeded.contains(row.capability())) continue;
    adapts |= row.verdict() == Name(Verdict::kConstraint) &&
              row.reason().find("capset(2)") != std::string::npos;
    for (const auto& [program, calls] : UsersOf(row))
      rows.Add(program, "goes-on", ShortName(row.capability()), absl::StrJoin(calls, ","),
               "did its job when it was refused");
  }
  // With several callers it is not known which one adapts.
  const std::set<std::string> callers = CapsetCallers(before);
  if (adapts && callers.size() == 1)
    rows.Add(*callers.begin(), "adapts", "-", "capset", "requests only what it finds it has");
  return rows.Take();
}

}  // namespace capmon
