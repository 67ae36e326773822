// SPDX-License-Identifier: Apache-2.0
// Every file of tests/manifests/cases against tests/manifests/profiles.yaml: findings with their
// places, the counts, and whether the check passes. After an intended change:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_profile_file --gtest_filter='Manifest*'
// and review the difference.
#include "client/manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/manifest/check.h"
#include "client/manifest/grants.h"
#include "client/manifest/report.h"
#include "client/profile_file/profile_file.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kData = std::filesystem::path(CAPMON_SOURCE_DIR) / "tests/manifests";

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kData / "cases"))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

const ProfileSet& Profiles() {
  static const ProfileSet profiles = [] {
    const auto set = ReadProfileFile(ReadFile(kData / "profiles.yaml"), "profiles.yaml");
    EXPECT_TRUE(set.ok()) << set.status();
    return set.ok() ? *set : ProfileSet();
  }();
  return profiles;
}

CheckedFile Check(const std::string& name, const std::string& text,
                  const CheckOptions& options = {}) {
  return CheckManifest(name, ReadManifest(text, "checkout"), Profiles(), options);
}

class ManifestCase : public testing::TestWithParam<std::string> {};

TEST_P(ManifestCase, FindsWhatIsExpected) {
  const std::string text = ReadFile(kData / "cases" / GetParam());
  const std::vector<CheckedFile> files = {Check(GetParam(), text)};
  const std::string found =
      absl::StrCat(CheckText(files), CountsOf(files).failed() ? "failed\n" : "passed\n");
  const std::string golden = kData / "expected" / (GetParam() + ".txt");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) WriteFile(golden, found);
  EXPECT_EQ(found, ReadFile(golden));
}

