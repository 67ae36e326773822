// SPDX-License-Identifier: Apache-2.0
// What a run shows, what is tried, and how twins are kept away from the original.
#include <gmock/gmock.h>
#include <unistd.h>

#include "client/commands/minimization.h"
#include "client/commands/program_rows.h"
#include "client/commands/record_proofs.h"
#include "client/minimize/candidates.h"
#include "client/minimize/lasting.h"
#include "client/minimize/repeated.h"
#include "client/run/twin_isolation.h"
#include "client/run/twin_owner.h"
#include "client/run/volume_copies.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Capability kChown = 0, kDacOverride = 1, kDacRead = 2, kNetRaw = 13;

v1::CapabilityVerdict& AddRow(v1::Profile& profile, const std::string& capability,
                              const std::string& verdict, bool granted) {
  v1::CapabilityVerdict& row = *profile.add_capabilities();
  row.set_capability(capability);
  row.set_verdict(verdict);
  v1::Evidence& evidence = *row.add_evidence();
  evidence.set_verdict(verdict);
  evidence.set_phase("workload");
  evidence.set_syscall("chown");
  evidence.set_site("chown_ok");
  evidence.set_binary("/bin/job");
  evidence.set_granted(granted);
  return row;
}

TrialRun RunWith(const std::string& state, int exit_code, const std::string& check) {
  TrialRun run;
  run.run.set_state(state);
  run.run.set_exit_code(exit_code);
  run.run.set_check(check);
  return run;
}

TrialRun Denied(const std::string& check) {
  TrialRun run = RunWith("exited", 0, check);
  AddRow(run.profile, "CAP_CHOWN", "missing", false);
  return run;
}

TEST(ResultOf, ADenialIsAFailureOnlyWithoutACheck) {
  const TrialResult result = ResultOf(RunWith("exited", 0, ""), Denied(""), {kChown});
  EXPECT_EQ(result.end, TrialEnd::kFailed);
  EXPECT_THAT(result.why, HasSubstr("CAP_CHOWN was denied to chown(2)"));
  const TrialResult tolerated =
      ResultOf(RunWith("exited", 0, "passed"), Denied("passed"), {kChown});
  EXPECT_EQ(tolerated.end, TrialEnd::kPassed);
  EXPECT_EQ(tolerated.failed, CapabilitySet({kChown}));
  EXPECT_EQ(ResultOf(RunWith("exited", 0, ""), Denied(""), {kNetRaw}).end, TrialEnd::kPassed);
}

TEST(ResultOf, TheEndAndTheCheckCount) {
  const TrialRun before = RunWith("running", 0, "");
  EXPECT_EQ(ResultOf(before, RunWith("exited", 1, "passed"), {}).end, TrialEnd::kFailed);
  EXPECT_EQ(ResultOf(before, RunWith("running", 0, "failed"), {}).why, "the check failed");
  TrialRun unsteady = RunWith("running", 0, "passed");
  unsteady.unsteady = true;
  EXPECT_EQ(ResultOf(before, unsteady, {}).end, TrialEnd::kUnsteady);
  TrialRun interrupted = RunWith("running", 0, "passed");
  interrupted.interrupted_by = 2;
  EXPECT_EQ(ResultOf(before, interrupted, {}).end, TrialEnd::kInterrupted);
}

v1::MinimizedCapability& AddFound(v1::Minimization& report, const std::string& capability,
                                  const std::string& finding) {
  v1::MinimizedCapability& row = *report.add_capabilities();
  row.set_capability(capability);
  row.set_finding(finding);
  row.set_reason("the reason");
  return row;
}

