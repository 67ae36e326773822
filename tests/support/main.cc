// SPDX-License-Identifier: Apache-2.0
// The main function of every GoogleTest program. A program holds the tests of many files, and ctest
// runs them one file at a time: with $CAPMON_TEST=unit.text_test only the tests of text_test.cc
// run, and a $GTEST_OUTPUT that names a directory gets unit_text_test.xml.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

// "unit.text_test" -> "text_test", which is the file's name without its ending.
std::string FileOf(const std::string& test) { return test.substr(test.find('.') + 1); }

// The names of all tests of one file, in the form of a filter; empty if there are none.
std::string TestsOf(const std::string& file) {
  std::string filter;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const testing::TestInfo& test = *suite.GetTestInfo(j);
      if (std::filesystem::path(test.file()).stem() != file) continue;
      filter += std::string(suite.name()) + "." + test.name() + ":";
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  const char* test = std::getenv("CAPMON_TEST");
  const std::string name = test == nullptr ? "" : test;
  if (const std::string output = GTEST_FLAG_GET(output); !name.empty() && output.ends_with('/')) {
    std::string file = name;
    GTEST_FLAG_SET(output, output + file.replace(file.find('.'), 1, "_") + ".xml");
  }
  testing::InitGoogleMock(&argc, argv);
  // A given filter is used instead of the file.
  if (!name.empty() && GTEST_FLAG_GET(filter) == "*") {
    const std::string filter = TestsOf(FileOf(name));
    if (filter.empty()) {
      std::fprintf(stderr, "%s: the program has no tests of this file\n", name.c_str());
      return 1;
    }
    GTEST_FLAG_SET(filter, filter);
  }
  return RUN_ALL_TESTS();
}
