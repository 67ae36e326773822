// SPDX-License-Identifier: Apache-2.0
// The comparison of two profiles, and its sentence.
#include <gmock/gmock.h>

#include "client/commands/verification.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Check {
  std::string capability = "CAP_NET_RAW";
  std::string verdict = "missing";
  std::string site = "inet_create";
  std::string syscall = "socket";
  std::string binary = "/usr/bin/ping";
  std::string errno_name = "EPERM";
  bool granted = false;
  std::string site_class = "REQ";
  std::string phase = "workload";
};

v1::Profile ProfileOf(const std::vector<Check>& checks) {
  v1::Profile profile;
  for (const Check& check : checks) {
    v1::CapabilityVerdict* row = nullptr;
    for (v1::CapabilityVerdict& known : *profile.mutable_capabilities())
      if (known.capability() == check.capability) row = &known;
    if (row == nullptr) row = profile.add_capabilities();
    row->set_capability(check.capability);
    v1::Evidence& evidence = *row->add_evidence();
    evidence.set_verdict(check.verdict);
    evidence.set_site(check.site);
    evidence.set_syscall(check.syscall);
    evidence.set_binary(check.binary);
    evidence.set_granted(check.granted);
    evidence.set_site_class(check.site_class);
    evidence.set_phase(check.phase);
    evidence.set_count(2);
    evidence.set_failed(check.errno_name.empty() ? 0 : 2);
    if (!check.errno_name.empty()) evidence.add_errnos(check.errno_name);
  }
  return profile;
}

TEST(NewDenials, NameTheCapabilityAndTheCall) {
  const v1::Profile before =
      ProfileOf({{.verdict = "required", .errno_name = "", .granted = true}});
  const auto denials = NewDenials(before, ProfileOf({Check()}));
  ASSERT_THAT(denials, SizeIs(1));
  EXPECT_EQ(denials[0].capability(), "CAP_NET_RAW");
  EXPECT_EQ(denials[0].syscall(), "socket");
  EXPECT_EQ(denials[0].site(), "inet_create");
  EXPECT_EQ(denials[0].binary(), "/usr/bin/ping");
  EXPECT_THAT(denials[0].errnos(), ElementsAre("EPERM"));
}

TEST(NewlyFiltered, ComparesWhatTheFilterDenies) {
  v1::Profile before, after;
  before.add_filtered_calls()->set_syscall("sethostname");
  before.mutable_filtered_calls(0)->add_opened_by("CAP_SYS_ADMIN");
  after = before;
  EXPECT_THAT(NewlyFiltered(before, after), IsEmpty());
  v1::FilteredCall& call = *after.add_filtered_calls();
  call.set_syscall("unshare");
  call.set_comm("bwrap");
  call.add_opened_by("CAP_SYS_ADMIN");
  const auto denials = NewlyFiltered(before, after);
  ASSERT_THAT(denials, SizeIs(1));
  EXPECT_EQ(denials[0].syscall(), "unshare");
  EXPECT_EQ(denials[0].reason(),
            "the seccomp filter denied unshare(2), which it allows only with SYS_ADMIN");
}

TEST(NewDenials, LeaveOutWhatWasDeniedBefore) {
  const v1::Profile refused = ProfileOf({Check()});
  EXPECT_THAT(NewDenials(refused, refused), IsEmpty());
  // The same capability elsewhere is something else.
  EXPECT_THAT(NewDenials(refused, ProfileOf({{.site = "packet_create"}})), SizeIs(1));
  EXPECT_THAT(NewDenials(refused, ProfileOf({{.syscall = "socketpair"}})), SizeIs(1));
}

TEST(NewDenials, LeaveOutDenialsWithoutEffect) {
  for (const char* verdict : {"noise", "probed", "tried", "either", "runtime-only", "foreign"})
    EXPECT_THAT(NewDenials({}, ProfileOf({{.verdict = verdict}})), IsEmpty()) << verdict;
  EXPECT_THAT(NewDenials({}, ProfileOf({{.phase = "runtime"}})), IsEmpty());
  EXPECT_THAT(NewDenials({}, ProfileOf({{.granted = true}})), IsEmpty());
}

TEST(NewDenials, TakeTheErrorsWordWhereTheVerdictIsOpen) {
  for (const char* verdict : {"review", "degrades"}) {
    const auto denials = [&](const std::string& errno_name, const std::string& site_class) {
      return NewDenials(
          {},
          ProfileOf({{.verdict = verdict, .errno_name = errno_name, .site_class = site_class}}));
    };
    EXPECT_THAT(denials("EACCES", "REQ"), SizeIs(1)) << verdict;
    EXPECT_THAT(denials("ENOENT", "REQ"), IsEmpty()) << verdict;
    EXPECT_THAT(denials("", "REQ"), IsEmpty()) << verdict;
    EXPECT_THAT(denials("EPERM", "SILENT"), IsEmpty()) << verdict;
  }
}

TEST(NewDenials, MergeWhatHappenedAtOnePlace) {
  const auto denials =
      NewDenials({}, ProfileOf({Check(), {.errno_name = "EACCES"}, {.binary = "/usr/bin/arping"}}));
  ASSERT_THAT(denials, SizeIs(2));
  EXPECT_EQ(denials[0].count(), 4u);
  EXPECT_THAT(denials[0].errnos(), ElementsAre("EPERM", "EACCES"));
  EXPECT_EQ(denials[1].binary(), "/usr/bin/arping");
}

