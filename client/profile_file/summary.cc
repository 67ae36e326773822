// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/summary.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace capmon {
namespace {

constexpr char kUnknown[] = "unknown";

// The order of verdicts is strongest first.
void Count(const Verdicts& verdicts, FindingsByName& into) {
  for (const auto& [name, verdict] : verdicts) {
    const auto [found, added] = into.try_emplace(name, CapabilityFinding{verdict, false, 0});
    found->second.verdict = std::min(found->second.verdict, verdict);
    ++found->second.instances;
  }
}

void Without(FindingsByName& names, const FindingsByName& stronger) {
  std::erase_if(names, [&](const auto& entry) { return stronger.contains(entry.first); });
}

// "" counts as unknown: an edited file may omit it.
std::string OverAll(const WorkloadProfile& profile, std::string InstanceRow::*advice) {
  bool all_safe = !profile.rows.empty();
  for (const auto& [key, row] : profile.rows) {
    if (row.*advice == "unsafe") return "unsafe";
    all_safe &= row.*advice == "safe";
  }
  return all_safe ? "safe" : kUnknown;
}

std::vector<std::string> DifferentSurroundings(const WorkloadProfile& profile) {
  std::map<std::string, std::set<std::string>> values;
  for (const auto& [key, row] : profile.rows)
    for (const auto& [name, value] : row.surroundings) values[name].insert(value);
  std::vector<std::string> warnings;
  for (const auto& [name, seen] : values)
    if (seen.size() > 1)
      warnings.push_back(absl::StrCat("its instances ran under different values of ", name, ": ",
                                      absl::StrJoin(seen, ", ")));
  return warnings;
}

// Where low ports are open to all, binding to one makes no check.
void WarnOfOpenPorts(const WorkloadProfile& profile, Summary& summary) {
  constexpr char kPortStart[] = "net.ipv4.ip_unprivileged_port_start";
  constexpr int kFirstPortForAll = 1024;
  constexpr char kBind[] = "NET_BIND_SERVICE";
  if (summary.needs.contains(kBind)) return;
  for (const auto& [key, row] : profile.rows) {
    const auto found = row.surroundings.find(kPortStart);
    int start = kFirstPortForAll;
    if (found == row.surroundings.end() || !absl::SimpleAtoi(found->second, &start) ||
        start >= kFirstPortForAll)
      continue;
    summary.warnings.push_back(absl::StrCat(kPortStart, " was ", start,
                                            " while observed: where it is ", kFirstPortForAll,
                                            ", binding to lower ports needs ", kBind));
    return;
  }
}

void CountRow(const InstanceRow& row, Summary& summary) {
  Count(row.needs, summary.needs);
  Count(row.unneeded, summary.unneeded);
  Count(row.denied, summary.denied);
  for (const std::string& name : row.unknown) {
    CapabilityFinding& finding = summary.unknown[name];
    finding.verdict = Verdict::kUnknown;
    ++finding.instances;
  }
  summary.stable += row.state == "stable" ? 1 : 0;
  summary.starts += row.starts;
  summary.lost += row.lost;
  summary.observed = std::max(summary.observed, row.observed);
  summary.held_known |= row.held_known;
  summary.privileged |= row.privileged;
  summary.filtered &= row.filtered;
  summary.started_unprivileged &= row.user && *row.user != 0;
}

}  // namespace

Summary SummaryOf(const WorkloadProfile& profile) {
  Summary summary;
  summary.instances = profile.rows.size();
  summary.filtered = summary.started_unprivileged = !profile.rows.empty();
  for (const auto& [key, row] : profile.rows) CountRow(row, summary);
  for (const std::string& name : profile.declared) {
    CapabilityFinding& need = summary.needs[name];
    if (need.instances == 0) need.verdict = Verdict::kRequired;
    need.declared = true;
  }
  Without(summary.unknown, summary.needs);
  Without(summary.unneeded, summary.needs);
  Without(summary.unneeded, summary.unknown);
  summary.no_new_privileges = OverAll(profile, &InstanceRow::no_new_privileges);
  summary.non_root = OverAll(profile, &InstanceRow::non_root);
  summary.warnings = DifferentSurroundings(profile);
  WarnOfOpenPorts(profile, summary);
  return summary;
}

std::string WordFor(const CapabilityFinding& finding) {
  return finding.declared ? "declared" : Name(finding.verdict);
}

std::string GroundsOf(const Summary& summary) {
  if (summary.instances == 0) return "declared by hand, learned from no instance";
  std::string text = absl::StrCat("learned from ", summary.instances,
                                  summary.instances == 1 ? " instance" : " instances");
  if (summary.stable == 0)
    absl::StrAppend(&text,
                    summary.instances == 1 ? ", not stable yet" : ", none of them stable yet");
  else if (summary.stable < summary.instances)
    absl::StrAppend(&text, ", ", summary.stable, " of them stable");
  if (summary.lost > 0) absl::StrAppend(&text, ", ", summary.lost, " checks or records lost");
  return text;
}

}  // namespace capmon