TEST(ProofsOf, ANeedIsDecidedAndWhatTheRunsDidWithoutIsNot) {
  v1::Minimization report;
  report.set_end("done");
  report.set_image_digest("sha256:a");
  report.set_check("curl x");
  report.set_version("1.0");
  report.add_keep("CAP_NET_RAW");
  AddFound(report, "CAP_NET_RAW", "proven");
  AddFound(report, "CAP_CHOWN", "unneeded");
  AddFound(report, "CAP_KILL", "undecided");
  const v1::RecordProofsRequest request = ProofsOf(report);
  EXPECT_EQ(request.digest(), "sha256:a");
  EXPECT_EQ(request.check(), "curl x");
  EXPECT_EQ(request.version(), "1.0");
  EXPECT_THAT(request.keep(), ElementsAre("CAP_NET_RAW"));
  ASSERT_EQ(request.proofs_size(), 3);
  EXPECT_EQ(request.proofs(0).finding(), "needed");
  EXPECT_EQ(request.proofs(1).finding(), "undecided");
  EXPECT_EQ(request.proofs(2).finding(), "undecided");
  EXPECT_THAT(request.proofs(2).uses(), IsEmpty()) << "an undecided one covers nothing";

  report.set_end("random");
  EXPECT_EQ(ProofsOf(report).proofs_size(), 0) << "nothing was decided";
}

TEST(ProofsOf, OfAReplacementBothAreSaid) {
  v1::Minimization report;
  report.set_end("done");
  report.add_keep("CAP_DAC_READ_SEARCH");
  AddFound(report, "CAP_DAC_OVERRIDE", "replaced").set_instead("CAP_DAC_READ_SEARCH");
  const v1::RecordProofsRequest request = ProofsOf(report);
  ASSERT_EQ(request.proofs_size(), 2);
  EXPECT_EQ(request.proofs(0).finding(), "undecided");
  EXPECT_EQ(request.proofs(0).reason(), "DAC_READ_SEARCH is enough instead");
  EXPECT_EQ(request.proofs(1).capability(), "CAP_DAC_READ_SEARCH");
  EXPECT_EQ(request.proofs(1).finding(), "needed");
}

TEST(SharesTheMachine, ByANamespaceOrADevice) {
  const auto shares = [](const char* host) {
    return SharesTheMachine({{"HostConfig", nlohmann::json::parse(host)}});
  };
  EXPECT_FALSE(shares(
      R"({"IpcMode":"private","PidMode":"","NetworkMode":"host","CgroupnsMode":"host","Devices":[]})"));
  EXPECT_TRUE(shares(R"({"UTSMode":"host"})"));
  EXPECT_TRUE(shares(R"({"IpcMode":"container:a"})"));
  EXPECT_TRUE(shares(R"({"Devices":[{"PathOnHost":"/dev/fuse"}]})"));
  EXPECT_TRUE(shares(R"({"Privileged":true})"));
}

TEST(CandidatesOf, TheRecommendedSetWithItsDoubts) {
  v1::Profile profile;
  AddRow(profile, "CAP_CHOWN", "required", true);
  AddRow(profile, "CAP_DAC_READ_SEARCH", "either", true).add_narrower("CAP_DAC_OVERRIDE");
  AddRow(profile, "CAP_NET_RAW", "constraint", true);
  AddRow(profile, "CAP_KILL", "noise", true);
  for (const char* name : {"CAP_CHOWN", "CAP_DAC_READ_SEARCH", "CAP_NET_RAW"})
    profile.mutable_recommendation()->add_keep(name);
  profile.mutable_recommendation()->add_unknown("CAP_MKNOD");
  const auto candidates = CandidatesOf(profile);
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[0].doubt, Doubt::kRequired);
  EXPECT_EQ(candidates[1].capability, kDacRead);
  EXPECT_THAT(candidates[1].narrower, ElementsAre(kDacOverride));
  EXPECT_EQ(candidates[2].doubt, Doubt::kConstraint);
  EXPECT_EQ(candidates[3].doubt, Doubt::kUnknown);
}

// So that a wrong one is corrected.
TEST(CandidatesOf, WhatAnEarlierSearchFoundUnneededIsTriedAgain) {
  v1::Profile profile;
  AddRow(profile, "CAP_CHOWN", "required", true);
  AddRow(profile, "CAP_DAC_OVERRIDE", "required", true).mutable_proof()->set_finding("unneeded");
  profile.mutable_recommendation()->add_keep("CAP_CHOWN");
  profile.mutable_recommendation()->add_proven_unneeded("CAP_DAC_OVERRIDE");
  EXPECT_EQ(SetToBeginWith(profile), CapabilitySet({kChown, kDacOverride}));
  const auto candidates = CandidatesOf(profile);
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].doubt, Doubt::kRequired);
  EXPECT_EQ(candidates[1].capability, kDacOverride);
  EXPECT_EQ(candidates[1].doubt, Doubt::kFoundUnneeded);
  EXPECT_LT(Doubt::kFoundUnneeded, Doubt::kConstraint) << "it is left out first";
}