// A finding at a place that the file does not have would be of no use.
TEST_P(ManifestCase, PlacesAreInTheFile) {
  const std::string text = ReadFile(kData / "cases" / GetParam());
  const auto lines = std::ranges::count(text, '\n') + 1;
  const CheckedFile file = Check(GetParam(), text);
  ManifestFindings all = file.findings;
  for (const CheckedContainer& container : file.containers)
    all.insert(all.end(), container.findings.begin(), container.findings.end());
  for (const ManifestFinding& finding : all) {
    EXPECT_GE(finding.place.line, 1);
    EXPECT_LE(finding.place.line, lines) << finding.message;
    EXPECT_GE(finding.place.column, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ManifestCase, testing::ValuesIn(CaseNames()), [](const auto& param) {
  std::string name = param.param;
  std::ranges::replace_if(
      name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST(ManifestTest, EveryRuleHasACase) {
  std::string all;
  for (const std::string& name : CaseNames()) all += ReadFile(kData / "expected" / (name + ".txt"));
  for (const RuleFacts& facts : kRules)
    EXPECT_THAT(all, HasSubstr(absl::StrCat("[", facts.id, "]")));
}

TEST(ManifestTest, HugeFilesAreBounded) {
  EXPECT_EQ(Check("x", std::string(5 << 20, '#')).findings.at(0).rule, Rule::kUnreadable);
  std::string many = "apiVersion: v1\nkind: Pod\nmetadata: {name: tool}\nspec:\n  containers:\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&many, "    - {name: c", i, "}\n");
  EXPECT_EQ(Check("x", many).containers.size(), 5000u);
  std::string documents;
  for (int i = 0; i < 1100; ++i) documents += "--- {apiVersion: v1, kind: Pod}\n";
  EXPECT_THAT(CheckText({Check("x", documents)}), HasSubstr("more than 1000 documents"));
}

ManifestContainer Service(std::vector<Word> add, std::vector<Word> drop) {
  ManifestContainer container;
  container.add = std::move(add);
  container.drop = std::move(drop);
  return container;
}

TEST(ManifestTest, RuntimesDifferInTheirDefaultsAndInTheOrderOfTheLists) {
  const ManifestContainer nothing = Service({}, {});
  EXPECT_EQ(GrantsOf(nothing, "containerd").sure.size(), 14);
  EXPECT_EQ(GrantsOf(nothing, "cri-o").sure.size(), 9);
  EXPECT_EQ(GrantsOf(nothing, "").sure.size(), 9);
  EXPECT_EQ(GrantsOf(nothing, "").possible.size(), 14);
  const ManifestContainer all = Service({{"ALL", {}}}, {{"ALL", {}}});
  EXPECT_EQ(GrantsOf(all, "containerd").possible.size(), 0);
  EXPECT_EQ(GrantsOf(all, "cri-o").sure.size(), 41);
  const ManifestContainer both = Service({{"KILL", {}}}, {{"KILL", {}}});
  EXPECT_EQ(GrantsOf(both, "containerd").sure.size(), 13) << "drop comes last";
  EXPECT_EQ(GrantsOf(both, "docker").sure.size(), 14) << "add comes last";
  EXPECT_EQ(GrantsOf(Service({}, {{"all", {}}}), "").possible.size(), 0);
}

TEST(ManifestTest, ToContainerdANameWithAPrefixMeansNothing) {
  constexpr Capability kChown = 0, kNetRaw = 13;
  const ManifestContainer adds = Service({{"CAP_CHOWN", {}}}, {{"ALL", {}}});
  EXPECT_TRUE(GrantsOf(adds, "containerd").possible.empty());
  EXPECT_EQ(GrantsOf(adds, "cri-o").sure, CapabilitySet({kChown}));
  EXPECT_EQ(GrantsOf(adds, "docker").sure, CapabilitySet({kChown}));
  EXPECT_EQ(GrantsOf(adds, "podman").sure, CapabilitySet({kChown}));
  EXPECT_TRUE(GrantsOf(adds, "").sure.empty());
  EXPECT_EQ(GrantsOf(adds, "").possible, CapabilitySet({kChown}));
  const ManifestContainer drops = Service({}, {{"cap_net_raw", {}}});
  EXPECT_TRUE(GrantsOf(drops, "containerd").sure.Has(kNetRaw)) << "and takes nothing away";
  EXPECT_FALSE(GrantsOf(drops, "docker").possible.Has(kNetRaw));
  EXPECT_FALSE(GrantsOf(Service({}, {{"CAP_ALL", {}}}), "docker").sure.empty()) << "no such name";

  const std::string prefixed = ReadFile(kData / "cases/deployment_spelling.yaml");
  EXPECT_THAT(CheckText({Check("x", prefixed, {.runtime = "containerd"})}),
              HasSubstr("x:16:21: error: shop/deploy/web, container nginx: lacks CHOWN"));
  EXPECT_THAT(CheckText({Check("x", prefixed, {.runtime = "cri-o"})}), Not(HasSubstr("lacks")));
}

TEST(ManifestTest, OptionsDecideWhatIsLeftOpen) {
  const std::string job = ReadFile(kData / "cases/job_ambiguous_namespace.yaml");
  EXPECT_THAT(CheckText({Check("x", job, {.name_space = "test"})}), HasSubstr("lacks CHOWN"));
  EXPECT_THAT(CheckText({Check("x", job, {.name_space = "prod"})}), HasSubstr("0 errors"));
  const std::string plain = ReadFile(kData / "cases/daemonset_narrowed.yaml");
  const std::string drops =
      "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {template: {spec: "
      "{containers: [{name: postgres, securityContext: {capabilities: {drop: [ALL], add: "
      "[CHOWN]}}}]}}}\n";
  EXPECT_THAT(CheckText({Check("x", drops)}), HasSubstr("[drops-unknown]"));
  EXPECT_THAT(CheckText({Check("x", drops, {.assume_unused = true})}),
              Not(HasSubstr("[drops-unknown]")));
}

TEST(ManifestTest, AFileThatFailsIsOneFailureInJunit) {
  const std::vector<CheckedFile> files = {
      Check("a<b.yaml", ReadFile(kData / "cases/deployment_lacks_two.yaml")),
      Check("hostile", ReadFile(kData / "cases/hostile_names.yaml"))};
  const std::string junit = CheckJunit(files);
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"2\""));
  EXPECT_THAT(junit, HasSubstr("classname=\"a&lt;b.yaml\""));
  EXPECT_THAT(junit, Not(HasSubstr("\x1b")));
  EXPECT_EQ(CheckSarif(files)["runs"][0]["results"][1]["level"], "error");
}

}  // namespace
}  // namespace capmon
