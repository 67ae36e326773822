// SPDX-License-Identifier: Apache-2.0
// Settings as the tools read them that load or check such files; nothing is started.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/render/artefact/artefact.h"
#include "client/render/artefact/workload.h"
#include "tests/settings/profile_files.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

std::string Settings(const v1::Profile& profile, const std::string& kind) {
  const auto settings = RenderArtefact(profile, kind);
  EXPECT_TRUE(settings.ok()) << settings.status();
  return settings.ok() ? settings->text : "";
}

class SettingsOf : public testing::TestWithParam<std::string> {
 protected:
  void Needs(const std::string& program) {
    if (!OnPath(program)) GTEST_SKIP() << "needs " << program;
  }
  const v1::Profile profile_ = ReadProfile(GetParam());
  const Subject subject_{profile_};
  TempDir directory_;
};

// The words of the last line that begins with `title`.
std::set<std::string> WordsAfter(const std::string& text, const std::string& title) {
  std::set<std::string> words;
  const size_t at = text.rfind(title);
  if (at == text.npos) return words;
  std::istringstream line(text.substr(at + title.size(), text.find('\n', at) - at - title.size()));
  for (std::string word; line >> word;) words.insert(absl::AsciiStrToUpper(word));
  return words;
}

TEST_P(SettingsOf, SystemdTakesExactlyTheSetAndForgetsTheUnitsOwn) {
  Needs("systemd-analyze");
  if (IsSkipped()) return;
  const std::string unit = directory_ / "tested.service";
  std::filesystem::create_directory(unit + ".d");
  ASSERT_TRUE(
      WriteFile(unit,
                "[Service]\nExecStart=/bin/true\n"
                "CapabilityBoundingSet=CAP_SYS_PACCT\nAmbientCapabilities=CAP_SYS_PACCT\n"));
  ASSERT_TRUE(WriteFile(unit + ".d/capmon.conf", Settings(profile_, "systemd")));
  const Outcome quiet = RunProgram({"systemd-analyze", "verify", "--man=no", unit});
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_EQ(quiet.err, "");
  const Outcome dump =
      RunProgram({"env", "SYSTEMD_LOG_LEVEL=debug", "systemd-analyze", "verify", "--man=no", unit});
  const std::vector<std::string> names = FullNames(subject_.keep);
  std::set<std::string> kept(names.begin(), names.end());
  EXPECT_EQ(WordsAfter(dump.out + dump.err, "CapabilityBoundingSet:"), kept);
  const std::vector<std::string> ambient = FullNames(subject_.ambient);
  EXPECT_EQ(WordsAfter(dump.out + dump.err, "AmbientCapabilities:"),
            std::set<std::string>(ambient.begin(), ambient.end()));
}

TEST_P(SettingsOf, AppArmorParses) {
  Needs("apparmor_parser");
  if (IsSkipped()) return;
  const auto parse = [&](const std::string& rules) {
    EXPECT_TRUE(
        WriteFile(directory_ / "profile", absl::StrCat("profile capmon-test {\n", rules, "}\n")));
    return RunProgram({"apparmor_parser", "-Q", "-K", directory_ / "profile"});
  };
  const std::string rules = Settings(profile_, "apparmor");
  EXPECT_EQ(parse(rules).exit_code, 0) << rules;
  EXPECT_NE(parse(rules + "capability nonsense,\n").exit_code, 0);
}

TEST_P(SettingsOf, KubectlPutsThePatchInPlaceOfWhatWasThere) {
  Needs("kubectl");
  if (IsSkipped()) return;
  const Workload workload = WorkloadOf(profile_.container());
  Json base =
      workload.AroundContainer({{"privileged", true}, {"capabilities", {{"add", {"SYS_PACCT"}}}}});
  const Json::json_pointer containers(workload.kind == "Pod" ? "/spec/containers"
                                                             : "/spec/template/spec/containers");
  base[containers].push_back({{"name", "zz-sidecar"}, {"image", "sidecar"}});
  ASSERT_TRUE(WriteFile(directory_ / "base.json", base.dump()));
  const Outcome patched =
      RunProgram({"kubectl", "patch", "--local", "--type", "strategic", "-f",
                  directory_ / "base.json", "-p", Settings(profile_, "k8s-patch"), "-o", "json"});
  ASSERT_EQ(patched.exit_code, 0) << patched.err;
  const Json result = Json::parse(patched.out, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(result.is_object()) << patched.out;
  ASSERT_EQ(result[containers].size(), 2u);
  for (const Json& container : result[containers]) {
    if (container["name"] == "zz-sidecar") {
      EXPECT_FALSE(container.contains("securityContext"));
      continue;
    }
    const Json& context = container["securityContext"];
    EXPECT_EQ(context["capabilities"]["drop"], Json::array({"ALL"}));
    if (!subject_.keep.empty()) {
      EXPECT_EQ(context["capabilities"]["add"], Json(BareNames(subject_.keep)));
    }
    EXPECT_EQ(context["privileged"], !subject_.was_privileged);
    EXPECT_EQ(context.contains("allowPrivilegeEscalation"), subject_.no_new_privileges);
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, SettingsOf, testing::ValuesIn(ProfileNames()),
                         [](const auto& instance) { return instance.param; });

TEST(SettingsForFiles, ComposeTakesTheOverrides) {
  if (!OnPath("docker-compose")) GTEST_SKIP() << "needs docker-compose";
  TempDir directory;
  std::vector<std::string> line = {kSettingsTests / "valid_compose.py"};
  for (const std::string& name : ProfileNames()) {
    line.push_back(directory / name);
    ASSERT_TRUE(WriteFile(line.back(), Settings(ReadProfile(name), "compose")));
  }
  const Outcome accepted = RunProgram(line);
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  ASSERT_TRUE(WriteFile(line.back(), "services: {web: {cap_drop: ALL}}\n"));
  EXPECT_NE(RunProgram(line).exit_code, 0);
}

// The file's name is one a shell would act upon, if it were let.
TEST(SettingsForFiles, SetcapGivesTheFileWhatItNeeds) {
  if (!OnPath("setcap") || geteuid() != 0) GTEST_SKIP() << "needs setcap, and root";
  TempDir directory;
  const std::string path = directory / "it's; $(touch pwned) \"x";
  v1::Profile profile = ReadProfile("pinger");
  profile.mutable_capabilities(0)->mutable_evidence(0)->set_binary(path);
  ASSERT_TRUE(WriteFile(path, "#!/bin/true\n"));
  const Outcome given = RunProgram({"sh", "-c", Settings(profile, "setcap")});
  EXPECT_EQ(given.exit_code, 0) << given.err;
  EXPECT_EQ(RunProgram({"getcap", path}).out, path + " cap_net_raw=ep\n");
}

}  // namespace
}  // namespace capmon
