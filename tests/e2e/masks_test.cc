// SPDX-License-Identifier: Apache-2.0
// decode and encode agree with capsh and libcap.
#include "tests/e2e/masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/capability.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/host/libcap.h"
#include "tests/e2e/complaint.h"
#include "tests/support/capmon_daemon.h"

namespace capmon {
namespace {

using nlohmann::json;

Outcome Capmon(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CapmonBinary());
  return RunProgram(arguments);
}

std::string Hex(uint64_t bits) {
  std::ostringstream text;
  text << std::hex << bits;
  return text.str();
}

std::vector<std::string> ManyMasks() {
  std::vector<std::string> masks = {"8000000000000000"};
  for (const CapabilitySet set : ManySets()) masks.push_back(Hex(set.bits()));
  return masks;
}

// Returns the output of `script` for each word in $word; $0 is capmon.
Outcome ForEach(const std::vector<std::string>& words, const std::string& script) {
  std::vector<std::string> line = {"sh", "-c", "for word; do " + script + " || exit 1; done",
                                   CapmonBinary()};
  line.insert(line.end(), words.begin(), words.end());
  return RunProgram(line);
}

TEST(MasksTest, DecodeSaysWhatCapshSays) {
  if (!OnPath("capsh")) GTEST_SKIP() << "needs capsh";
  const std::vector<std::string> masks = ManyMasks();
  std::vector<std::string> line = {"decode"};
  line.insert(line.end(), masks.begin(), masks.end());
  const Outcome ours = Capmon(line);
  ASSERT_EQ(ours.exit_code, 0) << ours.err;
  const Outcome theirs = ForEach(masks, "capsh --decode=$word");
  ASSERT_EQ(theirs.exit_code, 0) << theirs.err;
  const auto our_lines = Lines(ours.out), their_lines = Lines(theirs.out);
  ASSERT_EQ(our_lines.size(), masks.size());
  ASSERT_EQ(their_lines.size(), masks.size());
  for (size_t i = 0; i < masks.size(); ++i) {
    std::string upper = their_lines[i].substr(2);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    // A number without a name is CAP_63 here and 63 there.
    const size_t nameless = upper.find("=63");
    if (nameless != upper.npos) upper.insert(nameless + 1, "CAP_");
    std::string our = our_lines[i].substr(2);
    std::ranges::transform(our, our.begin(), [](unsigned char c) { return std::toupper(c); });
    EXPECT_EQ(our, upper);
  }
}

TEST(MasksTest, EncodeIsTheWayBack) {
  std::vector<std::string> lists;
  for (const CapabilitySet set : ManySets())
    lists.push_back(set.empty() ? "none" : Joined(NamesOf(set), ","));
  const Outcome encoded = ForEach(lists, "\"$0\" encode \"$word\"");
  ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
  const auto masks = Lines(encoded.out);
  ASSERT_EQ(masks.size(), lists.size());
  for (size_t i = 0; i < masks.size(); ++i)
    EXPECT_EQ(std::stoull(masks[i], nullptr, 16), ManySets()[i].bits()) << lists[i];
}

TEST(MasksTest, EncodeReadsTheTextOfLibcapAsLibcapDoes) {
  for (const char* text : {"cap_net_raw,cap_chown=ep", "all=eip cap_sys_admin-e", "=", "=p"}) {
    const Outcome encoded = Capmon({"encode", text, "-o", "jsonl"});
    ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
    const LibcapSets expected(cap_from_text(text));
    constexpr cap_flag_t kFlags[] = {CAP_INHERITABLE, CAP_PERMITTED, CAP_EFFECTIVE};
    const auto lines = Lines(encoded.out);
    ASSERT_EQ(lines.size(), std::size(kFlags));
    for (size_t i = 0; i < lines.size(); ++i)
      EXPECT_EQ(json::parse(lines[i]).at("capabilities"),
                json(NamesOf(FlagOf(expected, kFlags[i]) & AllCapabilities())))
          << text;
  }
}

TEST(MasksTest, DecodeReadsAnInput) {
  const Outcome decoded =
      RunProgram({"sh", "-c", "exec \"$0\" decode - </proc/self/status", CapmonBinary()});
  EXPECT_EQ(decoded.exit_code, 0) << decoded.err;
  EXPECT_EQ(Lines(decoded.out).size(), 5u) << decoded.out;
  ExpectComplaint(
      RunProgram({"sh", "-c", "head -c 2000000 /dev/zero | \"$0\" decode -", CapmonBinary()}), 2,
      "1 MiB");
}

}  // namespace
}  // namespace capmon
