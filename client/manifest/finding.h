// SPDX-License-Identifier: Apache-2.0
// What a check of a manifest finds. Pure.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/yaml/yaml_reader.h"

namespace capmon {

enum class FindingLevel { kNote, kWarning, kError };
const char* Name(FindingLevel level);  // "note", "warning", "error": the words of SARIF

// The order is that of kRules.
enum class Rule {
  kUnreadable,
  kMalformed,
  kUnknownCapability,
  kSpelling,
  kMisplaced,
  kNotFollowed,
  kContradiction,
  kLacks,
  kLacksByRuntime,
  kDropsUnknown,
  kUnneeded,
  kNotSeenYet,
  kPrivileged,
  kEscalationNeeded,
  kEscalationAllowed,
  kRootNeeded,
  kRootAllowed,
  kUserWithout,
  kSurroundings,
  kNoProfile,
  kPodSecurity,
};

struct RuleFacts {
  Rule rule;
  const char* id;
  const char* meaning;  // a sentence
};
inline constexpr std::array<RuleFacts, 21> kRules = {{
    {Rule::kUnreadable, "unreadable", "The file is not YAML, or is beyond the limits."},
    {Rule::kMalformed, "malformed", "A field has a value of the wrong type."},
    {Rule::kUnknownCapability, "unknown-capability", "There is no capability of that name."},
    {Rule::kSpelling, "spelling", "Kubernetes compares names like NET_RAW as they are written."},
    {Rule::kMisplaced, "misplaced", "The field has no effect where it stands."},
    {Rule::kNotFollowed, "not-followed", "The value comes from elsewhere and was not checked."},
    {Rule::kContradiction, "contradiction", "Kubernetes refuses this combination of settings."},
    {Rule::kLacks, "lacks", "The container lacks a capability that it needs."},
    {Rule::kLacksByRuntime, "lacks-by-runtime",
     "Whether the container gets a capability that it needs depends on the runtime's default."},
    {Rule::kDropsUnknown, "drops-unknown",
     "The container lacks a capability, and whether it needs that is unknown."},
    {Rule::kUnneeded, "unneeded", "The container gets capabilities that it does not need."},
    {Rule::kNotSeenYet, "not-seen-yet",
     "The container gets capabilities that were not seen in use; the evidence is incomplete."},
    {Rule::kPrivileged, "privileged", "The container is privileged."},
    {Rule::kEscalationNeeded, "escalation-needed",
     "The container needs programs that gain privileges, and must not."},
    {Rule::kEscalationAllowed, "escalation-allowed",
     "The container may gain privileges, and does not need to."},
    {Rule::kRootNeeded, "root-needed", "The container needs to run as user 0, and must not."},
    {Rule::kRootAllowed, "root-allowed", "The container may run as user 0, and does not need to."},
    {Rule::kUserWithout, "user-without",
     "A user other than 0 does not get the capabilities that the container needs."},
    {Rule::kSurroundings, "surroundings",
     "The profile was learned where the host or the runtime allows more without capabilities."},
    {Rule::kNoProfile, "no-profile", "No profile fits the container."},
    {Rule::kPodSecurity, "pod-security", "The Pod Security level that the container meets."},
}};
constexpr const RuleFacts& FactsOf(Rule rule) { return kRules[static_cast<size_t>(rule)]; }

struct ManifestFinding {
  Rule rule = Rule::kUnreadable;
  FindingLevel level = FindingLevel::kError;
  TextPlace place;      // of the field at fault, or of the container's name
  std::string message;  // a clause
};
using ManifestFindings = std::vector<ManifestFinding>;

}  // namespace capmon
