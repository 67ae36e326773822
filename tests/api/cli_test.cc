// SPDX-License-Identifier: Apache-2.0
// The real capmon against the real server: exit codes, one sentence on stderr, only JSON on stdout.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "generated/build_paths.h"
#include "generated/version.h"
#include "tests/api/live_server.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr Capability kNetRaw = 13, kSysAdmin = 21;
constexpr char kCapmon[] = CAPMON_BINARY_DIR "/bin/capmon";

// Joins the lines of long texts.
std::string Unwrapped(const std::string& text) {
  return std::regex_replace(text, std::regex("\n +"), " ");
}

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    live_.AddContainer(10, 'a', "web");
    live_.AddChecks(10, kNetRaw, true, 1842);
    live_.AddChecks(10, kSysAdmin, false);
  }

  std::vector<std::string> CommandLine(const std::vector<std::string>& arguments) const {
    std::vector<std::string> line = {kCapmon, "--address", live_.address()};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return line;
  }
  Outcome Capmon(const std::vector<std::string>& arguments) const {
    return RunProgram(CommandLine(arguments));
  }
  // Returns the output of a command that must succeed without a message.
  std::string Good(const std::vector<std::string>& arguments) const {
    const Outcome outcome = Capmon(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, IsEmpty());
    return outcome.out;
  }
  // Returns the message of a command that must fail with exactly one sentence.
  std::string Bad(const std::vector<std::string>& arguments, int exit_code) const {
    const Outcome outcome = Capmon(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, AllOf(StartsWith("capmon: "), EndsWith("\n")));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
    return outcome.err;
  }

  LiveServer live_;
};

TEST_F(CliTest, PrintsTheProfileForPeople) {
  const std::string text = Good({"profile", "web"});
  EXPECT_THAT(text, HasSubstr("web   image nginx:1   learned "));
  EXPECT_THAT(text, HasSubstr("Keep: NET_RAW\n"));
  EXPECT_THAT(text, HasSubstr("1,842"));
  for (const Capability c : (DockerDefaults() - CapabilitySet({kNetRaw})).members())
    EXPECT_THAT(text, HasSubstr(ShortCapabilityName(c)));
  EXPECT_EQ(text.find("Next:"), text.npos) << "only people on a terminal get advice";
  EXPECT_EQ(Good({"--no-headers", "profile", "web"}).find("VERDICT"), text.npos);
}

TEST_F(CliTest, PrintsOneJsonDocumentAndNothingElse) {
  const json profile = json::parse(Good({"profile", "web", "-o", "json"}));
  EXPECT_EQ(profile["container"]["name"], "web");
  EXPECT_EQ(profile["recommendation"]["keep"], json::array({"CAP_NET_RAW"}));
  EXPECT_EQ(profile["recommendation"]["remove"].size(), 13u);
  EXPECT_EQ(profile["confidence"]["lost"], "0") << "64-bit numbers are strings in proto3 JSON";
  EXPECT_TRUE(profile["capabilities"][0].contains("narrower"));

  EXPECT_EQ(json::parse(Good({"-o", "json", "list"}))["workloads"].size(), 1u);
  EXPECT_EQ(json::parse(Good({"-o", "json", "list", "--instances"}))["containers"].size(), 1u);
  EXPECT_EQ(json::parse(Good({"status", "-o", "json"}))["backend"], "replay");
  EXPECT_EQ(json::parse(Good({"alerts", "-o", "json"}))["alerts"].size(), 1u);
  const json explanation = json::parse(Good({"explain", "web", "net_raw", "-o", "json"}));
  EXPECT_EQ(explanation["capability"]["evidence"][0]["count"], "1842");
}

