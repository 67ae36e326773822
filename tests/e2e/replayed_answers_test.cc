// SPDX-License-Identifier: Apache-2.0
// The answer of every command for one recording, as tables and as documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/sample_daemon.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ReplayedAnswersTest : public SampleDaemonTest {
 protected:
  std::string Answer(const std::vector<std::string>& arguments) const {
    const Outcome outcome = daemon_->Capmon(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }
};

json RowOf(const json& profile, const std::string& capability) {
  for (const json& row : profile.at("capabilities")) {
    if (row.at("capability") == capability) return row;
  }
  return nullptr;
}

TEST_F(ReplayedAnswersTest, List) {
  const std::string running = Answer({"list", "--instances"});
  EXPECT_THAT(running, HasSubstr("aaaa1111"));
  EXPECT_THAT(running, HasSubstr("aaaa2222"));
  EXPECT_THAT(running, Not(HasSubstr("bbbb3333")));
  EXPECT_THAT(Answer({"list", "--instances", "-a"}), HasSubstr("bbbb3333"));

  const json all = daemon_->Json({"list", "--instances", "-a"});
  ASSERT_EQ(all.at("containers").size(), 3u) << all.dump(1);
  EXPECT_EQ(all.at("containers")[0].at("container").at("id"), kRecordedId);
  EXPECT_EQ(all.at("containers")[0].at("used"), json::array({"CAP_NET_RAW"}));
  EXPECT_EQ(all.at("containers")[0].at("denied"), json::array({"CAP_SYS_TIME"}));
  EXPECT_EQ(all.at("containers")[0].at("held"), 2);
  EXPECT_EQ(all.at("containers")[0].at("held_set"), json::array({"CAP_KILL", "CAP_NET_RAW"}));
  EXPECT_EQ(all.at("containers")[0].at("held_known"), true);
  EXPECT_EQ(all.at("containers")[1].at("container").at("id"), kQuietId);
  EXPECT_EQ(all.at("containers")[2].at("container").at("id"), kEndedId);
}

TEST_F(ReplayedAnswersTest, YamlIsWhatJsonIs) {
  if (RunProgram({"python3", "-c", "import yaml"}).exit_code != 0) GTEST_SKIP() << "needs yaml";
  const std::string same =
      "import json, sys, yaml; a, b = open(sys.argv[1]), open(sys.argv[2]); "
      "sys.exit(json.load(a) != yaml.safe_load(b))";
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"list", "--instances", "-a"},
                                             {"profile", kRecordedId},
                                             {"explain", kRecordedId, "NET_RAW"},
                                             {"alerts"},
                                             {"inspect", "1"},
                                             {"files", "/usr/bin"},
                                             {"decode", "1", "CapEff:3"},
                                             {"encode", "all"},
                                             {"version"}}) {
    SCOPED_TRACE(command[0]);
    for (const std::string form : {"json", "yaml"}) {
      std::vector<std::string> line = command;
      line.insert(line.end(), {"-o", form});
      ASSERT_TRUE(WriteFile(directory_ / form, Answer(line)));
    }
    const Outcome compared =
        RunProgram({"python3", "-c", same, directory_ / "json", directory_ / "yaml"});
    EXPECT_EQ(compared.exit_code, 0) << compared.err << ReadFile(directory_ / "yaml");
  }
}

TEST_F(ReplayedAnswersTest, Matrix) {
  EXPECT_EQ(Answer({"list", "--instances", "-o", "matrix", "--ascii", "--no-headers"}),
            "aaaa22220000  100  o . . .\n"
            "aaaa11110000    5  . # ! o\n");
}

