// SPDX-License-Identifier: Apache-2.0
#include "client/base/table.h"

#include <gmock/gmock.h>

#include <sstream>

namespace capmon {
namespace {

std::string Text(const Table& table, bool headers = true) {
  std::ostringstream out;
  table.Print(out, headers);
  return out.str();
}

TEST(Table, AlignsByWhatIsSeen) {
  Table table({{"NAME"}, {"COUNT", true}, {"WHY"}});
  table.Add({"h\xc3\xa9", "7", "first"});
  table.Add({"longer", "1,842", ""});
  EXPECT_EQ(Text(table),
            "NAME    COUNT  WHY\n"
            "h\xc3\xa9          7  first\n"
            "longer  1,842\n");
}

TEST(Table, AWideCharacterTakesTwoColumns) {
  Table table({{"NAME"}, {"WHY"}});
  table.Add({"網頁", "x"});
  table.Add({"abc", "y"});
  EXPECT_EQ(Text(table, false),
            "網頁  x\n"
            "abc   y\n");
}

TEST(Table, LeavesOutTitles) {
  Table table({{"A LONG TITLE"}, {"B"}});
  table.Add({"a", "b"});
  EXPECT_EQ(Text(table, false), "a  b\n");
}

TEST(Table, GoesOnInTheNextLineWithoutLosingAnything) {
  Table table({{"NAMES", false, 12}, {"WHY"}});
  table.Add({"KILL, MKNOD, SETPCAP", "unused"});
  EXPECT_EQ(Text(table),
            "NAMES         WHY\n"
            "KILL, MKNOD,  unused\n"
            "SETPCAP\n");
}

TEST(Table, KeepsARowInItsLinesWhateverIsInIt) {
  Table table({{"A"}, {"B"}});
  table.Add({"x\ny\x1b[1m", "z"});
  EXPECT_EQ(Text(table, false), "x\\x0ay\\x1b[1m  z\n");
}

TEST(Table, HasOnlyTitlesWhenEmpty) {
  EXPECT_EQ(Text(Table({{"A", false, 0, 5}, {"B"}})), "A      B\n");
  EXPECT_EQ(Text(Table({{"A"}}), false), "");
}

std::string TextOf(const Table& table, size_t width) {
  std::ostringstream out;
  table.Print(out, true, width);
  return out.str();
}

TEST(Table, TheLastColumnTakesWhatTheOthersLeave) {
  Table table({{"NAME"}, {"WHY"}});
  table.Add({"KILL", "ends other programs, of any user, at any time"});
  EXPECT_EQ(TextOf(table, 40),
            "NAME  WHY\n"
            "KILL  ends other programs, of any user,\n"
            "      at any time\n");
  EXPECT_EQ(TextOf(table, 0), Text(table));
}

TEST(Table, TheLastColumnGoesBelowWhereTheOthersLeaveTooLittle) {
  Table table({{"NAME"}, {"WHY"}});
  table.Add({"KILL", "ends other programs, of any user"});
  table.Add({"MKNOD", ""});
  EXPECT_EQ(TextOf(table, 30),
            "NAME\n"
            "    WHY\n"
            "KILL\n"
            "    ends other programs, of\n"
            "    any user\n"
            "MKNOD\n");
}

TEST(Table, ColumnsThatMayWrapBecomeNarrowerButBreakNoWord) {
  Table table({{"NAMES", false, 28}, {"WHY"}});
  table.Add({"KILL, CHECKPOINT_RESTORE", "never checked"});
  EXPECT_EQ(TextOf(table, 36),
            "NAMES               WHY\n"
            "KILL,               never checked\n"
            "CHECKPOINT_RESTORE\n");
}

}  // namespace
}  // namespace capmon