v1::Minimization Minimized(const std::string& finding) {
  v1::Minimization minimization;
  minimization.set_subject("job\t1");
  minimization.set_check("curl x");
  minimization.set_version("1.0");
  minimization.add_capabilities()->set_capability("CAP_CHOWN");
  minimization.mutable_capabilities(0)->set_finding(finding);
  return minimization;
}

TEST(ProgramRows, OnlyWhatIsUnneededShowsAHabit) {
  v1::Profile profile;
  AddRow(profile, "CAP_CHOWN", "required", true).mutable_evidence(0)->set_binary("/usr/bin/daemon");
  EXPECT_EQ(ProgramRows(profile, Minimized("unneeded")),
            "# proven by capmon 1.0: job\\x091; check: curl x\n"
            "daemon\tgoes-on\tCHOWN\tchown\tdid its job when it was refused\n");
  EXPECT_EQ(ProgramRows(profile, Minimized("undecided")), "");
  // A habit of a shell would be one of all that it runs.
  profile.mutable_capabilities(0)->mutable_evidence(0)->set_binary("/usr/bin/python3.11");
  EXPECT_THAT(ProgramRows(profile, Minimized("unneeded")), HasSubstr("\n# no row, "));
}

TEST(ProgramRows, TheOnlyCallerOfCapsetAdapts) {
  v1::Profile profile;
  AddRow(profile, "CAP_CHOWN", "constraint", true).set_reason("requests it with capset(2)");
  v1::Evidence& call = *AddRow(profile, "CAP_SETPCAP", "noise", true).mutable_evidence(0);
  call.set_syscall("capset");
  call.set_binary("/sbin/asks");
  EXPECT_THAT(ProgramRows(profile, Minimized("unneeded")),
              HasSubstr("\nasks\tadapts\t-\tcapset\trequests only what it finds it has\n"));
}

json Inspected() {
  return json::parse(R"({
    "Id": "0123456789abcdef", "Image": "sha256:feed", "Mounts": [{"Type": "bind"}],
    "Config": {"Labels": {"team": "x", "com.docker.compose.service": "web"}},
    "HostConfig": {"NetworkMode": "shop", "Binds": ["data:/srv", "/etc:/e:rw,z", "/a:/b:ro"],
                   "VolumesFrom": ["db", "other:rw"],
                   "Mounts": [{"Type": "volume", "Target": "/v"}, {"Type": "tmpfs", "Target": "/t"}]},
    "NetworkSettings": {"Networks": {"shop": {}}}})");
}

TwinSettings Isolated(const json& inspected, const Isolation& isolation) {
  TwinSettings twin = SettingsForTwin(inspected, {});
  Isolate(inspected, isolation, twin);
  return twin;
}

TEST(Isolate, ATwinCannotWriteToTheOriginalsVolumes) {
  const TwinSettings twin = Isolated(Inspected(), {.owner = "1-2-3"});
  const json& host = twin.body.at("HostConfig");
  EXPECT_EQ(host.at("Binds"), json({"data:/srv:ro,nocopy", "/etc:/e:ro,z", "/a:/b:ro"}));
  EXPECT_EQ(host.at("VolumesFrom"), json({"db:ro", "other:ro"}));
  EXPECT_EQ(host.at("Mounts")[0].at("ReadOnly"), true);
  EXPECT_FALSE(host.at("Mounts")[1].contains("ReadOnly"));
  EXPECT_EQ(host.at("NetworkMode"), "shop");
  ASSERT_EQ(twin.notes.size(), 1u);
  EXPECT_THAT(twin.notes[0], HasSubstr("read-only"));
  const TwinSettings sharing = Isolated(Inspected(), {.owner = "1", .share_volumes = true});
  EXPECT_EQ(sharing.body.at("HostConfig").at("Binds")[0], "data:/srv");
}