TEST_F(ReplayedAnswersTest, Profile) {
  const json profile = daemon_->Json({"profile", "aaaa1111"});
  ASSERT_TRUE(profile.is_object());
  EXPECT_EQ(profile.at("container").at("runtime"), "docker");
  EXPECT_EQ(profile.at("recommendation").at("keep"), json::array({"CAP_NET_RAW"}));
  EXPECT_EQ(profile.at("recommendation").at("remove"), json::array({"CAP_KILL"}));
  EXPECT_EQ(RowOf(profile, "CAP_NET_RAW").at("verdict"), "required");
  EXPECT_EQ(RowOf(profile, "CAP_NET_RAW").at("count"), "2");
  EXPECT_EQ(RowOf(profile, "CAP_SYS_TIME").at("verdict"), "missing");
  EXPECT_EQ(RowOf(profile, "CAP_SYS_TIME").at("denied"), "1");
  EXPECT_EQ(RowOf(profile, "CAP_KILL").at("verdict"), "unused");
  EXPECT_EQ(profile.at("confidence").at("backend"), "tp_btf");

  const std::string table = Answer({"profile", "aaaa1111"});
  for (const char* word : {"CAPABILITY", "NET_RAW", "required", "SYS_TIME", "missing", "KILL"}) {
    EXPECT_THAT(table, HasSubstr(word));
  }
}

TEST_F(ReplayedAnswersTest, Settings) {
  const Outcome flags = daemon_->Capmon({"profile", "aaaa1111", "--as", "docker"});
  EXPECT_EQ(flags.exit_code, 0) << flags.err;
  EXPECT_EQ(flags.out, "--cap-drop=ALL --cap-add=NET_RAW --security-opt=no-new-privileges\n");
  EXPECT_THAT(flags.err, HasSubstr("Denied while observed, and not added: SYS_TIME."));
  EXPECT_THAT(Answer({"profile", "aaaa1111", "--as", "systemd"}),
              HasSubstr("CapabilityBoundingSet=CAP_NET_RAW\n"));
  const Outcome help = RunProgram({CapmonBinary(), "profile", "--help"});
  for (const char* kind : {"docker", "vap", "seccomp"}) EXPECT_THAT(help.out, HasSubstr(kind));
}

TEST_F(ReplayedAnswersTest, IncompleteEvidenceIsAFailureWithStrict) {
  const Outcome table = daemon_->Capmon({"profile", "aaaa1111", "--strict"});
  EXPECT_EQ(table.exit_code, 5);
  EXPECT_THAT(table.out, HasSubstr("NET_RAW"));
  EXPECT_THAT(table.err, HasSubstr("capmon: the evidence is incomplete"));
  const Outcome settings = daemon_->Capmon({"profile", "aaaa1111", "--strict", "--as", "k8s"});
  EXPECT_EQ(settings.exit_code, 5);
  EXPECT_EQ(settings.out, "");
}

// A container that ran before capmond.
TEST(UnknownAnswersTest, NoCommandSaysToDropAnything) {
  TempDir directory;
  const std::string before(64, 'c'), lossy(64, 'd');
  const std::string start =
      " pid=100 comm=sh path=/bin/sh exe=5 origin=own prm=2021 eff=2021 bnd=2021";
  ASSERT_TRUE(WriteFile(
      directory / "recording",
      "capmon-recording 1\n"
      "source t=1000000000 backend=tp_btf kernel=6.18.0 layout=v2 outcomes=1\n"
      "cgroup t=1000000001 id=10 path=/docker/" +
          before +
          " existing=1\n"
          "exec t=1000000002 cgroup=10 existing=1" +
          start +
          "\n"
          "check t=2000000000 cgroup=10 cap=CAP_NET_RAW granted=1 site=inet_create syscall=socket "
          "traits=8 origin=own exe=5 count=2 ok=2\n"
          "cgroup t=2000000001 id=20 path=/docker/" +
          lossy +
          "\n"
          "exec t=2000000002 cgroup=20" +
          start +
          "\n"
          "lost t=2000000003 cause=map-full cgroup=20 count=7\n"
          "clock t=900000000000\n"));
  auto daemon = CapmonDaemon::Start(directory.path(), {"--replay", directory / "recording"});
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  for (const auto& [id, why] : {std::pair{before, "its start was not seen: it ran before capmond"},
                                {lossy, "7 pieces of its evidence were lost (map-full)"}}) {
    SCOPED_TRACE(why);
    const json advice = daemon->Json({"profile", id}).at("recommendation");
    EXPECT_EQ(advice.at("remove"), json::array());
    EXPECT_EQ(advice.at("unknown_reason"), why);
    EXPECT_EQ(advice.at("keep").size() + advice.at("unknown").size(), 3u);
    for (const char* kind :
         {"docker", "podman", "compose", "k8s", "k8s-patch", "psa", "vap", "kyverno", "gatekeeper",
          "systemd", "apparmor", "oci", "setcap", "seccomp"}) {
      const Outcome settings = daemon->Capmon({"profile", id, "--as", kind});
      EXPECT_EQ(settings.exit_code, 5) << kind;
      EXPECT_EQ(settings.out, "");
      EXPECT_THAT(
          settings.err,
          testing::AllOf(HasSubstr(why), HasSubstr("; recreate it, or at least restart it, or "),
                         HasSubstr("--assume-unused")));
    }
    EXPECT_EQ(daemon->Capmon({"profile", id, "--as", "docker", "--assume-unused"}).exit_code, 0);
    const Outcome strict = daemon->Capmon({"profile", id, "--strict"});
    EXPECT_EQ(strict.exit_code, 5);
    EXPECT_THAT(
        strict.err,
        testing::AllOf(HasSubstr("; recreate it, or at least restart it, or leave out --strict"),
                       Not(HasSubstr("longer"))));
  }
  const std::string matrix =
      daemon->Capmon({"list", "--instances", "-o", "matrix", "--ascii", "--no-headers"}).out;
  EXPECT_THAT(matrix, testing::AllOf(HasSubstr("?"), Not(HasSubstr(" o"))));
}

