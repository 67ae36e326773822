// SPDX-License-Identifier: Apache-2.0
// The rules behind alerts: what each is called, means and weighs. docs/alert-rules.md is generated
// from this table. Append only: ids are stored and used in filters; a rule that decides otherwise
// than before gets the next version.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/model/alert.h"
#include "daemon/profile/profile.h"

namespace capmon {

struct AlertRule {
  const char* id;
  int version;
  const char* name;
  const char* kinds;            // of its alerts, as Name() returns them; separated by blanks
  bool by_capability;           // the severity follows the weight of the capability
  Severity severity;            // otherwise; else the least without a baseline
  const char* techniques;       // ids, closest first; those of the capability follow
  const char* description;      // one sentence: when it raises an alert
  const char* cannot_see = "";  // what a reader may expect of it, and it does not see
};

inline constexpr char kRuleFirstUse[] = "CM001";
inline constexpr char kRuleFirstProgram[] = "CM002";
inline constexpr char kRuleDangerous[] = "CM003";
inline constexpr char kRuleDenied[] = "CM004";
inline constexpr char kRuleDeniedBurst[] = "CM005";
inline constexpr char kRuleDeniedScan[] = "CM006";
inline constexpr char kRuleGained[] = "CM007";
inline constexpr char kRuleRaised[] = "CM008";
inline constexpr char kRuleUserNamespace[] = "CM009";
inline constexpr char kRuleRawSocket[] = "CM010";
inline constexpr char kRuleMount[] = "CM011";
inline constexpr char kRuleModule[] = "CM012";
inline constexpr char kRulePtrace[] = "CM013";
inline constexpr char kRuleHandle[] = "CM014";
inline constexpr char kRuleMemoryDevice[] = "CM015";
inline constexpr char kRuleBpf[] = "CM016";
inline constexpr char kRuleSequence[] = "CM017";
inline constexpr char kRuleFromMemory[] = "CM018";
inline constexpr char kRuleLeftCgroup[] = "CM019";
inline constexpr char kRuleLost[] = "CM080";
inline constexpr char kRuleHealth[] = "CM081";
inline constexpr char kRulePosture[] = "CM082";

// By id.
std::span<const AlertRule> AlertRules();
// Nullptr for an id that no rule has.
const AlertRule* FindAlertRule(std::string_view id);

// Sets the rule's fields, and its techniques before those of the capability.
void ApplyRule(std::string_view id, Alert& alert);
// Sets the container, and what to do next.
void AddContainer(const Container& container, Alert& alert);
// Sets the process that executed a file, and its system call.
void AddExec(const ProcessExec& exec, Alert& alert);
// Sets what the container was compared with.
void AddBaseline(const Profile& profile, Alert& alert);
// Returns an alert about a whole container, of the rule's severity. `subject` distinguishes alerts
// of one kind; "" if there is one.
Alert AboutContainer(AlertKind kind, const char* rule, const Container& container,
                     const std::string& subject, TimeNs now);

// The table as docs/alert-rules.md has it.
std::string AlertRulesAsMarkdown();

}  // namespace capmon