TEST(Compare, NotesWhatWasNotTested) {
  v1::Profile before = ProfileOf({{.verdict = "required", .granted = true}});
  before.mutable_recommendation()->add_keep("CAP_NET_RAW");
  before.mutable_recommendation()->add_keep("CAP_SETPCAP");  // by a constraint, never checked
  v1::Verification again;
  Compare(before, before, again);
  EXPECT_THAT(again.notes(), IsEmpty());
  v1::Verification never;
  Compare(before, ProfileOf({{.granted = true, .phase = "runtime"}}), never);
  EXPECT_THAT(never.notes(), ElementsAre(StartsWith("this run made no check of NET_RAW, ")));
}

v1::VerifiedRun Ran(const std::string& state, int exit_code = 0, const std::string& check = "") {
  v1::VerifiedRun run;
  run.set_state(state);
  run.set_exit_code(exit_code);
  run.set_check(check);
  return run;
}

v1::Verification Concluded(const v1::VerifiedRun& before, const v1::VerifiedRun& confined) {
  v1::Verification verification;
  verification.set_subject("ping");
  verification.add_keep("CAP_NET_RAW");
  verification.add_keep("CAP_CHOWN");
  if (!before.state().empty()) *verification.mutable_before() = before;
  *verification.mutable_confined() = confined;
  Conclude(verification);
  return verification;
}

TEST(Conclude, SaysWithWhatTheJobWasDone) {
  const v1::Verification done = Concluded(Ran("exited"), Ran("exited"));
  EXPECT_TRUE(done.verified());
  EXPECT_EQ(done.reason(), "verified: ping did its job with CHOWN, NET_RAW and nothing else");
  EXPECT_THAT(done.notes(), IsEmpty());

  v1::Verification nothing;
  nothing.set_subject("true");
  *nothing.mutable_confined() = Ran("exited");
  Conclude(nothing);
  EXPECT_EQ(nothing.reason(), "verified: true did its job with no capability at all");
}

TEST(Conclude, NamesTheDenialAndTheExitStatus) {
  v1::Verification verification;
  *verification.mutable_before() = Ran("exited", 0);
  *verification.mutable_confined() = Ran("exited", 1);
  *verification.add_denials() = NewDenials({}, ProfileOf({Check()}))[0];
  Conclude(verification);
  EXPECT_FALSE(verification.verified());
  EXPECT_EQ(verification.reason(),
            "not verified: CAP_NET_RAW was denied to socket(2) (EPERM) in /usr/bin/ping; "
            "exit status 0 -> 1");
}

TEST(Conclude, ADenialAloneIsEnoughToFail) {
  v1::Verification verification;
  *verification.mutable_confined() = Ran("exited");
  *verification.add_denials() = NewDenials({}, ProfileOf({Check()}))[0];
  Conclude(verification);
  EXPECT_FALSE(verification.verified());
}

TEST(Conclude, ComparesHowRunsEnded) {
  EXPECT_TRUE(Concluded(Ran("exited", 7), Ran("exited", 7)).verified());
  EXPECT_TRUE(Concluded(Ran("stopped", 143), Ran("stopped", 143)).verified());
  EXPECT_TRUE(Concluded(Ran("running"), Ran("running")).verified());
  EXPECT_TRUE(Concluded(Ran("exited"), Ran("running")).verified());  // only slower
  EXPECT_TRUE(Concluded({}, Ran("stopped", 143)).verified());

  EXPECT_THAT(Concluded(Ran("running"), Ran("exited", 0)).reason(), HasSubstr("ended by itself"));
  EXPECT_THAT(Concluded(Ran("stopped"), Ran("stopped", 137)).reason(), HasSubstr("0 -> 137"));
  EXPECT_THAT(Concluded({}, Ran("exited", 2)).reason(), HasSubstr("exit status 2"));
  v1::VerifiedRun failed = Ran("failed", 126);
  failed.set_complaint("cannot run ping: Operation not permitted");
  EXPECT_THAT(Concluded(Ran("exited"), failed).reason(), HasSubstr("Operation not permitted"));
}

TEST(Conclude, DependsOnTheCheck) {
  EXPECT_TRUE(Concluded(Ran("exited", 0, "passed"), Ran("exited", 0, "passed")).verified());
  EXPECT_EQ(Concluded(Ran("exited", 0, "passed"), Ran("exited", 0, "failed")).reason(),
            "not verified: the check failed");
  EXPECT_THAT(Concluded(Ran("exited", 0, "failed"), Ran("exited", 0, "passed")).reason(),
              HasSubstr("in the first run already"));
}

TEST(Conclude, NotesThatTheCommandFailedBefore) {
  EXPECT_THAT(Concluded(Ran("exited", 7), Ran("exited", 7)).notes(),
              ElementsAre(HasSubstr("exit status was 7 in the first run")));
}

TEST(ParseCapabilityList, TakesNamesInAnySpelling) {
  EXPECT_EQ(*ParseCapabilityList("NET_RAW, cap_chown"), (CapabilitySet{13, 0}));
  EXPECT_EQ(*ParseCapabilityList("none"), CapabilitySet());
  for (const char* text : {"", ",", "chown,", "chown,,kill", "chown;kill", "chown|kill", "chown/x",
                           "cap_cap_chown", "chown kill", "64"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseCapabilityList(text).status())) << text;
  EXPECT_THAT(std::string(ParseCapabilityList("NET_RAW,FLY").status().message()),
              StartsWith("there is no capability \"FLY\""));
}

}  // namespace
}  // namespace capmon