TEST_F(ReplayedAnswersTest, NoiseIsNoNeed) {
  const json profile = daemon_->Json({"profile", "aaaa2222"});
  EXPECT_EQ(profile.at("recommendation").at("keep"), json::array());
  EXPECT_EQ(RowOf(profile, "CAP_SYS_ADMIN").at("verdict"), "noise");
}

TEST_F(ReplayedAnswersTest, Explain) {
  const json explanation = daemon_->Json({"explain", "aaaa1111", "net_raw"});
  const json evidence = explanation.at("capability").at("evidence");
  ASSERT_EQ(evidence.size(), 1u) << explanation.dump(1);
  EXPECT_EQ(evidence[0].at("site"), "inet_create");
  EXPECT_EQ(evidence[0].at("syscall"), "socket");
  EXPECT_EQ(evidence[0].at("binary"), "/bin/ping");
  EXPECT_EQ(evidence[0].at("count"), "2");
  EXPECT_THAT(Answer({"explain", "aaaa1111", "NET_RAW"}), HasSubstr("inet_create"));
}

TEST_F(ReplayedAnswersTest, StatusSaysThatThisIsNoKernel) {
  const json status = daemon_->Json({"status"});
  EXPECT_EQ(status.at("backend"), "tp_btf");
  EXPECT_EQ(status.at("kernel"), "6.18.0");
  EXPECT_EQ(status.at("cgroup_layout"), "v2");
}

TEST_F(ReplayedAnswersTest, AlertsReportTheDenial) {
  const Outcome outcome = daemon_->Capmon({"alerts", "-o", "jsonl"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json alert = json::parse(outcome.out, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(alert.is_object()) << outcome.out;  // exactly one line
  EXPECT_EQ(alert.at("kind"), "denied_capability");
  EXPECT_EQ(alert.at("capability"), "CAP_SYS_TIME");
  EXPECT_EQ(alert.at("container").at("id"), kRecordedId);
}

TEST_F(ReplayedAnswersTest, TheSameQuestionGetsTheSameBytes) {
  const std::string first = Answer({"profile", "aaaa1111", "-o", "json"});
  EXPECT_EQ(Answer({"profile", "aaaa1111", "-o", "json"}), first);
  ASSERT_EQ(daemon_->Stop().value_or(-1), 0) << daemon_->process().err();
  auto again = CapmonDaemon::Start(directory_.path(), {"--replay", directory_ / "recording"});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Capmon({"profile", "aaaa1111", "-o", "json"}).out, first);
}

TEST(LocalAnswersTest, DecodeNeedsNoDaemon) {
  const Outcome decoded = RunProgram({CapmonBinary(), "decode", "00000000a80425fb"});
  EXPECT_EQ(decoded.exit_code, 0) << decoded.err;
  EXPECT_THAT(decoded.out, HasSubstr("NET_BIND_SERVICE"));
  EXPECT_THAT(decoded.out, Not(HasSubstr("SYS_ADMIN")));
}

}  // namespace
}  // namespace capmon
