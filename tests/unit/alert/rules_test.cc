// SPDX-License-Identifier: Apache-2.0
// The table of rules, and which rule an alert of a check has.
#include "daemon/alert/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "daemon/alert/alert_rules.h"
#include "daemon/alert/attack.h"
#include "daemon/alert/rules/losses.h"
#include "daemon/alert/rules/posture.h"
#include "generated/build_paths.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

TEST(AlertRules, HaveOneIdEachInOrderAndNamesThatExist) {
  std::string last;
  for (const AlertRule& rule : AlertRules()) {
    EXPECT_LT(last, rule.id);
    last = rule.id;
    EXPECT_EQ(FindAlertRule(rule.id), &rule);
    EXPECT_GE(rule.version, 1);
    EXPECT_STRNE(rule.name, "");
    const std::string description = rule.description;
    EXPECT_TRUE(description.ends_with('.')) << rule.id;
    std::istringstream kinds(rule.kinds);
    for (std::string kind; kinds >> kind;) EXPECT_TRUE(ParseAlertKind(kind)) << kind;
    const std::string ids = rule.techniques;
    EXPECT_EQ(TechniquesOf(std::string_view(ids)).size(),
              ids.empty() ? 0u : static_cast<size_t>(std::ranges::count(ids, ' ')) + 1)
        << rule.id << ": a technique without a name";
  }
  EXPECT_EQ(FindAlertRule("CM000"), nullptr);
}

TEST(AlertRules, KnowEveryKind) {
  std::set<std::string> kinds;
  for (const AlertRule& rule : AlertRules()) {
    std::istringstream words(rule.kinds);
    for (std::string kind; words >> kind;) kinds.insert(kind);
  }
  for (int i = 0; i <= static_cast<int>(kLastAlertKind); ++i) {
    const auto kind = static_cast<AlertKind>(i);
    EXPECT_THAT(kinds, Contains(Name(kind)));
    EXPECT_EQ(ParseAlertKind(Name(kind)), kind);
  }
}

TEST(AlertRules, TheFeedsOwnAlertAgreesWithTheTable) {
  const Alert alert = MakeFeedAlert("limits", "text", 3, 1000);
  const AlertRule* const rule = FindAlertRule(alert.rule);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(alert.rule_name, rule->name);
  EXPECT_EQ(alert.rule_version, rule->version);
  EXPECT_EQ(alert.severity, rule->severity);
}

// Regenerated with CAPMON_REGENERATE_GOLDEN=1.
TEST(AlertRules, AreDocumented) {
  const std::string path = CAPMON_SOURCE_DIR "/docs/alert-rules.md";
  const std::string begin = "bin/unit_alert -->\n", end = "<!-- end of the table -->";
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const size_t table = from + begin.size();
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) {
    text.replace(table, to - table, AlertRulesAsMarkdown());
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text.substr(table, to - table), AlertRulesAsMarkdown())
      << "run it with CAPMON_REGENERATE_GOLDEN=1";
}

TEST(Severities, AreParsedAsTheyAreNamed) {
  for (const Severity severity :
       {Severity::kInfo, Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical})
    EXPECT_EQ(ParseSeverity(Name(severity)), severity);
  EXPECT_FALSE(ParseSeverity("urgent"));
}

Alert AlertOf(const Check& check, const std::vector<Check>& before = {}, TimeNs baseline = 1000) {
  Profile profile = Watched(before);
  profile.container.id = std::string(64, 'a');
  profile.baseline = baseline;
  profile.entry_exes = {1};
  return AlertFor(profile, Judged(check, profile), 2000).value_or(Alert());
}

TEST(RuleOf, AFirstUseAndAFirstProgram) {
  const auto chown = [] { return Granted(CAP_CHOWN, "setattr_prepare", "fchownat").Succeeded(); };
  const Alert first = AlertOf(chown().At(1500));
  EXPECT_EQ(first.rule, kRuleFirstUse);
  EXPECT_EQ(first.verdict, "required");
  EXPECT_EQ(first.baseline, "container");
  EXPECT_EQ(first.baseline_set, 1000);
  EXPECT_EQ(first.next, "capmon explain aaaaaaaaaaaa CHOWN");
  EXPECT_THAT(first.techniques, Contains(Field(&Technique::id, "T1222.002")));
  EXPECT_EQ(AlertOf(chown().By("other", 2).At(1500), {chown().At(500)}).rule, kRuleFirstProgram);
}

