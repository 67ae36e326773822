// SPDX-License-Identifier: Apache-2.0
// Named addresses, templates and `capmon list --watch`, with a real capmond.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/complaint.h"
#include "tests/e2e/sample_daemon.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::Not;

class ListWatchTest : public SampleDaemonTest {
 protected:
  // Without an address, as a user has it in whose home directory this file is.
  Outcome InHome(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& variables = {}) const {
    std::vector<std::string> line = {"env",
                                     "-u",
                                     "CAPMON_ADDRESS",
                                     "-u",
                                     "CAPMON_CONTEXT",
                                     "-u",
                                     "CAPMON_CONFIG",
                                     "-u",
                                     "XDG_CONFIG_HOME",
                                     "HOME=" + directory_.path()};
    line.insert(line.end(), variables.begin(), variables.end());
    line.push_back(CapmonBinary());
    line.insert(line.end(), arguments.begin(), arguments.end());
    return RunProgram(line);
  }
  std::string WriteConfig(const std::string& text) {
    mkdir((directory_ / ".config").c_str(), 0755);
    mkdir((directory_ / ".config/capmon").c_str(), 0755);
    EXPECT_TRUE(WriteFile(directory_ / ".config/capmon/config.yaml", text));
    return directory_ / ".config/capmon/config.yaml";
  }
};

size_t Lines(const std::string& text, const std::string& with) {
  size_t count = 0;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (const std::string& line : lines) count += line.find(with) != line.npos ? 1 : 0;
  return count;
}

TEST_F(ListWatchTest, RowsComeAgainWhenTheyChange) {
  auto table = ChildProcess::Start(daemon_->CommandLine({"list", "--instances", "-w"}));
  auto lines =
      ChildProcess::Start(daemon_->CommandLine({"list", "--instances", "-w", "-o", "json"}));
  ASSERT_TRUE(table.ok() && lines.ok());
  ASSERT_TRUE(Eventually([&] { return Lines(table->out(), "aaaa2222") == 1; })) << table->err();
  ASSERT_TRUE(Eventually([&] { return Lines(lines->out(), kQuietId) == 1; })) << lines->err();
  ASSERT_EQ(daemon_->Capmon({"reset", "aaaa1111"}).exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return Lines(table->out(), "aaaa1111") == 2; })) << table->out();
  EXPECT_TRUE(Eventually([&] { return Lines(lines->out(), kRecordedId) == 2; })) << lines->out();
  EXPECT_EQ(Lines(table->out(), "HELD"), 1u) << table->out();
  EXPECT_EQ(Lines(table->out(), "aaaa2222"), 1u) << "it did not change";
  EXPECT_EQ(Lines(table->out(), "bbbb3333"), 0u) << "it had ended before";
  for (auto* each : {&*table, &*lines}) {
    each->Signal(SIGINT);
    EXPECT_EQ(each->Wait().value_or(-1), 0);
  }
}

TEST_F(ListWatchTest, NamedAddresses) {
  const std::string file = WriteConfig(
      "contexts:\n  here: {address: ../../capmon.sock}\n  away: {address: /nowhere.sock}\n");
  const std::vector<std::string> list = {"list", "--instances", "-q"};
  ExpectComplaint(InHome({"--context", "heer", "list"}), 2, "the nearest is \"here\"");
  ExpectComplaint(InHome({"--context", "here", "--address", "/x", "list"}), 2, "excludes");
  EXPECT_THAT(InHome({"--context", "here", "list", "--instances", "-q"}).out,
              HasSubstr("aaaa1111"));
  EXPECT_THAT(InHome(list, {"CAPMON_CONTEXT=here"}).out, HasSubstr("aaaa1111"));
  ExpectComplaint(InHome(list, {"CAPMON_CONTEXT=away"}), 3, "/nowhere.sock");
  const Outcome used = InHome({"context", "use", "here"});
  EXPECT_EQ(used.out, "The current context is here.\n") << used.err;
  EXPECT_THAT(InHome(list).out, HasSubstr("aaaa1111"));
  EXPECT_EQ(InHome({"context"}).out, absl::StrCat("CURRENT  NAME  ADDRESS\n"
                                                  "         away  /nowhere.sock\n"
                                                  "*        here  ",
                                                  directory_ / "capmon.sock", "\n"));
  EXPECT_THAT(InHome({"__complete", "--", "--context", ""}).out,
              testing::AllOf(HasSubstr("away\t"), HasSubstr("here\t")));
  ASSERT_TRUE(WriteFile(file, "contexts:\n  here: {adress: /x}\n"));
  ExpectComplaint(InHome(list), 2, absl::StrCat(file, ":2: "));
  EXPECT_EQ(InHome({"decode", "1"}).exit_code, 0) << "needs no capmond";
  EXPECT_THAT(InHome(list, {"CAPMON_ADDRESS=" + daemon_->address()}).out, HasSubstr("aaaa1111"));
}

