// SPDX-License-Identifier: Apache-2.0
#include "client/completion/completion.h"

#include <gmock/gmock.h>

#include "CLI/CLI.hpp"

namespace capmon {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    app_.fallthrough();
    app_.add_option("--address", text_, "Where");
    app_.add_option("--context", text_, "Named")->type_name("CONTEXT");
    app_.add_option("-o,--output-format", text_)
        ->check(CLI::IsMember({"json", "table", "jsonpath="}));
    CLI::App* const profile = app_.add_subcommand("profile", "About one");
    profile->add_option("container", text_);
    profile->add_flag("--strict", flag_, "More");
    CLI::App* const explain = app_.add_subcommand("explain", "Why");
    explain->add_option("container", text_);
    explain->add_option("capability", text_);
    CLI::App* const run = app_.add_subcommand("run", "Run it");
    run->add_option("--keep", text_)->type_name("CAPABILITIES");
    run->add_option("--file", text_)->type_name("FILE");
    run->add_option("command", words_);
    app_.add_subcommand("secret", "Hidden")->group("");
  }

  Completion At(const std::vector<std::string>& words) {
    const auto containers = [this](const EndpointOptions& given) {
      asked_ = "asked " + given.address.value_or("") + given.context.value_or("");
      return names_;
    };
    return Complete(app_, words, {containers, [] {
                                    return std::vector<Candidate>{{"node1", ""}, {"node2", ""}};
                                  }});
  }
  std::vector<std::string> Texts(const std::vector<std::string>& words) {
    std::vector<std::string> texts;
    for (const Candidate& one : At(words).candidates) texts.push_back(one.text);
    return texts;
  }

  CLI::App app_{"About", "capmon"};
  std::string text_;
  bool flag_ = false;
  std::vector<std::string> words_;
  std::vector<Candidate> names_ = {{"web", ""}, {"shop/web-1/nginx", ""}};
  std::string asked_;
};

TEST_F(CompletionTest, OffersCommandsButNoHiddenOnes) {
  EXPECT_THAT(Texts({""}), ElementsAre("profile", "explain", "run"));
  EXPECT_THAT(Texts({"--address", "x", "ex"}), ElementsAre("explain"));
  EXPECT_EQ(At({"pro"}).candidates, (std::vector<Candidate>{{"profile", "About one"}}));
}

TEST_F(CompletionTest, OffersOptionsOfTheCommandAndAroundIt) {
  EXPECT_THAT(Texts({"profile", "--"}),
              testing::IsSupersetOf({"--strict", "--address", "--output-format", "--help"}));
  EXPECT_THAT(Texts({"--"}), Not(Contains("--strict")));
}

TEST_F(CompletionTest, OffersTheValuesAnOptionTakes) {
  EXPECT_THAT(Texts({"-o", ""}), ElementsAre("json", "table", "jsonpath="));
  EXPECT_TRUE(At({"-o", "jsonp"}).more);
  EXPECT_FALSE(At({"-o", "json"}).more);
  EXPECT_THAT(Texts({"profile", "--output-format=t"}), ElementsAre("--output-format=table"));
  EXPECT_EQ(At({"run", "--file", ""}).shells, ShellsPart::kFiles);
  EXPECT_THAT(Texts({"--address", ""}), IsEmpty());
}

TEST_F(CompletionTest, QueriesContainersOnlyWhereOneIsPossible) {
  EXPECT_THAT(Texts({"profile", "sh"}), ElementsAre("shop/web-1/nginx"));
  EXPECT_EQ(asked_, "asked ");
  Texts({"--address=unix:///x", "profile", ""});
  EXPECT_EQ(asked_, "asked unix:///x");
  Texts({"--context", "node2", "profile", ""});
  EXPECT_EQ(asked_, "asked node2");
  asked_ = "";
  Texts({"profile", "web", ""});
  Texts({"run", ""});
  Texts({""});
  EXPECT_EQ(asked_, "");
}

TEST_F(CompletionTest, OffersContexts) {
  EXPECT_THAT(Texts({"--context", ""}), ElementsAre("node1", "node2"));
  EXPECT_THAT(Texts({"profile", "--context=node2"}), ElementsAre("--context=node2"));
}

TEST_F(CompletionTest, NeverOffersWhatAShellWouldActOn) {
  names_ = {{"$(reboot)", ""}, {"a b", ""}, {"x;y", ""}, {"n\nm", ""}, {"\x1b[2J", ""}, {"ok", ""}};
  EXPECT_THAT(Texts({"profile", ""}), ElementsAre("ok"));
}

TEST_F(CompletionTest, KnowsCapabilities) {
  EXPECT_THAT(Texts({"explain", "web", "net_r"}), ElementsAre("net_raw"));
  EXPECT_THAT(Texts({"explain", "web", "CAP_NET_R"}), ElementsAre("CAP_NET_RAW"));
  EXPECT_THAT(Texts({"run", "--keep", "CHOWN,NET_R"}), ElementsAre("CHOWN,NET_RAW"));
  EXPECT_THAT(Texts({"run", "--keep", "NET_RAW,NET_R"}), IsEmpty());
  EXPECT_TRUE(At({"run", "--keep", "CHO"}).more);
}

TEST_F(CompletionTest, LeavesACommandToTheShell) {
  EXPECT_THAT(Texts({"run", ""}), ElementsAre("--"));
  EXPECT_EQ(At({"run", "--", ""}).shells, ShellsPart::kCommands);
  EXPECT_EQ(At({"run", "--", "ls", ""}).shells, ShellsPart::kFiles);
  EXPECT_THAT(Texts({"run", "--", "ls", "--"}), IsEmpty());
}

TEST_F(CompletionTest, SurvivesAnything) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"--nonsense=", ""},
                                             {"nonsense", "x", ""},
                                             {"-", ""},
                                             {"-o"},
                                             {"--", "--", ""},
                                             {"--=", "="},
                                             {std::string(100'000, 'x')}})
    CompletionText(At(words));
}

TEST(CompletionText, IsOneCandidateALine) {
  EXPECT_EQ(CompletionText({{{"a", "one"}, {"b", ""}}, ShellsPart::kFiles, true}),
            "a\tone\nb\n:files\n:more\n");
}

}  // namespace
}  // namespace capmon