json WithMounts() {
  json inspected = Inspected();
  inspected["Mounts"] = json::parse(R"([
    {"Type": "volume", "Name": "data", "Source": "/var/v/data", "Destination": "/srv", "RW": true},
    {"Type": "bind", "Source": "/etc", "Destination": "/e", "RW": false},
    {"Type": "volume", "Name": "db", "Source": "/var/v/db", "Destination": "/db", "RW": false},
    {"Type": "tmpfs", "Destination": "/t", "RW": true}])");
  return inspected;
}

TEST(MountCopies, WhatTheOriginalMayWriteToIsCopiedAndTheRestReadOnly) {
  const json inspected = WithMounts();
  const auto writable = WritableMounts(inspected);
  ASSERT_EQ(writable.size(), 1u);
  EXPECT_EQ(writable[0].source, "/var/v/data");
  EXPECT_EQ(writable[0].destination, "/srv");
  TwinSettings twin = Isolated(inspected, {.owner = "1-2-3", .copy_volumes = true});
  MountCopies(inspected, {{"/srv", "copy-0"}}, twin.body);
  const json& host = twin.body.at("HostConfig");
  EXPECT_EQ(host.at("Binds"), json({"copy-0:/srv:nocopy", "/etc:/e:ro", "db:/db:ro,nocopy"}));
  EXPECT_FALSE(host.contains("VolumesFrom"));
  EXPECT_EQ(host.at("Mounts"), json({{{"Type", "tmpfs"}, {"Target", "/t"}}}));
  EXPECT_THAT(twin.notes, ElementsAre(HasSubstr("has copies")));
}

TEST(MayBeCopied, WhatIsTooLargeOrElsewhereIsNot) {
  const TempDir directory;
  const std::string file = directory / "file";
  ASSERT_TRUE(WriteFile(file, "x"));
  EXPECT_TRUE(MayBeCopied({{directory.path(), "/srv"}}).ok());
  ASSERT_EQ(truncate(file.c_str(), (1L << 30) + 1), 0);
  EXPECT_THAT(std::string(MayBeCopied({{directory.path(), "/srv"}}).message()),
              HasSubstr("mounted at /srv for each run: the volumes have more than 1 GiB"));
  EXPECT_THAT(std::string(MayBeCopied({{"/no/such", "/srv"}}).message()),
              HasSubstr("/no/such is no directory on this machine"));
  EXPECT_THAT(std::string(MayBeCopied({{file, "/srv"}}).message()), HasSubstr("no directory"));
}

TEST(Isolate, ATwinIsNotTakenForTheOriginal) {
  const json labels = Isolated(Inspected(), {.owner = "1-2-3"}).body.at("Labels");
  EXPECT_FALSE(labels.contains("com.docker.compose.service"));
  EXPECT_EQ(labels.at("team"), "x");
  EXPECT_EQ(labels.at("capmon.workload"), "capmon-minimize");
  EXPECT_EQ(labels.at(kTwinOwnerLabel), "1-2-3");
}

// Otherwise a port below 1024 would need no capability in the twin.
TEST(Isolate, ANetworkOfItsOwnHasTheSettingsOfTheSharedOne) {
  json inspected = Inspected();
  inspected["HostConfig"]["NetworkMode"] = "host";
  const TwinSettings twin =
      Isolated(inspected, {.surroundings = {{"net.ipv4.ip_unprivileged_port_start", "80"}}});
  const json& host = twin.body.at("HostConfig");
  EXPECT_EQ(host.at("NetworkMode"), "none");
  EXPECT_EQ(host.at("Sysctls"), json({{"net.ipv4.ip_unprivileged_port_start", "80"},
                                      {"net.ipv4.ping_group_range", "1 0"}}));
}

TEST(OwnerOfTwins, ThisProcessRunsAndOthersEnded) {
  const std::string own = OwnerOfTwins();
  ASSERT_FALSE(own.empty());
  EXPECT_FALSE(HasEnded(own));
  const std::string space = own.substr(own.rfind('-'));
  EXPECT_TRUE(HasEnded("999999999-1" + space));
  EXPECT_TRUE(HasEnded(std::to_string(getpid()) + "-1" + space));
  // Elsewhere, or no owner at all.
  EXPECT_FALSE(HasEnded("999999999-1-1"));
  EXPECT_FALSE(HasEnded("web"));
  EXPECT_FALSE(HasEnded(""));
}

}  // namespace
}  // namespace capmon