TEST(RuleOf, ARawSocketAndItsDenial) {
  const Alert raw = AlertOf(Granted(CAP_NET_RAW, "packet_create", "socket").Succeeded().At(1500));
  EXPECT_EQ(raw.rule, kRuleRawSocket);
  EXPECT_THAT(raw.techniques, Contains(Field(&Technique::name, "Network Sniffing")));
  const Alert denied = AlertOf(Refused(CAP_NET_RAW, "packet_create", "socket").Failed(EPERM));
  EXPECT_EQ(denied.rule, kRuleDenied);
  EXPECT_EQ(denied.kind, AlertKind::kDeniedCapability);
  EXPECT_THAT(denied.techniques, Contains(Field(&Technique::id, "T1040")));
}

struct Way {
  Capability capability;
  const char* site;
  const char* syscall;
  const char* rule;
};

class WaysOut : public testing::TestWithParam<Way> {};

TEST_P(WaysOut, HaveARuleWhetherGrantedOrDenied) {
  const Way& way = GetParam();
  const Check granted = Granted(way.capability, way.site, way.syscall).Succeeded().At(1500);
  EXPECT_EQ(AlertOf(granted).rule, way.rule);
  const Alert early = AlertOf(Check(granted).By("other", 2), {}, 0);
  EXPECT_EQ(early.rule, way.rule) << "without a baseline";
  EXPECT_GE(early.severity, Severity::kMedium);
  EXPECT_EQ(AlertOf(granted, {Check(granted).At(500)}).rule, "") << "normal";
  EXPECT_EQ(AlertOf(Refused(way.capability, way.site, way.syscall).Failed(EPERM)).rule, way.rule);
}

INSTANTIATE_TEST_SUITE_P(
    All, WaysOut,
    testing::Values(Way{CAP_SYS_ADMIN, "path_mount", "mount", kRuleMount},
                    Way{CAP_SYS_MODULE, "may_init_module", "finit_module", kRuleModule},
                    Way{CAP_SYS_PTRACE, "__ptrace_may_access", "ptrace", kRulePtrace},
                    Way{CAP_DAC_READ_SEARCH, "do_handle_open", "open_by_handle_at", kRuleHandle},
                    Way{CAP_SYS_RAWIO, "open_port", "openat", kRuleMemoryDevice},
                    Way{CAP_BPF, "sys_bpf", "bpf", kRuleBpf}));

// The container holds the capability, and the call fails all the same: no device is there.
TEST(RuleOf, AnAttemptThatFailedForAnotherReason) {
  const auto mount = [] {
    return Granted(CAP_SYS_ADMIN, "path_mount", "mount").Failed(ENOENT).By("other", 2);
  };
  ASSERT_EQ(Judged(mount()).verdict, Verdict::kTried);
  const Alert tried = AlertOf(mount().At(1500));
  EXPECT_EQ(tried.kind, AlertKind::kEscape);
  EXPECT_EQ(tried.rule, kRuleMount);
  EXPECT_EQ(tried.severity, Severity::kMedium);
  EXPECT_EQ(AlertOf(mount().By("program", 1), {}, 0).rule, "") << "its first program";
}

TEST(Losses, RaiseAnAlertWhereTheyCostEvidence) {
  const Container container = Watched({}).container;
  const auto lost = AlertForLoss(container, "map-full", 7, 2000);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->count, 7u);
  EXPECT_THAT(lost->message, HasSubstr("web: evidence was lost"));
  EXPECT_FALSE(AlertForLoss(container, "ring-check", 7, 2000)) << "only details";
  EXPECT_THAT(AlertForLoss(Container(), "map-full", 1, 2000)->message, HasSubstr("all containers"));
}

TEST(Posture, NamesWhatIsNotNeededTheMostDangerousFirst) {
  Judgement judgement;
  judgement.confidence.state = "stable";
  judgement.recommendation.remove = {CAP_CHOWN, CAP_SYS_ADMIN};
  const auto alert = AlertForPosture(Watched({}), judgement, 2000);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->severity, Severity::kMedium);
  EXPECT_THAT(alert->message, HasSubstr("holds 2 capabilities that it was not seen to need"));
  EXPECT_THAT(alert->message, HasSubstr("SYS_ADMIN and CHOWN"));
  EXPECT_EQ(alert->unneeded, (CapabilitySet{CAP_CHOWN, CAP_SYS_ADMIN}));
  EXPECT_EQ(alert->held & alert->unneeded, alert->unneeded);
  judgement.confidence.state = "learning";
  EXPECT_FALSE(AlertForPosture(Watched({}), judgement, 2000));
  judgement.confidence.state = "stable";
  judgement.recommendation.remove = {};
  EXPECT_FALSE(AlertForPosture(Watched({}), judgement, 2000));
}

}  // namespace
}  // namespace capmon
