// SPDX-License-Identifier: Apache-2.0
// Which runs show anything about a capability, and what outlives a run.
#include <gmock/gmock.h>

#include "client/minimize/candidates.h"
#include "client/minimize/lasting.h"
#include "client/minimize/repeated.h"
#include "client/run/volume_copies.h"

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Capability kChown = 0, kDacOverride = 1, kDacRead = 2, kKill = 5, kNetRaw = 13;

// One check by /bin/job, or by another program.
void AddCheck(v1::CapabilityVerdict& row, const std::string& verdict, bool granted,
              const std::string& program = "/bin/job") {
  v1::Evidence& evidence = *row.add_evidence();
  evidence.set_verdict(verdict);
  evidence.set_phase("workload");
  evidence.set_syscall("chown");
  evidence.set_site("chown_ok");
  evidence.set_binary(program);
  evidence.set_granted(granted);
}

v1::CapabilityVerdict& AddRow(v1::Profile& profile, const std::string& capability,
                              const std::string& verdict) {
  v1::CapabilityVerdict& row = *profile.add_capabilities();
  row.set_capability(capability);
  row.set_verdict(verdict);
  return row;
}

v1::CapabilityVerdict& AddChecked(v1::Profile& profile, const std::string& capability,
                                  const std::string& verdict, bool granted = true) {
  v1::CapabilityVerdict& row = AddRow(profile, capability, verdict);
  AddCheck(row, verdict, granted);
  row.add_uses("chown_ok chown /bin/job");
  return row;
}

v1::Profile Of(const std::string& capability, const std::string& verdict, bool granted = true) {
  v1::Profile profile;
  AddChecked(profile, capability, verdict, granted);
  return profile;
}

v1::Profile Asked(const std::string& use) {
  v1::Profile profile;
  AddRow(profile, "CAP_NET_RAW", "constraint").add_uses(use);
  return profile;
}

// A container may do at night what a run does not show.
TEST(Repeated, EveryUseHasToBeSeenAgain) {
  const v1::Profile once = Of("CAP_CHOWN", "required");
  v1::Profile twice = once;
  AddCheck(*twice.mutable_capabilities(0), "required", true, "/usr/sbin/nightly");
  twice.mutable_capabilities(0)->add_uses("chown_ok chown /usr/sbin/nightly");
  EXPECT_EQ(Repeated(once, twice), CapabilitySet({kChown}));
  EXPECT_EQ(Repeated(twice, once), CapabilitySet());
  EXPECT_EQ(Repeated(once, {}), CapabilitySet());
  EXPECT_EQ(Repeated(once, Of("CAP_CHOWN", "missing", false)), CapabilitySet())
      << "it was granted before";
  // Where nothing was seen, nothing can be repeated.
  v1::Profile unknown;
  AddRow(unknown, "CAP_MKNOD", "unknown");
  EXPECT_EQ(Repeated(unknown, unknown), CapabilitySet());
}

TEST(Repeated, ADenialIsAUseAsWell) {
  v1::Profile before = Of("CAP_CHOWN", "required");
  AddCheck(*before.mutable_capabilities(0), "missing", false, "/usr/sbin/confined");
  before.mutable_capabilities(0)->add_uses("chown_ok chown /usr/sbin/confined");
  EXPECT_EQ(Repeated(before, Of("CAP_CHOWN", "required")), CapabilitySet());
  EXPECT_EQ(Repeated(before, before), CapabilitySet({kChown}));
}

TEST(Repeated, AUseWithoutACheckIsAUseAlsoOfWhatIsRequired) {
  v1::Profile before = Of("CAP_CHOWN", "required");
  before.mutable_capabilities(0)->add_uses("/bin/backup has it as a file capability");
  EXPECT_EQ(Repeated(before, Of("CAP_CHOWN", "required")), CapabilitySet());
  EXPECT_EQ(Repeated(before, before), CapabilitySet({kChown}));
}

TEST(Repeated, WhatIsNotKnownInFullMayBeAnyUse) {
  v1::Profile unknown = Of("CAP_CHOWN", "required");
  unknown.mutable_capabilities(0)->mutable_evidence(0)->clear_site();
  EXPECT_EQ(Repeated(unknown, unknown), CapabilitySet());
  v1::Profile many = Of("CAP_CHOWN", "required");
  for (int i = 1; i < 64; ++i)
    many.mutable_capabilities(0)->add_uses("chown_ok chown /bin/" + std::to_string(i));
  EXPECT_EQ(Repeated(many, many), CapabilitySet()) << "capmond returns no more than 64";
}

