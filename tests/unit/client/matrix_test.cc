// SPDX-License-Identifier: Apache-2.0
// The matrix as a value, as a table, and as the screen of `capmon top`.
#include "client/risk/matrix.h"

#include <gmock/gmock.h>

#include <sstream>

#include "client/base/text.h"
#include "client/render/matrix.h"
#include "client/top/view.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void Add(v1::ListContainersResponse& list, const std::string& name,
         const std::vector<std::string>& held, const std::vector<std::string>& used,
         const std::vector<std::string>& denied, uint64_t checks = 1) {
  v1::ContainerSummary& added = *list.add_containers();
  added.mutable_container()->set_name(name);
  added.mutable_container()->set_cgroup_path("/" + name);
  for (const std::string& capability : held) added.add_held_set("CAP_" + capability);
  *added.mutable_reachable() = added.held_set();
  for (const std::string& capability : used) added.add_used("CAP_" + capability);
  for (const std::string& capability : denied) added.add_denied("CAP_" + capability);
  added.set_held(held.size());
  added.set_held_known(true);
  added.set_checks(checks);
}

v1::ListContainersResponse Example() {
  v1::ListContainersResponse list;
  Add(list, "web", {"CHOWN", "NET_RAW", "KILL"}, {"CHOWN"}, {"SYS_TIME"}, 5);
  Add(list, "all", {"SYS_ADMIN", "NET_RAW", "CHOWN"}, {}, {}, 9);
  Add(list, "none", {}, {}, {}, 2);
  return list;
}

std::string Drawn(const v1::ListContainersResponse& list, const TerminalStyle& look,
                  bool headers = false) {
  std::ostringstream out;
  RenderMatrix(out, MatrixOf(list), look, headers);
  return out.str();
}

std::vector<std::string> Names(const Matrix& matrix) {
  std::vector<std::string> names;
  for (const MatrixRow& row : matrix.rows) names.push_back(row.name);
  return names;
}

TEST(Matrix, PutsTheHighestRiskFirstAndLeavesOutWhatNoContainerHolds) {
  Matrix matrix = MatrixOf(Example());
  EXPECT_THAT(Names(matrix), ElementsAre("all", "web", "none"));
  EXPECT_THAT(matrix.columns, ElementsAre(*ParseCapability("SYS_ADMIN"),
                                          *ParseCapability("NET_RAW"), *ParseCapability("SYS_TIME"),
                                          *ParseCapability("CHOWN"), *ParseCapability("KILL")));
  matrix.Sort(MatrixOrder::kName);
  EXPECT_THAT(Names(matrix), ElementsAre("all", "none", "web"));
  matrix.Sort(MatrixOrder::kDenied);
  EXPECT_THAT(Names(matrix), ElementsAre("web", "all", "none"));
  matrix.Sort(MatrixOrder::kChecks);
  EXPECT_THAT(Names(matrix), ElementsAre("all", "web", "none"));
}

TEST(Matrix, WhatIsUnknownIsNeitherNeededNorARisk) {
  v1::ListContainersResponse list;
  Add(list, "old", {"SYS_ADMIN", "CHOWN", "KILL"}, {"CHOWN"}, {});
  for (const char* name : {"CAP_SYS_ADMIN", "CAP_KILL"})
    list.mutable_containers(0)->add_unknown(name);
  const Matrix matrix = MatrixOf(list);
  EXPECT_TRUE(matrix.rows[0].unused().empty());
  EXPECT_EQ(matrix.rows[0].at(*ParseCapability("KILL")), Cell::kUnknown);
  EXPECT_EQ(matrix.rows[0].risk, 0);
  EXPECT_EQ(Drawn(list, {.ascii = true}), "old     ?  ? # ?\n");
  EXPECT_THAT(Drawn(list, {.ascii = true}, true), HasSubstr("? unknown"));
}

