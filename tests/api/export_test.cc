// SPDX-License-Identifier: Apache-2.0
// The real `capmon export`, `check` and `diff` against a server that had to evict instances.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "generated/build_paths.h"
#include "tests/api/live_server.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr Capability kChown = 0, kNetRaw = 13, kSysChroot = 18;
constexpr char kCapmon[] = CAPMON_BINARY_DIR "/bin/capmon";
constexpr char kWeb[] = "compose:shop/web";

Outcome Capmon(const LiveServer& live, const std::vector<std::string>& arguments) {
  std::vector<std::string> line = {kCapmon, "--address", live.address()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return RunProgram(line);
}

// A workload of two images, the first instance of each of which used what no other did; then more
// instances than `most`, if that is not all.
class Shop {
 public:
  explicit Shop(size_t most) : live(256, Options(most)) {
    for (const char letter : {'0', '1', '2'}) Run(letter, 'a', letter == '0' ? kNetRaw : kChown);
    for (const char letter : {'3', '4', '5'}) Run(letter, 'b', letter == '3' ? kSysChroot : kChown);
  }
  // One instance after the other.
  void Run(char letter, char image, Capability uses) {
    const auto cgroup = static_cast<CgroupId>(letter);
    live.AddContainer(cgroup, letter, std::string("shop-web-") + letter, kWeb, image);
    live.AddChecks(cgroup, uses, true);
    live.EndContainer(cgroup);
  }
  // The needs by digest, and the number of rows.
  std::pair<std::map<std::string, json>, size_t> Exported(const std::vector<std::string>& words) {
    std::vector<std::string> line = {"export", "-o", "json"};
    line.insert(line.end(), words.begin(), words.end());
    const Outcome outcome = Capmon(live, line);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const json document = json::parse(outcome.out, nullptr, false);
    std::pair<std::map<std::string, json>, size_t> found;
    for (const json& profile : document.is_array() ? document : json::array({document})) {
      found.first[profile.value("digest", "").substr(0, 8)] = profile.at("needs");
      found.second += profile.at("instances").size();
    }
    return found;
  }

  LiveServer live;

 private:
  static Monitor::Options Options(size_t most) {
    Monitor::Options options;
    options.max_containers = most;
    return options;
  }
};

TEST(ExportTest, HasWhatEvictedInstancesOfEveryImageNeeded) {
  Shop all(100), few(2);
  const auto [needs, rows] = all.Exported({kWeb});
  EXPECT_EQ(rows, 6u);
  EXPECT_EQ(needs.at("sha256:a"), (json{{"CHOWN", "review"}, {"NET_RAW", "review"}}));
  EXPECT_EQ(needs.at("sha256:b"), (json{{"CHOWN", "review"}, {"SYS_CHROOT", "review"}}));
  ASSERT_GT(
      few.live.monitor.With([](Monitor& m) { return m.Status().counters.at("folded_profiles"); }),
      1u);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{kWeb}, {}}) {
    const auto [folded_needs, folded_rows] = few.Exported(words);
    EXPECT_EQ(folded_needs, needs);
    EXPECT_EQ(folded_rows, 4u) << "two instances, and one row for each image";
  }
}

TEST(ExportTest, ComparisonsAndChecksKnowWhatWasFolded) {
  Shop all(100), few(2);
  const TempDir directory;
  const std::string baseline = directory / "web.yaml", compose = directory / "compose.yml";
  ASSERT_TRUE(WriteFile(baseline, Capmon(all.live, {"export", kWeb}).out));
  const Outcome checked = Capmon(few.live, {"check", kWeb, "--baseline", baseline});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const Outcome compared = Capmon(few.live, {"diff", baseline, kWeb});
  EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
  ASSERT_TRUE(WriteFile(compose,
                        "name: shop\nservices:\n  web:\n    image: nginx:1\n    cap_drop: [ALL]\n"
                        "    cap_add: [CHOWN]\n"));
  const Outcome manifest = Capmon(few.live, {"check", "-f", compose});
  EXPECT_EQ(manifest.exit_code, 1) << manifest.err;
  EXPECT_THAT(manifest.out, AllOf(HasSubstr("lacks NET_RAW"), HasSubstr("lacks SYS_CHROOT")));
}

// A mistake in a word or a file is found before capmond is asked for thousands of profiles.
TEST(ExportTest, WordsAndFilesComeFirst) {
  Shop shop(100);
  const auto requests = [&](const std::vector<std::string>& line, int exit_code) {
    const int before = shop.live.refreshes;
    const Outcome outcome = Capmon(shop.live, line);
    EXPECT_EQ(outcome.exit_code, exit_code) << line[0] << ": " << outcome.err;
    return shop.live.refreshes - before;
  };
  EXPECT_LE(requests({"export", "nothing-like-it"}, 4), 2) << "the list, and the word";
  EXPECT_EQ(requests({"check", "-f", "/nowhere/at-all.yaml"}, 3), 0);
  EXPECT_EQ(requests({"check", kWeb, "--baseline", "/nowhere/at-all.yaml"}, 3), 0);
}

}  // namespace
}  // namespace capmon