TEST_F(CliTest, StatusEndsWithOneWhenCapmondIsNotHealthy) {
  live_.SetHealth({false, "out of breath", 0});
  const Outcome outcome = RunProgram(CommandLine({"status"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("not healthy: out of breath"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CliTest, DoctorFindsWhatIsBroken) {
  live_.SetHealth({false, "out of breath", 0});
  const Outcome outcome = RunProgram(CommandLine({"doctor", "-o", "json"}));
  EXPECT_EQ(outcome.exit_code, 1);
  const json found = json::parse(outcome.out);
  EXPECT_EQ(found["worst"], "broken");
  EXPECT_THAT(found["observations"].dump(), HasSubstr("out of breath"));
  EXPECT_EQ(RunProgram({kCapmon, "--address", "unix:///nowhere/sock", "doctor"}).exit_code, 3);
}

TEST_F(CliTest, PrintsOneLineEachForJsonl) {
  live_.AddContainer(11, 'b', "db");
  std::istringstream lines(Good({"list", "--instances", "-o", "jsonl"}));
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);)
    names.push_back(json::parse(line)["container"]["name"]);
  EXPECT_THAT(names, ::testing::ElementsAre("db", "web"));
}

TEST_F(CliTest, TablesEscapeControlCharacters) {
  live_.AddContainer(11, 'b', "\x1b[2Jevil");
  live_.AddChecks(11, kSysAdmin, false);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list", "--instances"}, {"alerts"}, {"-o", "wide", "list"}}) {
    const std::string text = Good(command);
    EXPECT_EQ(text.find('\x1b'), text.npos);
    EXPECT_THAT(text, HasSubstr("evil"));
  }
}

TEST_F(CliTest, GlobalOptionsStandAnywhere) {
  EXPECT_EQ(Good({"-o", "json", "profile", "web"}), Good({"profile", "-o", "json", "web"}));
  const Outcome late = RunProgram({kCapmon, "profile", "web", "--address", live_.address()});
  EXPECT_EQ(late.exit_code, 0) << late.err;
}

TEST_F(CliTest, WrongUsageIsTwo) {
  Bad({}, 2);
  EXPECT_THAT(Bad({"frobnicate"}, 2), HasSubstr("frobnicate"));
  Bad({"profile"}, 2);
  Bad({"approve", "web", "more"}, 2);
  Bad({"list", "--nonsense"}, 2);
  EXPECT_THAT(Bad({"-o", "xml", "list"}, 2), HasSubstr("table, wide, json, jsonl, yaml"));
  EXPECT_THAT(Bad({"explain", "web"}, 2), HasSubstr("see capmon explain --help"));
  EXPECT_THAT(Bad({"run", "ls", "-x"}, 2), HasSubstr("put -- before the command"));
  EXPECT_THAT(Bad({"encode", "all", "-kill"}, 2), HasSubstr("put -- before the names"));
  Bad({"explain", "web", "NONSENSE"}, 2);
  Bad({"profile", ""}, 2);
  Bad({"profile", "a\xff"}, 2);
  Bad({"decode", "xyz"}, 2);
  Bad({"run"}, 2);
  Bad({"--address", "tcp://localhost", "status"}, 2);
}

TEST_F(CliTest, AnUnreachableDaemonIsThree) {
  const std::string nowhere = "unix://" + (live_.directory_ / "nobody.sock");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list"}, {"profile", "web"}, {"watch"}, {"run", "--", "true"}}) {
    std::vector<std::string> arguments = {"--address", nowhere};
    arguments.insert(arguments.end(), command.begin(), command.end());
    EXPECT_THAT(Bad(arguments, 3), HasSubstr("nobody.sock"));
  }
  live_.server->Stop();
  EXPECT_THAT(Bad({"status"}, 3), HasSubstr("is not running"));
}

TEST_F(CliTest, RunRunsNothingWhenItCouldNotBeWatched) {
  live_.server->Stop();
  Bad({"run", "--", "touch", live_.directory_ / "ran"}, 3);
  EXPECT_NE(::access((live_.directory_ / "ran").c_str(), F_OK), 0);
}

TEST_F(CliTest, NotFoundOrAmbiguousIsFour) {
  live_.AddContainer(11, 'b', "twin");
  live_.AddContainer(12, 'c', "twin");
  EXPECT_THAT(Bad({"profile", "nobody"}, 4), HasSubstr("nobody"));
  EXPECT_THAT(Bad({"profile", "twin", "--instance"}, 4),
              AllOf(HasSubstr("bbbb"), HasSubstr("cccc")));
  Bad({"explain", "nobody", "NET_RAW"}, 4);
  Bad({"watch", "nobody"}, 4);
  Bad({"profile", "pid:999999999"}, 4);
}