TEST(Matrix, CountsAsRiskWhatCanBeHad) {
  v1::ListContainersResponse list;
  Add(list, "user-33", {"SYS_ADMIN", "CHOWN", "KILL"}, {"CHOWN"}, {});
  v1::ContainerSummary& user33 = *list.mutable_containers(0);
  user33.clear_reachable();
  EXPECT_EQ(MatrixOf(list).rows[0].risk, 0);
  EXPECT_EQ(MatrixOf(list).rows[0].at(*ParseCapability("KILL")), Cell::kUnused);
  for (const char* name : {"CAP_CHOWN", "CAP_KILL"}) user33.add_reachable(name);
  EXPECT_EQ(MatrixOf(list).rows[0].risk, FactsOf(*ParseCapability("KILL")).weight);
}

TEST(Matrix, DrawsOneCellPerCapability) {
  EXPECT_EQ(Drawn(Example(), {.ascii = true}),
            "all   128  o o . o .\n"
            "web    25  . o ! # o\n"
            "none    0  . . . . .\n");
  EXPECT_THAT(Drawn(Example(), {}), HasSubstr("web    25  · ○ ✗ ● ○\n"));
}

TEST(Matrix, DoesNotClaimToKnowWhatWasNotSeen) {
  v1::ListContainersResponse list = Example();
  list.mutable_containers(0)->set_held_known(false);
  EXPECT_THAT(Drawn(list, {.ascii = true}), HasSubstr("web     ?  "));
}

TEST(Matrix, FitsAnyWidthAndCountsWhatDoesNot) {
  v1::ListContainersResponse list = Example();
  Add(list, std::string(60, 'n'), {"SYS_MODULE", "BPF", "LEASE"}, {}, {});
  for (size_t width = 24; width < 90; ++width) {
    std::istringstream text(Drawn(list, {.ascii = true, .width = width}, true));
    for (std::string line; std::getline(text, line);) EXPECT_LE(Width(line), width) << line;
  }
  const std::string narrow = Drawn(list, {.ascii = true, .width = 32}, true);
  EXPECT_THAT(narrow, HasSubstr(" +1\n"));
  EXPECT_THAT(narrow, HasSubstr("MORE: capabilities held"));
  EXPECT_THAT(Drawn(list, {.ascii = true, .width = 200}, true), Not(HasSubstr("MORE")));
}

TEST(Matrix, IsColouredOnlyIfRequestedAndEscapesNames) {
  v1::ListContainersResponse list = Example();
  Add(list, "\x1b[2Jevil\xe2\x80\xae", {"KILL"}, {}, {});
  const std::string plain = Drawn(list, {}, true);
  EXPECT_EQ(plain.find('\x1b'), plain.npos);
  EXPECT_THAT(plain, HasSubstr("\\x1b[2Jevil\\u202e"));
  EXPECT_THAT(Drawn(list, {.colour = true}), HasSubstr("\x1b[31m✗\x1b[0m"));
}

std::string Screen(const TopView& view, Size size) {
  std::string text;
  for (const Line& line : view.Draw(size)) {
    std::string row;
    for (const Span& span : line) {
      row.resize(std::max(row.size(), span.column), ' ');
      row = row.substr(0, span.column) + span.text;
    }
    text += row + "\n";
  }
  return text;
}

constexpr Size kScreen = {12, 100};

TEST(TopView, ShowsSortsAndScrolls) {
  TopView view(/*ascii=*/true);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("no containers yet"));
  v1::ListContainersResponse list;
  for (int i = 100; i < 300; ++i) Add(list, "c" + std::to_string(i), {"KILL"}, {}, {}, i);
  view.Show(list);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("1/200 c100"));
  view.Press(Key::kEnd, kScreen);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("200/200 c299"));
  view.Press(Key::kPageUp, kScreen);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("194/200 c293"));
  for (int i = 0; i < 3; ++i) view.Press(Key::kSort, kScreen);
  EXPECT_THAT(Screen(view, kScreen), AllOf(HasSubstr("by checks"), HasSubstr("1/200 c299")));
  EXPECT_FALSE(view.Press(Key::kQuit, kScreen));
}

