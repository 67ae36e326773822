// SPDX-License-Identifier: Apache-2.0
// Compares the table with measurements: what the classes predict for some 130 system-call tests,
// and the results with all capabilities and with none.
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "generated/build_paths.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

struct Trial {
  int result = 0;
  std::vector<Check> checks;
};
struct Operation {
  Trial with, without;
};

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string Source(const char* path) { return std::string(CAPMON_SOURCE_DIR) + "/" + path; }

std::map<std::string, Operation> ReadOracle() {
  std::map<std::string, Operation> operations;
  std::ifstream file(Source("tests/unit/profile/oracle_sites.tsv"));
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> cells = Split(line, '\t');
    EXPECT_EQ(cells.size(), 9u) << line;
    Operation& operation = operations[cells[0]];
    Trial& run = cells[2] == "all" ? operation.with : operation.without;
    run.result = std::stoi(cells[3]);
    const std::vector<std::string> callers = Split(cells[8], ',');
    Check check(ParseCapability(cells[5]).value(), cells[6] == "granted", callers[0], cells[1]);
    check.Under(callers).AtLevel(static_cast<uint8_t>(std::stoi(cells[7])));
    const auto times = static_cast<uint64_t>(std::stoi(cells[4]));
    if (run.result < 0)
      check.Failed(-run.result, times);
    else
      check.Succeeded(times);
    run.checks.push_back(check);
  }
  return operations;
}

// Operations whose need the class cannot predict, with the reason.
const std::map<std::string, std::string>& Exceptions() {
  static const std::map<std::string, std::string> exceptions = {
      {"access_r", "the failure is an answer"},
      {"faccessat_e", "the failure is an answer"},
      {"setuid_self", "recorded without the operand's trait"},
      {"setgid_self", "recorded without the operand's trait"},
      {"chmod_sgid", "succeeds, and takes the bit away"},
      {"shm_lock", "the limit would have sufficed"},
      {"perf_self", "it counts its own events"},
      {"setfsuid", "its result never tells"},
      {"rtnl_set", "netlink answers in a message, and the test failed for another reason too"},
      {"kallsyms", "succeeds, with zeroes"},
      {"proc_pagemap", "succeeds, with zeroes"},
      {"trunc_suid", "succeeds, and takes the bits away"},
      {"write_sgid", "succeeds, and takes the bits away"},
      {"so_rcvbuff", "programs fall back"},
      {"so_debug", "checked by the same function as enlarging buffers"},
      {"fanotify_fid", "told apart only where the option bits are seen"},
  };
  return exceptions;
}

// Operations whose denial is seen, but not called missing.
bool IsTolerated(const std::string& name) {
  static const std::set<std::string> tolerated = {"oom_lower", "open_noatime", "pipe_big",
                                                  "prctl_mm", "rlim_raise"};
  return tolerated.contains(name);
}

bool ReportsMissing(const Trial& run) {
  const Judgement judgement = Judged(Watched(run.checks));
  for (const CapabilityVerdict& row : judgement.capabilities)
    if (row.verdict == Verdict::kMissing) return true;
  return false;
}

TEST(Oracle, KeepsSomethingExactlyWhereTheOperationNeedsIt) {
  for (const auto& [name, operation] : ReadOracle()) {
    if (operation.with.checks.empty()) continue;
    if (Exceptions().contains(name)) continue;
    const bool needs = operation.with.result >= 0 && operation.without.result < 0;
    EXPECT_EQ(!Kept(operation.with.checks).empty(), needs) << name;
  }
}

TEST(Oracle, ReportsSomethingMissingExactlyWhereTheOperationFailedForIt) {
  for (const auto& [name, operation] : ReadOracle()) {
    if (Exceptions().contains(name) || IsTolerated(name)) continue;
    const bool refused = operation.without.result == -EPERM ||
                         operation.without.result == -EACCES || operation.with.result >= 0;
    EXPECT_EQ(ReportsMissing(operation.without), refused && operation.without.result < 0) << name;
  }
}

// Every row has a test, or docs/call-sites.md says why not.
TEST(Oracle, MeetsEveryRowThatIsNotExcused) {
  std::set<int> met, excused;
  for (const auto& [name, operation] : ReadOracle())
    for (const Trial* trial : {&operation.with, &operation.without})
      for (const Check& check : trial->checks) {
        const CheckEvidence& evidence = check.evidence();
        met.insert(CallSites::BuiltIn().Find(evidence.key, evidence.callers)->number);
      }
  std::ifstream file(Source("docs/call-sites.md"));
  for (std::string line; std::getline(file, line);) {
    std::smatch row;
    if (std::regex_match(line, row, std::regex(R"(\| (\d+(?:, \d+)*) \|.*)")))
      for (const std::string& number : Split(row[1], ',')) excused.insert(std::stoi(number));
  }
  EXPECT_FALSE(excused.empty());
  for (const CallSite& row : CallSites::BuiltIn().rows())
    EXPECT_TRUE(met.contains(row.number) || excused.contains(row.number)) << row.number;
  for (const int number : excused) EXPECT_FALSE(met.contains(number)) << number;
}

TEST(Oracle, KnowsEverySite) {
  for (const auto& [name, operation] : ReadOracle())
    for (const Trial* run : {&operation.with, &operation.without})
      for (const Check& check : run->checks)
        EXPECT_NE(CallSites::BuiltIn().Find(check.evidence().key, check.evidence().callers),
                  nullptr)
            << name << " " << check.evidence().key.site;
}

}  // namespace
}  // namespace capmon
