// SPDX-License-Identifier: Apache-2.0
// Settings of every kind for profiles of every shape, byte for byte: tests/settings/profiles in,
// tests/settings/golden out. After an intended change:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_artefact_test
// and review the difference. Whether the tools accept them is tested in tests/settings.
#include "client/render/artefact/artefact.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/render/artefact/about.h"
#include "client/render/artefact/names.h"
#include "tests/settings/profile_files.h"

namespace capmon {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> Kinds() { return absl::StrSplit(ArtefactKinds(), ", "); }

Artefact Settings(const v1::Profile& profile, const std::string& kind, bool enforce = false) {
  const auto artefact = RenderArtefact(profile, kind, {enforce});
  EXPECT_TRUE(artefact.ok()) << kind << ": " << artefact.status();
  return artefact.ok() ? *artefact : Artefact{};
}

std::string Told(const Artefact& artefact) { return absl::StrJoin(artefact.about, "\n"); }

// Names the settings hand out, whatever the kind.
std::set<std::string> Capabilities(const std::string& text) {
  std::set<std::string> names;
  static const std::regex kAdded("--cap-add=(\\w+)");
  for (std::sregex_iterator it(text.begin(), text.end(), kAdded), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

class OfKind : public testing::TestWithParam<std::string> {};

TEST_P(OfKind, IsGolden) {
  std::string all;
  for (const std::string& name : ProfileNames()) {
    const Artefact artefact = Settings(ReadProfile(name), GetParam());
    absl::StrAppend(&all, "=== ", name, "\n");
    if (!artefact.says_so_itself)
      for (const std::string& line : artefact.about) absl::StrAppend(&all, "stderr ", line, "\n");
    all += artefact.text;
  }
  const std::string golden = kSettingsTests / "golden" / (GetParam() + ".txt");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) WriteFile(golden, all);
  EXPECT_EQ(all, ReadFile(golden));
}

TEST_P(OfKind, SaysWhereItComesFrom) {
  for (const std::string& name : ProfileNames()) {
    const Artefact artefact = Settings(ReadProfile(name), GetParam());
    ASSERT_GE(artefact.about.size(), 2u);
    EXPECT_THAT(artefact.about[0], StartsWith("# Learned by capmon " CAPMON_VERSION " from "));
    EXPECT_THAT(artefact.about, Each(StartsWith("# ")));
    EXPECT_THAT(artefact.about, Each(Not(HasSubstr("\n"))));
    EXPECT_THAT(Told(artefact), HasSubstr("confidence: "));
    EXPECT_EQ(artefact.text.starts_with(Told(artefact) + "\n"), artefact.says_so_itself);
  }
}

TEST_P(OfKind, TellsOfLossesAndRefusals) {
  EXPECT_THAT(Told(Settings(ReadProfile("lossy"), GetParam())),
              AllOf(HasSubstr("12,842 lost"), HasSubstr("the evidence is incomplete")));
  EXPECT_THAT(Told(Settings(ReadProfile("denied"), GetParam())),
              HasSubstr("Refused while observed, and not added: SYS_TIME."));
}

TEST_P(OfKind, ControlCharactersOfNamesStayOut) {
  const std::string text = Settings(ReadProfile("hostile_names"), GetParam()).text;
  for (const char* bad : {"\x1b", "\u202e", "\u2028", "\u0085", "\ufffe"})
    EXPECT_THAT(text, Not(HasSubstr(bad)));
}

INSTANTIATE_TEST_SUITE_P(Kinds, OfKind, testing::ValuesIn(Kinds()), [](const auto& instance) {
  return std::regex_replace(instance.param, std::regex("-"), "_");
});

TEST(Artefact, ThereAreFourteenKindsAndHelpNamesEach) {
  EXPECT_EQ(Kinds().size(), 14u);
  for (const std::string& kind : Kinds()) EXPECT_THAT(ArtefactHelp(), HasSubstr("  " + kind + " "));
}

TEST(Artefact, AnUnknownKindIsAnsweredWithAllThereAre) {
  const auto artefact = RenderArtefact(ReadProfile("denied"), "helm");
  EXPECT_EQ(artefact.status().code(), absl::StatusCode::kInvalidArgument);
  for (const std::string& kind : Kinds()) EXPECT_THAT(artefact.status().message(), HasSubstr(kind));
}

TEST(Artefact, OnlyPoliciesAreEnforced) {
  const v1::Profile profile = ReadProfile("web_in_pod");
  for (const std::string& kind : Kinds()) {
    const auto artefact = RenderArtefact(profile, kind, {true});
    const bool policy = std::set<std::string>{"gatekeeper", "kyverno", "psa", "vap"}.contains(kind);
    EXPECT_EQ(artefact.ok(), policy) << kind;
  }
  EXPECT_THAT(Settings(profile, "vap", true).text, HasSubstr("validationActions: [Deny]"));
  EXPECT_THAT(Settings(profile, "vap").text, HasSubstr("validationActions: [Warn, Audit]"));
  EXPECT_THAT(Settings(profile, "kyverno", true).text, HasSubstr("validationActions: [Deny]"));
  EXPECT_THAT(Settings(profile, "gatekeeper", true).text, HasSubstr("enforcementAction: deny"));
  EXPECT_THAT(Settings(profile, "psa", true).text, HasSubstr("/enforce: baseline"));
  EXPECT_THAT(Settings(profile, "psa").text, Not(HasSubstr("/enforce:")));
}

TEST(Artefact, AGainThroughSetUserIdLeavesNoNewPrivilegesOut) {
  const v1::Profile profile = ReadProfile("set_user_id");
  for (const char* kind : {"docker", "podman", "compose", "k8s", "k8s-patch", "systemd", "oci"}) {
    const Artefact artefact = Settings(profile, kind);
    std::string settings = artefact.text;
    if (artefact.says_so_itself) settings.erase(0, Told(artefact).size());
    for (const char* word :
         {"no-new-privileges", "NoNewPrivileges", "noNewPrivileges", "allowPrivilegeEscalation"})
      EXPECT_THAT(settings, Not(HasSubstr(word))) << kind;
    EXPECT_THAT(Told(artefact), HasSubstr("/usr/bin/sudo gains privileges by set-user-ID")) << kind;
  }
}

TEST(Artefact, SurroundingsMatterOnlyElsewhere) {
  const v1::Profile profile = ReadProfile("pinger");  // learned under Docker
  for (const char* kind : {"docker", "compose"})
    EXPECT_THAT(Told(Settings(profile, kind)), Not(HasSubstr("ping_group_range"))) << kind;
  for (const char* kind : {"podman", "k8s", "vap", "systemd", "oci", "apparmor"})
    EXPECT_THAT(Told(Settings(profile, kind)), HasSubstr("ping_group_range")) << kind;
}

TEST(Artefact, AmbientServesAnotherUserWhereThatCanBe) {
  const v1::Profile profile = ReadProfile("user_1000_ambient");
  EXPECT_THAT(Settings(profile, "systemd").text,
              HasSubstr("AmbientCapabilities=CAP_NET_BIND_SERVICE\n"));
  EXPECT_THAT(Told(Settings(profile, "systemd")), Not(HasSubstr("starts as user")));
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("what is added is not effective"));
  EXPECT_THAT(Told(Settings(ReadProfile("user_1000_gains"), "oci")), HasSubstr("was not ambient"));
}

TEST(Artefact, NewNamesAreFlaggedWhereTheyAreGiven) {
  const v1::Profile profile = ReadProfile("tracer");
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("Docker before 23 refuses"));
  EXPECT_THAT(Told(Settings(profile, "k8s")), HasSubstr("do not know such names"));
  EXPECT_THAT(Told(Settings(profile, "setcap")), Not(HasSubstr("Linux 5.8")));
}