// Which program of busybox it was is not known for certain: capmond takes no proof about it, but in
// the runs of one job the same name does the same.
TEST(Repeated, TheNameOfAProgramIsEnoughWithinOneSearch) {
  v1::Profile busybox = Of("CAP_CHOWN", "required");
  busybox.mutable_capabilities(0)->clear_uses();
  busybox.mutable_capabilities(0)->add_uses("? chown_ok chown chown (busybox)");
  EXPECT_EQ(Repeated(busybox, busybox), CapabilitySet({kChown}));
}

TEST(Repeated, AConstraintIsRepeatedByTheSameFileOrTheSameCallersOfCapset) {
  const v1::Profile ping = Asked("/bin/ping has it as a file capability");
  EXPECT_EQ(Repeated(ping, ping), CapabilitySet({kNetRaw}));
  EXPECT_EQ(Repeated(ping, Asked("/bin/fping has it as a file capability")), CapabilitySet());
  v1::Profile requested = Asked("cap_capset capset /usr/sbin/daemon");
  AddChecked(requested, "CAP_SETPCAP", "noise").mutable_evidence(0)->set_syscall("capset");
  requested.mutable_capabilities(1)->clear_uses();
  // A program that has no more than it requests shows no request.
  v1::Profile less = requested;
  less.mutable_capabilities(0)->clear_uses();
  EXPECT_EQ(Repeated(requested, less), CapabilitySet({kNetRaw}));
  less.mutable_capabilities(1)->mutable_evidence(0)->set_binary("/bin/other");
  EXPECT_EQ(Repeated(requested, less), CapabilitySet());
}

TEST(Repeated, OneThatTakesThePlaceOfAnotherDoesItsWork) {
  v1::Profile either;
  AddChecked(either, "CAP_DAC_READ_SEARCH", "either").add_narrower("CAP_DAC_OVERRIDE");
  AddRow(either, "CAP_DAC_OVERRIDE", "either").add_uses("chown_ok chown /bin/job");
  either.mutable_recommendation()->add_keep("CAP_DAC_OVERRIDE");
  EXPECT_TRUE(Repeated(either, Of("CAP_DAC_OVERRIDE", "required")).Has(kDacOverride));
  EXPECT_FALSE(Repeated(either, Of("CAP_CHOWN", "required")).Has(kDacOverride));
  EXPECT_THAT(CandidatesOf(either)[0].narrower, IsEmpty());  // the other one weighs more
}

// A run that leaves it out shows something only if it had to do without.
TEST(TriedWithout, EveryUseHasToBeTried) {
  const v1::Profile whole = Of("CAP_CHOWN", "required");
  EXPECT_EQ(TriedWithout(whole, whole, Of("CAP_CHOWN", "missing", false)), CapabilitySet({kChown}));
  EXPECT_EQ(TriedWithout(whole, whole, Of("CAP_CHOWN", "noise", false)), CapabilitySet({kChown}))
      << "a denial that made no difference";
  EXPECT_EQ(TriedWithout(whole, whole, {}), CapabilitySet()) << "the work was done before";
  EXPECT_EQ(TriedWithout(whole, whole, Of("CAP_CHOWN", "own-namespace", false)), CapabilitySet());
  v1::Profile other;
  AddCheck(AddRow(other, "CAP_CHOWN", "missing"), "missing", false, "/bin/other");
  EXPECT_EQ(TriedWithout(whole, whole, other), CapabilitySet());
}

TEST(TriedWithout, ANarrowerOneIsTriedInItsPlace) {
  v1::Profile whole;
  AddChecked(whole, "CAP_DAC_OVERRIDE", "either").add_narrower("CAP_DAC_READ_SEARCH");
  EXPECT_EQ(TriedWithout(whole, whole, Of("CAP_DAC_READ_SEARCH", "required")),
            CapabilitySet({kDacOverride}));
  EXPECT_EQ(TriedWithout(whole, whole, Of("CAP_CHOWN", "required")), CapabilitySet());
}