TEST(TopView, StaysOnItsContainerWhenOthersCome) {
  TopView view(true);
  v1::ListContainersResponse list = Example();
  view.Show(list);
  view.Press(Key::kDown, kScreen);
  Add(list, "worse", {"SYS_ADMIN", "SYS_MODULE"}, {}, {});
  view.Show(list);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("3/4 web"));
  view.Press(Key::kEnter, kScreen);
  ASSERT_NE(view.wanted(), nullptr);
  EXPECT_EQ(view.wanted()->name(), "web");
  view.ShowDetails({"what it needs"});
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("what it needs"));
  view.Press(Key::kBack, kScreen);
  EXPECT_EQ(view.wanted(), nullptr);
  view.Press(Key::kEnter, kScreen);
  list.mutable_containers()->DeleteSubrange(0, 1);
  view.Show(list);
  EXPECT_EQ(view.wanted(), nullptr) << "another container's details were not asked for";
  view.Show(v1::ListContainersResponse());
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("no containers yet"));
}

TEST(TopView, DrawsNothingBeyondAnyScreen) {
  TopView view(true);
  v1::ListContainersResponse list = Example();
  Add(list, std::string(300, 'n'), {"SYS_MODULE"}, {}, {});
  view.Show(list);
  for (const Key page :
       {Key::kNone, Key::kFilter, Key::kBack, Key::kHelp, Key::kHelp, Key::kEnter}) {
    view.Press(page, kScreen);
    for (size_t rows = 0; rows < 14; ++rows)
      for (size_t columns = 0; columns < 120; columns += 7) {
        const std::vector<Line> lines = view.Draw({rows, columns});
        EXPECT_EQ(lines.size(), rows);
        for (const Line& line : lines)
          for (const Span& span : line)
            // Names and figures need 34 columns; below that ncurses cuts.
            EXPECT_LE(span.column + Width(span.text), std::max<size_t>(columns, 34)) << span.text;
      }
  }
}

TEST(TopView, HasALegendAndShowsOnlyWhatIsTyped) {
  TopView view(true);
  v1::ListContainersResponse list = Example();
  Add(list, "Webhook", {"KILL"}, {}, {});
  view.Show(list);
  EXPECT_THAT(Screen(view, kScreen),
              HasSubstr("# needed   o held, not needed   ? unknown   ! denied   . not held\n"));
  const auto type = [&](const std::string& letters) {
    for (const char letter : letters) view.Type(std::string(1, letter));
  };
  view.Press(Key::kFilter, kScreen);
  ASSERT_TRUE(view.typing());
  type("WEB");
  EXPECT_THAT(Screen(view, kScreen),
              AllOf(HasSubstr("2 of 4 containers with \"WEB\""), HasSubstr("\n/WEB_"),
                    HasSubstr("Webhook"), Not(HasSubstr("\nall"))));
  view.Press(Key::kEnter, kScreen);
  EXPECT_FALSE(view.typing());
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("1/2 web"));
  view.Show(list);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("1/2 web")) << "an update ended the filter";
  view.Press(Key::kFilter, kScreen);
  type("h");
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("1 of 4"));
  view.Press(Key::kErase, kScreen);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("2 of 4"));
  type("nothing");
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("no name has this text"));
  view.Press(Key::kEnter, kScreen);
  view.Press(Key::kEnter, kScreen);
  EXPECT_EQ(view.wanted(), nullptr) << "there is no row";
  view.Press(Key::kBack, kScreen);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("capmon top   4 containers   by risk"));
}

TEST(TopView, EscapeEndsTheFilterAlsoWhileItIsTyped) {
  TopView view(true);
  view.Show(Example());
  view.Press(Key::kFilter, kScreen);
  view.Type("\xc3");
  view.Type("\xa9");
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("0 of 3"));
  view.Press(Key::kErase, kScreen);
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("\n/_")) << "half a character is left";
  view.Type("q");
  view.Press(Key::kBack, kScreen);
  EXPECT_FALSE(view.typing());
  EXPECT_THAT(Screen(view, kScreen), HasSubstr("1/3 all"));
}

}  // namespace
}  // namespace capmon
