// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/row.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/use.h"

namespace capmon {
namespace {

using Findings = std::vector<Finding>;

bool StrongerFirst(const Finding& a, const Finding& b) {
  const auto order = [](const Finding& f) {
    return std::make_tuple(f.judged.verdict, UINT64_MAX - f.judged.evidence.counts.count);
  };
  if (order(a) != order(b)) return order(a) < order(b);
  return a.judged.evidence.key < b.judged.evidence.key;
}

// The finding that represents a capability: the strongest that calls for it, else the strongest.
// A refusal to one program does not outweigh that another could not do without.
const Finding& Representative(const Findings& findings) {
  const auto keeping =
      std::find_if(findings.begin(), findings.end(), [](const Finding& f) { return f.keep; });
  return keeping != findings.end() ? *keeping : findings.front();
}

bool SameVerdict(const Finding& finding, const Finding& representative) {
  return finding.keep == representative.keep &&
         finding.judged.verdict == representative.judged.verdict;
}

template <typename Strings>
std::vector<std::string> Sorted(Strings&& set) {
  return {set.begin(), set.end()};
}

void AddCounts(const Finding& finding, bool along, CapabilityVerdict& row) {
  const CheckEvidence& evidence = finding.judged.evidence;
  row.checks += evidence.counts.count;
  if (along && evidence.key.granted) row.used += evidence.counts.count;
  if (!evidence.key.granted && !TraitsOf(finding.judged.verdict).without_need)
    row.denied += evidence.counts.count;
  if (!along) return;
  row.first = row.first == 0 ? evidence.first : std::min(row.first, evidence.first);
  row.last = std::max(row.last, evidence.last);
  if (evidence.unread_to != 0) row.times_exact = false;
}

// What would be enough as well, for every use of this capability.
std::vector<Capability> NarrowerThan(Capability capability, const Findings& findings) {
  CapabilitySet common(~uint64_t{0});
  for (const Finding& finding : findings)
    if (finding.keep) common = common & finding.group;
  std::vector<Capability> narrower;
  if (common == CapabilitySet(~uint64_t{0})) return narrower;
  for (const Capability other : common.members())
    if (other != capability && FactsOf(other).weight <= FactsOf(capability).weight)
      narrower.push_back(other);
  return narrower;
}

}  // namespace

bool ShowsUse(const Finding& finding) {
  const VerdictTraits& traits = TraitsOf(finding.judged.verdict);
  return finding.keep || (!finding.gated && (traits.is_need || traits.refusal == Refusal::kFailed));
}

std::string UseIn(const Finding& finding) {
  const CheckKey& key = finding.judged.evidence.key;
  return UseOfCall(key.site, key.syscall, finding.program, finding.program_known);
}

CapabilityVerdict RowFor(Capability capability, Findings& findings) {
  std::sort(findings.begin(), findings.end(), StrongerFirst);
  const Finding& representative = Representative(findings);
  CapabilityVerdict row;
  row.capability = capability;
  row.verdict = representative.judged.verdict;
  row.reason = representative.judged.reason;
  row.narrower = NarrowerThan(capability, findings);
  std::set<std::string> binaries, sites, syscalls;
  for (const Finding& finding : findings) {
    const CheckEvidence& evidence = finding.judged.evidence;
    const bool along = SameVerdict(finding, representative);
    AddCounts(finding, along, row);
    row.evidence.push_back(finding.judged);
    if (ShowsUse(finding)) row.uses.insert(UseIn(finding));
    if (!along) continue;
    if (!finding.program.empty()) binaries.insert(finding.program);
    if (!evidence.key.site.empty()) sites.insert(evidence.key.site);
    if (!evidence.key.syscall.empty()) syscalls.insert(evidence.key.syscall);
  }
  row.binaries = Sorted(binaries);
  row.sites = Sorted(sites);
  row.syscalls = Sorted(syscalls);
  return row;
}

}  // namespace capmon