// One that is not there hides no other, is complained about once, and leaves no separator.
TEST_F(CliTest, SeveralProfilesAreSeparated) {
  live_.AddContainer(11, 'b', "db");
  const auto count = [](const std::string& text, const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  const std::string both = Good({"profile", "web", "db", "-o", "yaml"});
  EXPECT_EQ(count(both, "---\n"), 1u) << both;
  for (const std::vector<std::string>& references :
       {std::vector<std::string>{"web", "nobody"}, {"nobody", "web"}}) {
    std::vector<std::string> line = {"profile", "-o", "yaml"};
    line.insert(line.end(), references.begin(), references.end());
    const Outcome outcome = Capmon(line);
    EXPECT_EQ(outcome.exit_code, 4);
    EXPECT_EQ(count(outcome.err, "nobody"), 1u) << outcome.err;
    EXPECT_EQ(count(outcome.out, "---\n"), 0u) << outcome.out;
    EXPECT_EQ(outcome.out, Good({"profile", "-o", "yaml", "web"}));
  }
  EXPECT_EQ(Good({"profile", "web", "db"}),
            Good({"profile", "web"}) + "\n" + Good({"profile", "db"}));
}

// As xargs gives them.
TEST_F(CliTest, ManyProfilesAtOnce) {
  std::vector<std::string> line = {"--no-headers", "profile", "-o", "jsonl"};
  line.insert(line.end(), 150, "web");
  const std::string out = Good(line);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 150);
}

TEST_F(CliTest, AFilterThatCanFitNothingIsAFault) {
  EXPECT_THAT(Bad({"list", "--filter", "state=stabel"}, 2), HasSubstr("there are learning"));
  EXPECT_THAT(Bad({"list", "--filter", "keep=NET_ROW"}, 2), HasSubstr("fits no capability"));
  EXPECT_THAT(Bad({"list", "-l", ","}, 2), HasSubstr("write KEY, !KEY, KEY=VALUE"));
}

TEST_F(CliTest, NoPermissionIsSix) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root to become somebody else";
  ASSERT_EQ(::chmod((live_.directory_ / "run").c_str(), 0755), 0);
  const Outcome outcome = RunProgram(CommandLine({"status"}), {.user = 65534, .cgroups = {}});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_THAT(outcome.err, HasSubstr("as root"));

  ASSERT_EQ(::chmod(live_.socket().c_str(), 0666), 0);
  const Outcome run =
      RunProgram(CommandLine({"run", "--", "true"}), {.user = 65534, .cgroups = {}});
  EXPECT_EQ(run.exit_code, 6);
}

TEST_F(CliTest, AReaderThatLeavesIsNoFailure) {
  const std::string fifo = live_.directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string command : {"list", "profile web -o json", "alerts -f"}) {
    // Output whose reader is gone when capmon starts.
    const Outcome outcome =
        RunProgram({"/bin/sh", "-c",
                    "exec 3<>" + fifo + " 4>" + fifo + " 3<&-; exec " + std::string(kCapmon) +
                        " --address " + live_.address() + " " + command + " >&4"});
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_THAT(outcome.err, IsEmpty());
  }
}

TEST_F(CliTest, LostOutputIsAFailure) {
  const Outcome full = RunProgram({"/bin/sh", "-c", std::string(kCapmon) + " version >/dev/full"});
  EXPECT_NE(full.exit_code, 0);
  EXPECT_THAT(full.err, HasSubstr("No space left"));
  const Outcome closed = RunProgram(
      {"/bin/sh", "-c", std::string(kCapmon) + " --address " + live_.address() + " status >&-"});
  EXPECT_NE(closed.exit_code, 0);
  EXPECT_THAT(closed.err, HasSubstr("Bad file descriptor"));
}

TEST_F(CliTest, WatchPrintsLinesAsTheyComeAndEndsQuietly) {
  auto watch = ChildProcess::Start(CommandLine({"watch", "-o", "json"}));
  ASSERT_TRUE(watch.ok()) << watch.status();
  ASSERT_TRUE(Eventually([&] { return live_.events.has_readers(); }));
  live_.AddChecks(10, kNetRaw, true, 7);
  ASSERT_TRUE(Eventually([&] { return watch->out().find('\n') != std::string::npos; }));
  EXPECT_EQ(json::parse(watch->out().substr(0, watch->out().find('\n')))["evidence"]["count"], "7");
  watch->Signal(SIGINT);
  const auto exit_code = watch->Wait();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0);
  EXPECT_THAT(watch->err(), IsEmpty());
}

