// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/call_sites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <cerrno>

namespace capmon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CheckKey Key(Capability capability, std::string site, std::string syscall = "") {
  CheckKey key;
  key.capability = capability;
  key.site = std::move(site);
  key.syscall = std::move(syscall);
  return key;
}

const CallSite* Find(const CheckKey& key, const std::vector<std::string>& callers = {}) {
  return CallSites::BuiltIn().Find(key, callers);
}

std::string ErrorOf(const std::string& text) {
  return std::string(CallSites::Parse(text).status().message());
}

constexpr char kRow[] =
    "7\tf,g\tc\ts,t\tCHOWN\tALT\tminor\tCHOWN,FOWNER\tEPERM,EACCES\t>=5.4\tdo it\n";

TEST(Parse, ReadsEveryColumn) {
  const absl::StatusOr<CallSites> sites = CallSites::Parse(std::string("# comment\n\n") + kRow);
  ASSERT_TRUE(sites.ok()) << sites.status();
  ASSERT_EQ(sites->rows().size(), 2u);
  const CallSite& row = sites->rows()[1];
  EXPECT_EQ(row.number, 7);
  EXPECT_EQ(row.function, "g");
  EXPECT_THAT(row.callers, ElementsAre("c"));
  EXPECT_THAT(row.syscalls, ElementsAre("s", "t"));
  EXPECT_THAT(row.capabilities, ElementsAre(CAP_CHOWN));
  EXPECT_EQ(row.site_class, SiteClass::kAlternative);
  EXPECT_TRUE(row.Is(kMinor));
  EXPECT_FALSE(row.Is(kTolerated));
  EXPECT_THAT(row.alternatives, ElementsAre(CAP_CHOWN, CAP_FOWNER));
  EXPECT_THAT(row.denial_errnos, ElementsAre(EPERM, EACCES));
  EXPECT_EQ(row.kernels, ">=5.4");
  EXPECT_EQ(row.purpose, "do it");
}