TEST_F(ListWatchTest, Templates) {
  const auto printed = [&](std::vector<std::string> arguments) {
    const Outcome outcome = daemon_->Capmon(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out;
  };
  EXPECT_EQ(printed({"profile", "aaaa1111", "-o", "jsonpath={.recommendation.keep}"}),
            "[\"CAP_NET_RAW\"]");
  EXPECT_EQ(
      printed({"list", "--instances", "-o",
               "jsonpath={range .containers[?(@.checks>2)]}{.used[*]} {.held}{\"\\n\"}{end}"}),
      "CAP_NET_RAW 2\n 1\n");
  EXPECT_EQ(printed({"list", "--instances", "-o", "custom-columns=KEEP:.used,HELD:held"}),
            "KEEP             HELD\n[\"CAP_NET_RAW\"]  2\n[]               1\n");
  EXPECT_EQ(printed({"alerts", "-o", "custom-columns=KIND:.kind,CAP:.capability"}),
            "KIND               CAP\ndenied_capability  CAP_SYS_TIME\n");
  EXPECT_EQ(printed({"explain", "aaaa1111", "NET_RAW", "-o", "jsonpath={..syscall}"}), "socket");
  EXPECT_EQ(printed({"status", "-o", "jsonpath={.backend}"}), "tp_btf");
  EXPECT_EQ(printed({"status", "-o=jsonpath={.backend}"}), "tp_btf") << "kubectl's spelling";
  ExpectComplaint(daemon_->Capmon({"status", "-o", "jsonpath={.a"}), 2, "has no }");
  ExpectComplaint(daemon_->Capmon({"list", "-o", "jsonpath={.workloads[9]}"}), 2, "beyond the end");
  ExpectComplaint(daemon_->Capmon({"list", "-o", "custom-columns=A"}), 2, "TITLE:PATH");
}

TEST_F(ListWatchTest, AgeEndAndNamespaces) {
  EXPECT_THAT(
      daemon_->Capmon({"list"}).out,
      testing::AllOf(HasSubstr("  AGE"), Not(HasSubstr("ENDED")), Not(HasSubstr("NAMESP"))));
  EXPECT_THAT(daemon_->Capmon({"list", "-a"}).out,
              testing::AllOf(HasSubstr("ENDED"), HasSubstr(" ago")));
  EXPECT_EQ(daemon_->Capmon({"list", "-A"}).out.rfind("NAMESPACE", 0), 0u);
  EXPECT_THAT(daemon_->Capmon({"list", "-a", "-q", "--since", "1970-01-01T00:00:00Z"}).out,
              HasSubstr("bbbb3333"));
  EXPECT_EQ(daemon_->Capmon({"list", "-a", "-q", "--since", "1h"}).out, "") << "recorded in 1970";
  ExpectComplaint(daemon_->Capmon({"list", "-A", "-n", "shop"}), 2, "give one of them");
  ExpectComplaint(daemon_->Capmon({"list", "--since", "yesterday"}), 2, "no time");
  ExpectComplaint(daemon_->Capmon({"list", "-l", "a in b"}), 2, "notin");
  ExpectComplaint(daemon_->Capmon({"list", "-w", "-o", "matrix"}), 2, "capmon top");
}

}  // namespace
}  // namespace capmon