TEST_F(CliTest, AlertsFollowUntilTheDaemonStops) {
  auto alerts = ChildProcess::Start(CommandLine({"alerts", "-f", "--no-headers"}));
  ASSERT_TRUE(alerts.ok()) << alerts.status();
  ASSERT_TRUE(Eventually([&] { return alerts->out().find("SYS_ADMIN") != std::string::npos; }));
  live_.AddChecks(10, 16, false);
  ASSERT_TRUE(Eventually([&] { return alerts->out().find("SYS_MODULE") != std::string::npos; }));
  live_.server->Stop();
  const auto exit_code = alerts->Wait();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 3);
  EXPECT_THAT(alerts->err(), HasSubstr("stopped"));
}

TEST_F(CliTest, OrdersTakeEffect) {
  EXPECT_EQ(Good({"baseline", "web"}), "In the baseline: NET_RAW\n");
  EXPECT_THAT(Good({"reset", "web"}), HasSubstr("deleted"));
  EXPECT_THAT(Good({"profile", "web"}), HasSubstr("Keep: nothing\n"));
}

TEST_F(CliTest, TheApproverIsTheUserWhomTheKernelNames) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  const auto as = [&](const std::string& uid, const std::string& command) {
    std::vector<std::string> line = {"setpriv", "--reuid", uid, "--regid", "0", "--clear-groups"};
    for (const std::string& word : CommandLine({command, "docker:web"})) line.push_back(word);
    return RunProgram(line);
  };
  EXPECT_THAT(as(std::to_string(kOperator), "approve").out, HasSubstr("approved by uid 65533 at "));
  EXPECT_THAT(as("0", "approve").out, HasSubstr("approved by root (uid 0) at "));
  EXPECT_THAT(Good({"profile", "docker:web"}), HasSubstr("Approved: by root (uid 0) at "));
}

TEST_F(CliTest, ImportsWhatAnotherMachineExported) {
  LiveServer other;
  other.AddContainer(11, 'b', "web");
  other.AddChecks(11, 5, true);
  TempDir directory;
  const std::string file = directory / "web.yaml";
  std::ofstream(file) << RunProgram({kCapmon, "--address", other.address(), "export"}).out;
  for (int twice = 0; twice < 2; ++twice)
    EXPECT_EQ(Good({"import", file}), file + ": imported 1 workload, 1 instance\n");
  const std::string profile = Unwrapped(Good({"profile", "web"}));
  EXPECT_THAT(profile, HasSubstr("Keep: KILL, NET_RAW\n"));
  EXPECT_THAT(profile, HasSubstr("Imported: 1 instance by "));
  EXPECT_THAT(profile, HasSubstr(", from \"" + file + "\"\n"));
  EXPECT_THAT(profile, HasSubstr("0 of 1 + 1 of 1 imported"));
  EXPECT_THAT(Good({"export"}), Not(HasSubstr("KILL: review"))) << "only what was seen here";
  EXPECT_EQ(Good({"reset", "--imported", "web"}),
            "What was imported for its workload is deleted: 1 row.\n");
  EXPECT_THAT(Good({"profile", "web"}), HasSubstr("Keep: NET_RAW\n"));
  std::ofstream(file) << "version: 1\nworkload: \"web\"\ninstances: [{id: x, state: stable}]\n";
  EXPECT_THAT(Bad({"import", file}, 2), HasSubstr("no workload has this name"));
}

TEST_F(CliTest, AnExportThatIsImportedAgainCountsNothingTwice) {
  TempDir directory;
  const std::string file = directory / "web.yaml";
  std::ofstream(file) << Good({"export", "web"});
  const std::string before = Good({"profile", "web", "-o", "json"});
  Good({"import", file});
  EXPECT_THAT(Unwrapped(Good({"profile", "web"})),
              HasSubstr("; 1 was seen here, and not counted again\n"));
  const auto capabilities = [](const std::string& text) {
    return json::parse(text)["capabilities"];
  };
  EXPECT_EQ(capabilities(Good({"profile", "web", "-o", "json"})), capabilities(before));
}