TEST(Parse, NamesTheLineThatCannotBeRead) {
  const std::string good = kRow;
  EXPECT_THAT(ErrorOf(good + "8\tf\n"), AllOf(HasSubstr("line 2"), HasSubstr("columns")));
  EXPECT_THAT(ErrorOf("x\tf\t-\t-\tCHOWN\tREQ\t-\t-\t-\t-\tp\n"), HasSubstr("row number"));
  EXPECT_THAT(ErrorOf("1\t-\t-\t-\tCHOWN\tREQ\t-\t-\t-\t-\tp\n"), HasSubstr("function"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWNED\tREQ\t-\t-\t-\t-\tp\n"), HasSubstr("CHOWNED"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tMUST\t-\t-\t-\t-\tp\n"), HasSubstr("MUST"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tREQ\tloud\t-\t-\t-\tp\n"), HasSubstr("loud"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tREQ\t-\tNOBODY\t-\t-\tp\n"), HasSubstr("NOBODY"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tREQ\t-\t-\tEWHAT\t-\tp\n"), HasSubstr("EWHAT"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tREQ\t-\t-\t-\t-\t-\n"), HasSubstr("purpose"));
  EXPECT_THAT(ErrorOf("1\tf\t-\t-\tCHOWN\tALT\t-\t-\t-\t-\tp\n"), HasSubstr("alternatives"));
  EXPECT_THAT(ErrorOf(good + "1\tf\t-\t-\tCHOWN\tREQ\t-\t-\t-\t-\tp\textra\n"),
              HasSubstr("12 columns"));
  EXPECT_EQ(CallSites::Parse("x\n").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Find, PrefersACallerToASystemCallToTheFunctionAlone) {
  const CallSites sites = CallSites::Parse(
                              "1\tf\t-\t-\tCHOWN\tREQ\t-\t-\t-\t-\tp\n"
                              "2\tf\t-\ts\tCHOWN\tCOND\t-\t-\t-\t-\tp\n"
                              "3\tf\tc\t-\tCHOWN\tOPP\t-\t-\t-\t-\tp\n")
                              .value();
  EXPECT_EQ(sites.Find(Key(CAP_CHOWN, "f"), {"f"})->number, 1);
  EXPECT_EQ(sites.Find(Key(CAP_CHOWN, "f", "s"), {"f"})->number, 2);
  EXPECT_EQ(sites.Find(Key(CAP_CHOWN, "f", "s"), {"f", "x", "c"})->number, 3);
  EXPECT_EQ(sites.Find(Key(CAP_FOWNER, "f"), {"f"}), nullptr);
  EXPECT_EQ(sites.Find(Key(CAP_CHOWN, "g"), {"g"}), nullptr);
  EXPECT_EQ(sites.Find(Key(CAP_CHOWN, ""), {"f"}), nullptr);
}

TEST(Find, LooksTwoFramesUpBecauseInliningMovesSites) {
  EXPECT_NE(Find(Key(CAP_NET_RAW, "helper"), {"helper", "other", "inet_create"}), nullptr);
  EXPECT_EQ(Find(Key(CAP_NET_RAW, "helper"), {"helper", "other", "third", "inet_create"}), nullptr);
}

TEST(Find, DoesNotDeclareAnUnknownFunctionHarmless) {
  EXPECT_EQ(Find(Key(CAP_SYS_ADMIN, "helper"), {"helper", "do_jit"}), nullptr);
}

TEST(Find, KnowsSystemCallEntriesUnderAllTheirNames) {
  for (const char* name : {"__x64_sys_chroot", "__do_sys_chroot", "__se_sys_chroot", "ksys_chroot",
                           "__arm64_sys_chroot", "__ia32_sys_chroot"})
    EXPECT_NE(Find(Key(CAP_SYS_CHROOT, name)), nullptr) << name;
  EXPECT_NE(Find(Key(CAP_SETUID, "__sys_setuid")), nullptr);
}

TEST(Find, DistinguishesUnauditedChecksOnlyWhereTheBitsAreSeen) {
  CheckKey key = Key(CAP_SYS_RESOURCE, "__set_oom_adj", "write");
  EXPECT_EQ(Find(key)->site_class, SiteClass::kRequired);
  key.traits = kNoAudit;
  EXPECT_EQ(Find(key)->site_class, SiteClass::kRequired);
  key.traits = kOptionsKnown | kNoAudit;
  EXPECT_EQ(Find(key)->site_class, SiteClass::kOpportunistic);
}

TEST(PartnersOf, AreTheOthersOfTheGroup) {
  const CallSites& sites = CallSites::BuiltIn();
  EXPECT_EQ(sites.PartnersOf("generic_permission", CAP_DAC_OVERRIDE),
            CapabilitySet({CAP_DAC_READ_SEARCH, CAP_FOWNER}));
  EXPECT_TRUE(sites.PartnersOf("inet_create", CAP_NET_RAW).empty());
}

// The order of lines would decide in a table that contradicts itself.
TEST(BuiltIn, NoTwoRowsAnswerTheSameQuestionDifferently) {
  const std::vector<CallSite>& rows = CallSites::BuiltIn().rows();
  for (size_t i = 0; i + 1 < rows.size(); ++i)
    for (size_t j = i + 1; j < rows.size() && rows[j].function == rows[i].function; ++j) {
      if (rows[i].callers != rows[j].callers || rows[i].syscalls != rows[j].syscalls ||
          rows[i].flags != rows[j].flags)
        continue;
      for (const Capability capability : rows[i].capabilities)
        EXPECT_THAT(rows[j].capabilities, ::testing::Not(::testing::Contains(capability)))
            << rows[i].function << " " << rows[i].number << " " << rows[j].number;
    }
}

TEST(BuiltIn, DecisiveRowsSayHowCallsFailOrThatTheyDoNot) {
  for (const CallSite& row : CallSites::BuiltIn().rows()) {
    const bool decisive =
        row.site_class == SiteClass::kRequired || row.site_class == SiteClass::kConditional ||
        row.site_class == SiteClass::kFirst || row.site_class == SiteClass::kAlternative;
    if (!decisive) continue;
    EXPECT_EQ(row.denial_errnos.empty(), row.Is(kInBand)) << row.function;
  }
}

}  // namespace
}  // namespace capmon