TEST(TriedWithout, WhatMakesNoCheckIsDeniedOrAskedForNoMore) {
  const v1::Profile ping = Asked("/bin/ping has it as a file capability");
  EXPECT_EQ(TriedWithout(ping, ping, {}), CapabilitySet()) << "it was not executed";
  EXPECT_EQ(TriedWithout(ping, ping, Asked("/bin/ping was not executed without it")),
            CapabilitySet({kNetRaw}));
  v1::Profile filtered;
  filtered.add_filtered_calls()->add_opened_by("CAP_NET_RAW");
  EXPECT_EQ(TriedWithout(ping, ping, filtered), CapabilitySet({kNetRaw}));
  v1::Profile requested = Asked("cap_capset capset /usr/sbin/daemon");
  AddChecked(requested, "CAP_SETPCAP", "noise").mutable_evidence(0)->set_syscall("capset");
  v1::Profile adapted;
  *adapted.add_capabilities() = requested.capabilities(1);
  EXPECT_TRUE(TriedWithout(requested, requested, adapted).Has(kNetRaw));
  EXPECT_FALSE(TriedWithout(requested, requested, {}).Has(kNetRaw));
  // The run with the whole set shows no request: the program has no more than it requests.
  EXPECT_TRUE(TriedWithout(requested, adapted, adapted).Has(kNetRaw));
  EXPECT_FALSE(TriedWithout(requested, adapted, {}).Has(kNetRaw));
  EXPECT_EQ(RequestsOf(requested, "CAP_NET_RAW").size(), 1u) << "which the proof covers";
  requested.mutable_capabilities(0)->add_uses("/bin/ping has it as a file capability");
  EXPECT_FALSE(TriedWithout(requested, adapted, adapted).Has(kNetRaw));
}

TEST(WhyDenialsMayBeUnseen, OnlyWhatTheRunItselfLost) {
  v1::Profile run;
  (*run.mutable_confidence()->mutable_losses())["recursion"] = 3;
  (*run.mutable_confidence()->mutable_losses())["key-quota"] = 3;
  EXPECT_EQ(WhyDenialsMayBeUnseen(run), "");
  (*run.mutable_confidence()->mutable_losses())["map-full"] = 1;
  EXPECT_THAT(WhyDenialsMayBeUnseen(run), HasSubstr("was lost"));
}

TEST(Lasting, TheFirstReasonStays) {
  Lasting lasting;
  AddLasting({kChown}, "shared", lasting);
  AddLasting(LastingInFiles(), "copied", lasting);
  AddLastingOnHost(lasting);
  std::vector<TrialCandidate> candidates = {{.capability = kChown},
                                            {.capability = kDacOverride},
                                            {.capability = kKill},
                                            {.capability = 25}};
  ApplyLasting(lasting, candidates);
  EXPECT_EQ(candidates[0].lasting, "shared");
  EXPECT_EQ(candidates[1].lasting, "copied");
  EXPECT_EQ(candidates[2].lasting, "");
  EXPECT_THAT(candidates[3].lasting, HasSubstr("on this machine"));
  EXPECT_FALSE(LastingInFiles().Has(kDacRead)) << "it only reads";
}

json Mounted(const char* mount, const char* host) {
  json inspected;
  inspected["Mounts"] = json::array({json::parse(mount)});
  inspected["HostConfig"] = json::parse(host);
  return inspected;
}

TEST(TwinsFindWhatItWrote, AllButVolumesWithoutAName) {
  constexpr char kVolume[] = R"({"Type":"volume","Name":"abc","Destination":"/d","RW":true})";
  EXPECT_FALSE(TwinsFindWhatItWrote(Mounted(kVolume, "{}"))) << "each twin has a new one";
  EXPECT_TRUE(TwinsFindWhatItWrote(Mounted(kVolume, R"({"Binds":["abc:/d"]})")));
  EXPECT_TRUE(TwinsFindWhatItWrote(Mounted(kVolume, R"({"Mounts":[{"Source":"abc"}]})")));
  EXPECT_TRUE(TwinsFindWhatItWrote(Mounted(kVolume, R"({"VolumesFrom":["db"]})")));
  EXPECT_TRUE(TwinsFindWhatItWrote(
      Mounted(R"({"Type":"bind","Source":"/s","Destination":"/d","RW":true})", "{}")));
  EXPECT_FALSE(TwinsFindWhatItWrote(
      Mounted(R"({"Type":"bind","Source":"/s","Destination":"/d","RW":false})", "{}")));
  EXPECT_FALSE(
      TwinsFindWhatItWrote(Mounted(R"({"Type":"tmpfs","Destination":"/d","RW":true})", "{}")));
}

}  // namespace
}  // namespace capmon
