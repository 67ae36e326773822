// SPDX-License-Identifier: Apache-2.0
// Loads or checks settings with the tools that use them; starts nothing.
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/render/artefact/yaml.h"
#include "tests/settings/profile_files.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

class SettingsOf : public testing::TestWithParam<std::string> {
 protected:
  void Needs(const std::string& program) {
    if (!OnPath(program)) GTEST_SKIP() << "needs " << program;
  }
  const v1::Profile profile_ = ReadProfile(GetParam());
  const ArtefactInput subject_{profile_};
  TempDir directory_;
};

// Returns the words of the last line that begins with `title`.
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

// The features that a kernel reports to the parser.
std::string FeaturesUpTo(Capability last) {
  std::string names;
  for (Capability c = 0; c <= last; ++c)
    absl::StrAppend(&names, " ", absl::AsciiStrToLower(ShortCapabilityName(c)));
  return absl::StrCat("caps {mask {", names.substr(1), "\n}\n}\n");
}

TEST_P(SettingsOf, AppArmorTakesExactlyTheRules) {
  Needs("apparmor_parser");
  if (IsSkipped()) return;
  const auto parse = [&](const std::string& rules, Capability last) {
    EXPECT_TRUE(WriteFile(directory_ / "features", FeaturesUpTo(last)));
    EXPECT_TRUE(
        WriteFile(directory_ / "profile", absl::StrCat("profile capmon-test {\n", rules, "}\n")));
    return RunProgram({"apparmor_parser", "-Q", "-K", "-d", "-M", directory_ / "features",
                       directory_ / "profile"});
  };
  const auto words = [](CapabilitySet set) {
    const std::vector<std::string> names = BareNames(set);
    return std::set<std::string>(names.begin(), names.end());
  };
  const std::string rules = Settings(profile_, "apparmor");
  const Outcome parsed = parse(rules, CAP_LAST_CAP);
  EXPECT_EQ(parsed.exit_code, 0) << rules << parsed.err;
  EXPECT_EQ(WordsAfter(parsed.out, "Capabilities:"), words(subject_.keep));
  EXPECT_NE(parse(rules + "capability nonsense,\n", CAP_LAST_CAP).exit_code, 0);
  if ((subject_.keep & kNamesOf2020).empty()) return;
  CapabilitySet before = subject_.keep - kNamesOf2020;  // replaced, as the note says
  before.Add(CAP_SYS_ADMIN);
  EXPECT_EQ(WordsAfter(parse(rules, CAP_AUDIT_READ).out, "Capabilities:"), words(before));
}

// On top of a file that gave it everything.
TEST_P(SettingsOf, ComposeTakesTheOverride) {
  Needs("docker-compose");
  if (IsSkipped()) return;
  const std::string settings = Settings(profile_, "compose");
  ASSERT_TRUE(WriteFile(directory_ / "override", settings));
  const auto merged = [&] {
    return RunProgram({kSettingsTests / "merged_compose.py", directory_ / "override"});
  };
  const Outcome accepted = merged();
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  const Json service = Json::parse(accepted.out, nullptr, /*allow_exceptions=*/false);
  CapabilitySet added = subject_.keep;
  added.Add(CAP_SYS_PACCT);  // stays, as the note says
  EXPECT_EQ(service["cap_add"], Json(BareNames(added)));
  EXPECT_EQ(service["cap_drop"], Json::array({"ALL"}));
  EXPECT_EQ(service["privileged"], !subject_.maybe_privileged());
  EXPECT_EQ(service.contains("security_opt"), subject_.no_new_privileges);
  ASSERT_TRUE(WriteFile(directory_ / "override", "services: {web: {cap_drop: ALL}}\n"));
  EXPECT_NE(merged().exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Profiles, SettingsOf, testing::ValuesIn(ProfileNames()),
                         [](const auto& instance) { return instance.param; });

// Every YAML reader has its own special words and characters.
TEST(SettingsInYaml, ReadBackAsWhatTheyWere) {
  if (!OnPath("kubectl")) GTEST_SKIP() << "needs kubectl";
  Json odd = {"yes",    "No",     "on",     "y",      "null",       "~",    "",         "1e3",
              "0x1f",   "0o7",    "1_0",    ".inf",   ".NaN",       "-",    "- a",      "? a",
              "a: b",   "a #b",   "#",      "!!str",  "&a",         "*a",   "|",        ">",
              "%a",     "@a",     "`a",     "{}",     "[a",         "'",    "\"",       "\\",
              " a",     "a ",     "\ta",    "a\nb",   "a\n",        "\n",   "\r\n",     "---",
              "...",    "<<",     "=",      "1:30",   "2001-01-01", "\x01", "\x1b[31m", "\x7f",
              "\u0085", "\u2028", "\u202e", "\ufeff", "\U0001f600", "${A}", "$(a)",     "true\n",
              "TRUE",   "Null",   "n"};
  Json annotations;
  for (const std::string word : odd) annotations[word] = word;
  Json patch = {{"metadata", {{"annotations", annotations}}}};
  TempDir directory;
  const std::string yaml = ToYaml(patch);
  ASSERT_TRUE(WriteFile(directory / "yaml", yaml));
  ASSERT_TRUE(WriteFile(directory / "base", R"({"apiVersion":"v1","kind":"Namespace"})"));
  const Outcome kubectl = RunProgram(
      {"kubectl", "patch", "--local", "-f", directory / "base", "-p", yaml, "-o", "json"});
  EXPECT_EQ(nlohmann::json::parse(kubectl.out, nullptr, false)["metadata"]["annotations"],
            nlohmann::json(annotations))
      << kubectl.err;
  const Outcome python =
      RunProgram({"python3", "-c",
                  "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))",
                  directory / "yaml"});
  EXPECT_EQ(nlohmann::json::parse(python.out, nullptr, false), nlohmann::json(patch)) << python.err;
}

// A profile for each capability that a file may have. The file's name has characters that a shell
// would interpret.
TEST(SettingsForFiles, SetcapGivesTheFileWhatItNeeds) {
  if (!OnPath("setcap") || geteuid() != 0) GTEST_SKIP() << "needs setcap, and root";
  TempDir directory;
  const std::string path = directory / "it's; $(touch pwned) \"x";
  size_t given = 0;
  for (Capability c = 0; c <= CAP_LAST_CAP; ++c) {
    v1::Profile profile = ReadProfile("pinger");
    profile.mutable_recommendation()->set_keep(0, CapabilityName(c));
    profile.mutable_capabilities(0)->set_capability(CapabilityName(c));
    profile.mutable_capabilities(0)->mutable_evidence(0)->set_binary(path);
    const std::string settings = Settings(profile, "setcap");
    if (settings.find("\nsetcap ") == settings.npos) continue;
    SCOPED_TRACE(settings);
    std::filesystem::remove(path);
    ASSERT_TRUE(WriteFile(path, "#!/bin/true\n"));
    const Outcome run = RunProgram({"sh", "-c", settings});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(RunProgram({"getcap", path}).out,
              absl::StrCat(path, " ", absl::AsciiStrToLower(CapabilityName(c)), "=ep\n"));
    ++given;
  }
  EXPECT_GE(given, 10u);
}

}  // namespace
}  // namespace capmon