TEST_F(CliTest, AFileIsNoAuthor) {
  TempDir directory;
  const std::string file = directory / "web.yaml\", by root (uid 0) at 2026-01-31 12:00:00 UTC";
  std::ofstream(file)
      << "version: 1\nworkload: \"docker:web\"\ninstances: [{id: x, state: stable}]\n";
  Good({"import", file});
  EXPECT_THAT(Unwrapped(Good({"profile", "web"})),
              HasSubstr(", from \"" + (directory / "web.yaml\\\", by root (uid 0) at")));
}

TEST_F(CliTest, ImportsAllFilesOrNone) {
  TempDir directory;
  const std::string good = directory / "good.yaml", bad = directory / "bad.yaml";
  const std::string row = "\ninstances: [{id: x, state: stable, needs: {KILL: required}}]\n";
  std::ofstream(good) << "version: 1\nworkload: \"docker:web\"" << row;
  std::ofstream(bad) << "version: 1\nworkload: \"file:/tmp/web.yaml\"" << row;
  EXPECT_THAT(Bad({"import", good, bad}, 2), HasSubstr("no workload has this name"));
  EXPECT_THAT(Good({"profile", "web"}), HasSubstr("Keep: NET_RAW\n"));
  std::ofstream(bad) << "version: 1\nworkload: \"docker:web\"\ncluster: other" << row;
  EXPECT_THAT(Bad({"import", good, bad}, 2), HasSubstr("with --any-cluster it is imported"));
  EXPECT_THAT(Good({"profile", "web"}), HasSubstr("Keep: NET_RAW\n"));
  Good({"import", "--any-cluster", good, bad});
  EXPECT_THAT(Good({"profile", "web"}), HasSubstr("Keep: KILL, NET_RAW\n"));
}

// A test run of the next image was imported; the image that runs needs less.
TEST_F(CliTest, AManifestIsCheckedAgainstWhatWasImportedOfAnyImage) {
  live_.AddContainer(12, 'c', "shop-api-1", "compose:shop/api", 'a');
  TempDir directory;
  const std::string file = directory / "api.yaml", manifest = directory / "compose.yaml";
  std::ofstream(file) << "version: 1\nworkload: \"compose:shop/api\"\ndigest: \"sha256:"
                      << std::string(64, 'b')
                      << "\"\ninstances: [{id: x, state: stable, needs: {KILL: required}}]\n";
  Good({"import", file});
  for (const char* image : {"nginx:1", "nginx:2"}) {
    std::ofstream(manifest) << "name: shop\nservices:\n  api:\n    image: " << image
                            << "\n    cap_drop: [ALL]\n";
    const Outcome checked = Capmon({"check", "-f", manifest});
    EXPECT_EQ(checked.exit_code, 1) << image << checked.out << checked.err;
    EXPECT_THAT(checked.out, HasSubstr("lacks KILL")) << image;
  }
}

TEST_F(CliTest, NeedsNoDaemonToDecode) {
  const Outcome outcome = RunProgram({kCapmon, "decode", "0x2001"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "0x0000000000002001=CAP_CHOWN,CAP_NET_RAW\n");
  EXPECT_EQ(json::parse(Good({"version", "-o", "json"}))["version"], CAPMON_VERSION);
}

// The change is in effect all the same.
TEST_F(CliTest, AChangeThatCannotBeStoredIsNoSuccess) {
  live_.keeps.With([](std::vector<Layer>& keeps) {
    keeps = {{"store", "failing", "use /var/lib/capmon/capmon.db: database or disk is full"}};
  });
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"approve", "docker:web"},
                                             {"baseline", "reset", "docker:web"},
                                             {"baseline", "web"},
                                             {"reset", "web"}})
    EXPECT_THAT(Bad(command, 3), AllOf(HasSubstr("could not be stored"), HasSubstr("disk is full")))
        << command[0];
  EXPECT_EQ(Capmon({"profile", "web"}).exit_code, 0) << "reading is not concerned";
  live_.keeps.With([](std::vector<Layer>& keeps) { keeps[0].state = "ok"; });
  EXPECT_THAT(Good({"approve", "docker:web"}), HasSubstr("approved by"));
}

}  // namespace
}  // namespace capmon