TEST(Artefact, GivesOutWhatIsKeptAndDropsEverythingElse) {
  EXPECT_EQ(Capabilities(Settings(ReadProfile("web_in_pod"), "docker").text),
            (std::set<std::string>{"CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"}));
  EXPECT_EQ(Settings(ReadProfile("nothing_kept"), "docker").text,
            "--cap-drop=ALL --security-opt=no-new-privileges\n");
  v1::Profile profile;
  profile.mutable_recommendation()->add_keep("CAP_NONSENSE --privileged");
  profile.mutable_recommendation()->add_keep("CAP_63");  // no tool knows a name for it
  EXPECT_EQ(Settings(profile, "docker").text, "--cap-drop=ALL\n");
}

TEST(Artefact, FileCapabilitiesAreOnlyForFilesThatDoOneThing) {
  const Artefact hostile = Settings(ReadProfile("hostile_names"), "setcap");
  EXPECT_THAT(hostile.text, HasSubstr("setcap cap_net_raw=ep '/opt/it'\\''s; $(id)/a b'\n"));
  EXPECT_THAT(hostile.text, Not(HasSubstr("setcap cap_net_raw=ep '/opt/new")));
  EXPECT_THAT(hostile.text, Not(HasSubstr("setcap cap_net_raw=ep '/bin/busybox'")));
  EXPECT_THAT(Told(Settings(ReadProfile("web_in_pod"), "setcap")),
              HasSubstr("not for /usr/sbin/nginx: SETUID is too much"));
  EXPECT_THAT(Told(Settings(ReadProfile("user_1000_gains"), "setcap")),
              HasSubstr("it gains them already"));
}

TEST(Artefact, SystemCallsSeenAreNotDenied) {
  EXPECT_THAT(Settings(ReadProfile("nothing_kept"), "seccomp").text, HasSubstr("\"mount\""));
  const std::string denied = Settings(ReadProfile("denied"), "seccomp").text;
  EXPECT_THAT(denied, Not(HasSubstr("\"mount\"")));
  EXPECT_THAT(denied, Not(HasSubstr("\"clock_settime\"")));
  EXPECT_THAT(denied, HasSubstr("\"settimeofday\""));
}

TEST(WhyIncomplete, NamesWhatIsMissing) {
  v1::Confidence confidence;
  confidence.set_state("stable");
  EXPECT_EQ(WhyIncomplete(confidence), "");
  confidence.set_lost(3);
  EXPECT_THAT(WhyIncomplete(confidence), HasSubstr("3 lost"));
  confidence.set_state("learning");
  EXPECT_THAT(WhyIncomplete(confidence),
              AllOf(HasSubstr("no start was seen"), HasSubstr("3 lost")));
}

TEST(Names, AreReducedToWhatTheToolsTake) {
  EXPECT_EQ(DnsLabel("web-1"), "web-1");
  EXPECT_EQ(DnsLabel("--Web_1..x\n"), "web-1-x");
  EXPECT_EQ(DnsLabel(""), "unnamed");
  EXPECT_EQ(DnsLabel("\xff\xfe"), "unnamed");
  EXPECT_EQ(DnsLabel(std::string(62, 'a') + "-b").size(), 62u);
  EXPECT_EQ(ServiceName("My.Service_1"), "My.Service_1");
  EXPECT_TRUE(IsLabelValue("Web.1_x"));
  for (const char* bad : {"", "-x", "x-", "a b", "a'b", "a--b\n"}) EXPECT_FALSE(IsLabelValue(bad));
  EXPECT_FALSE(IsLabelValue(std::string(64, 'a')));
}

}  // namespace
}  // namespace capmon
