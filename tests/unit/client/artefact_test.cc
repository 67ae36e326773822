// SPDX-License-Identifier: Apache-2.0
// Settings of every kind for profiles of every shape: tests/settings/profiles in,
// tests/settings/golden out. A golden has the settings of one profile in full, and of each other
// one what is specific to it. After an intended change:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_client --gtest_filter='*IsGolden*'
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
#include "generated/version.h"
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
  const auto artefact = RenderArtefact(profile, kind, {.enforce = enforce});
  EXPECT_TRUE(artefact.ok()) << kind << ": " << artefact.status();
  return artefact.ok() ? *artefact : Artefact{};
}

std::string Told(const Artefact& artefact) { return absl::StrJoin(artefact.about, "\n"); }

// Returns the capabilities that the settings give, for any kind.
std::set<std::string> Capabilities(const std::string& text) {
  std::set<std::string> names;
  static const std::regex kAdded("--cap-add=(\\w+)");
  for (std::sregex_iterator it(text.begin(), text.end(), kAdded), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

class OfKind : public testing::TestWithParam<std::string> {};

// What the user sees: the settings, and what goes to stderr beside them.
std::vector<std::string> Lines(const std::string& profile, const std::string& kind) {
  const Artefact artefact = Settings(ReadProfile(profile), kind);
  std::vector<std::string> lines;
  if (!artefact.about_is_in_text)
    for (const std::string& line : artefact.about) lines.push_back("stderr " + line);
  const std::vector<std::string> text = absl::StrSplit(artefact.text, '\n', absl::SkipEmpty());
  lines.insert(lines.end(), text.begin(), text.end());
  return lines;
}

// How much of two lists is common from each pair of lines on, in order.
std::vector<std::vector<size_t>> CommonFrom(const std::vector<std::string>& a,
                                            const std::vector<std::string>& b) {
  std::vector<std::vector<size_t>> common(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;)
    for (size_t j = b.size(); j-- > 0;)
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  return common;
}

// What is specific to `other`: after "+ " the lines that `base` has not, each once; after "- " the
// lines of `base` that it has not, where none took their place.
std::string Specific(const std::vector<std::string>& base, const std::vector<std::string>& other) {
  const auto common = CommonFrom(base, other);
  std::set<std::string> seen;
  std::string text, added, gone;
  bool replaced = false;
  for (size_t i = 0, j = 0; i < base.size() || j < other.size();) {
    if (i < base.size() && j < other.size() && base[i] == other[j]) {
      absl::StrAppend(&text, replaced ? added : gone);
      added = gone = "";
      replaced = false;
      ++i, ++j;
    } else if (j == other.size() || (i < base.size() && common[i + 1][j] >= common[i][j + 1])) {
      absl::StrAppend(&gone, "- ", base[i++], "\n");
    } else {
      replaced = true;
      if (seen.insert(other[j]).second) absl::StrAppend(&added, "+ ", other[j], "\n");
      ++j;
    }
  }
  return absl::StrCat(text, replaced ? added : gone);
}

TEST_P(OfKind, IsGolden) {
  const std::string whole = "web_in_pod";
  const std::vector<std::string> base = Lines(whole, GetParam());
  std::string all = absl::StrCat("=== ", whole, "\n", absl::StrJoin(base, "\n"), "\n");
  for (const std::string& name : ProfileNames())
    if (name != whole)
      absl::StrAppend(&all, "=== ", name, "\n", Specific(base, Lines(name, GetParam())));
  const std::string golden = kSettingsTests / "golden" / (GetParam() + ".txt");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) WriteFile(golden, all);
  EXPECT_EQ(all, ReadFile(golden));
}

TEST_P(OfKind, SaysWhereItComesFrom) {
  for (const std::string& name : ProfileNames()) {
    const Artefact artefact = Settings(ReadProfile(name), GetParam());
    ASSERT_GE(artefact.about.size(), 2u);
    EXPECT_THAT(artefact.about[0], StartsWith("# Learned by capmon " CAPMON_VERSION " from"));
    EXPECT_THAT(artefact.about, Each(StartsWith("# ")));
    EXPECT_THAT(artefact.about, Each(Not(HasSubstr("\n"))));
    EXPECT_THAT(Told(artefact), HasSubstr("confidence: "));
    EXPECT_EQ(artefact.text.starts_with(Told(artefact) + "\n"), artefact.about_is_in_text);
  }
}

TEST_P(OfKind, ReportsLossesAndDenials) {
  EXPECT_THAT(Told(Settings(ReadProfile("lossy"), GetParam())),
              AllOf(HasSubstr("12,842 lost"), HasSubstr("the evidence is incomplete")));
  EXPECT_THAT(Told(Settings(ReadProfile("denied"), GetParam())),
              HasSubstr("Denied while observed, and not added: SYS_TIME."));
}

TEST_P(OfKind, SaysWhatWasProven) {
  v1::Profile profile = ReadProfile("pinger");
  for (v1::CapabilityVerdict& verdict : *profile.mutable_capabilities()) {
    if (verdict.capability() != "CAP_NET_RAW") continue;
    verdict.mutable_proof()->set_finding("needed");
    verdict.mutable_proof()->set_check("ping x");
    verdict.mutable_proof()->mutable_at()->set_seconds(1'795'953'600);  // noon
  }
  EXPECT_THAT(Told(Settings(profile, GetParam())),
              HasSubstr("# Tried on 2026-11-29 (check: ping x): needs NET_RAW."));
  for (v1::CapabilityVerdict& verdict : *profile.mutable_capabilities())
    verdict.mutable_proof()->set_withdrawn("it is about another image");
  EXPECT_THAT(Told(Settings(profile, GetParam())), Not(HasSubstr("Tried on")));
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

// The evidence shows nothing to drop: no kind of settings may drop anything.
TEST(Artefact, NoKindRestsOnNothing) {
  v1::Profile profile = ReadProfile("nothing_kept");
  v1::Recommendation& advice = *profile.mutable_recommendation();
  *advice.mutable_unknown() = advice.remove();
  advice.clear_remove();
  advice.set_unknown_reason("its start was not seen: it ran before capmond");
  for (const std::string& kind : Kinds()) {
    const auto artefact = RenderArtefact(profile, kind);
    EXPECT_EQ(artefact.status().code(), absl::StatusCode::kDataLoss) << kind;
    EXPECT_THAT(artefact.status().message(),
                AllOf(HasSubstr("its start was not seen"), HasSubstr("recreate it"),
                      HasSubstr("--assume-unused")));
    EXPECT_TRUE(RenderArtefact(profile, kind, {.assume_unused = true}).ok()) << kind;
  }
  profile.mutable_container()->mutable_ended()->set_seconds(7);
  EXPECT_THAT(RenderArtefact(profile, "docker").status().message(), HasSubstr("start it again"));
}

TEST(Artefact, NothingThatIsUnknownIsDropped) {
  v1::Profile profile = ReadProfile("nothing_kept");
  v1::Recommendation& advice = *profile.mutable_recommendation();
  ASSERT_GT(advice.remove_size(), 1);
  advice.clear_remove();
  advice.add_remove("CAP_KILL");
  advice.add_unknown("CAP_CHOWN");
  const Artefact docker = Settings(profile, "docker");
  EXPECT_EQ(Capabilities(docker.text), std::set<std::string>{"CHOWN"});
  EXPECT_THAT(Told(docker), HasSubstr("whether it needs CHOWN is unknown"));
}

TEST(Artefact, TheUserOfAProcessThatWasFoundIsNotTheUserItStartsAs) {
  v1::Profile profile = ReadProfile("user_1000");
  profile.mutable_confidence()->set_starts(0);
  profile.mutable_held()->set_source("process");
  profile.mutable_recommendation()->set_unknown_reason("its start was not seen");
  const auto k8s = RenderArtefact(profile, "k8s", {.assume_unused = true});
  ASSERT_TRUE(k8s.ok());
  EXPECT_THAT(k8s->text, Not(HasSubstr("1000")));
}

TEST(Artefact, OnlyPoliciesAreEnforced) {
  const v1::Profile profile = ReadProfile("web_in_pod");
  for (const std::string& kind : Kinds()) {
    const auto artefact = RenderArtefact(profile, kind, {.enforce = true});
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
    if (artefact.about_is_in_text) settings.erase(0, Told(artefact).size());
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
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("added capabilities are not effective"));
  EXPECT_THAT(Told(Settings(ReadProfile("user_1000_gains"), "oci")), HasSubstr("was not ambient"));
}

TEST(Artefact, NewNamesAreFlaggedWhereTheyAreGiven) {
  const v1::Profile profile = ReadProfile("tracer");
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("Docker before 23"));
  EXPECT_THAT(Told(Settings(profile, "k8s")), HasSubstr("do not know these names"));
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
              HasSubstr("not for /usr/sbin/nginx: SETUID would give every user"));
  EXPECT_THAT(Told(Settings(ReadProfile("user_1000_gains"), "setcap")),
              HasSubstr("it has them already"));
}

TEST(Artefact, WhatUser0RegainsIsNoFileCapability) {
  v1::Profile profile = ReadProfile("pinger");
  v1::PrivilegeGain* const gain = profile.add_gains();
  gain->set_path(profile.capabilities(0).evidence(0).binary());
  gain->set_how("root re-gain");
  EXPECT_THAT(Settings(profile, "setcap").text, HasSubstr("\nsetcap cap_net_raw=ep"));
  gain->set_how("file capabilities");
  EXPECT_THAT(Settings(profile, "setcap").text, Not(HasSubstr("\nsetcap ")));
}

TEST(Artefact, FileCapabilitiesAreNotForInterpreters) {
  v1::Profile profile = ReadProfile("pinger");
  const auto settings = [&](const std::string& path) {
    profile.mutable_capabilities(0)->mutable_evidence(0)->set_binary(path);
    return Settings(profile, "setcap").text;
  };
  for (const char* path : {"/usr/bin/php8.2", "/usr/bin/python3.11", "/usr/bin/perl5.36.0",
                           "/lib64/ld-linux-x86-64.so.2", "/bin/sh"})
    EXPECT_THAT(settings(path),
                AllOf(HasSubstr("it is an interpreter"), Not(HasSubstr("\nsetcap "))))
        << path;
  EXPECT_THAT(settings("/usr/bin/ping6"), HasSubstr("\nsetcap cap_net_raw=ep '/usr/bin/ping6'\n"));
}

TEST(Artefact, ALevelThatDeniesNothingHasANote) {
  EXPECT_THAT(Told(Settings(ReadProfile("tracer"), "psa", true)), HasSubstr("denies nothing"));
  EXPECT_THAT(Told(Settings(ReadProfile("web_in_pod"), "psa")), Not(HasSubstr("denies nothing")));
}

TEST(Artefact, AUserNamespaceHasANote) {
  v1::Profile profile = ReadProfile("pinger");
  EXPECT_THAT(Told(Settings(profile, "docker")), Not(HasSubstr("user namespace")));
  profile.mutable_held()->set_userns_level(1);
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("it ran in a user namespace"));
}

// Returns the names that the filter's rules allow without conditions.
std::set<std::string> LetThrough(const v1::Profile& profile) {
  const Json filter = Json::parse(Settings(profile, "seccomp").text);
  EXPECT_EQ(filter["defaultAction"], "SCMP_ACT_ERRNO");
  std::set<std::string> names;
  for (const Json& rule : filter["syscalls"])
    if (rule["action"] == "SCMP_ACT_ALLOW" && !rule.contains("args"))
      names.insert(rule["names"].begin(), rule["names"].end());
  return names;
}

v1::Evidence* AddEvidence(v1::Profile& profile, const std::string& syscall,
                          const std::string& verdict, const std::string& phase) {
  v1::CapabilityVerdict* const row = profile.add_capabilities();
  row->set_capability("CAP_SYS_ADMIN");
  row->set_verdict(verdict);
  v1::Evidence* const evidence = row->add_evidence();
  evidence->set_syscall(syscall);
  evidence->set_verdict(verdict);
  evidence->set_granted(verdict != "missing");
  evidence->set_phase(phase);
  return evidence;
}

TEST(Artefact, AFilterNeverAllowsWhatTheDefaultDenies) {
  const std::set<std::string> names = LetThrough(ReadProfile("nothing_kept"));
  for (const char* refused :
       {"unshare", "setns", "mount", "umount2", "pivot_root", "clone", "clone3", "keyctl",
        "add_key", "bpf", "userfaultfd", "kexec_load", "reboot", "open_by_handle_at", "chroot",
        "mbind", "io_uring_setup", "socket"})
    EXPECT_FALSE(names.contains(refused)) << refused;
  for (const char* ordinary :
       {"read", "openat", "execve", "futex", "clock_gettime", "fork", "prctl"})
    EXPECT_TRUE(names.contains(ordinary)) << ordinary;
}

TEST(Artefact, AFilterOpensWhatAKeptCapabilityOpens) {
  v1::Profile profile = ReadProfile("nothing_kept");
  profile.mutable_recommendation()->add_keep("CAP_SYS_CHROOT");
  EXPECT_TRUE(LetThrough(profile).contains("chroot"));
  EXPECT_FALSE(LetThrough(profile).contains("mount"));
  profile.mutable_recommendation()->add_keep("CAP_SYS_ADMIN");
  for (const char* call : {"mount", "unshare", "setns", "clone", "clone3"})
    EXPECT_TRUE(LetThrough(profile).contains(call)) << call;
  EXPECT_FALSE(LetThrough(profile).contains("pivot_root")) << "not by any capability";
}

TEST(Artefact, AFilterDoesNotOpenWhatFailedForACapabilityThatIsNotAdded) {
  v1::Profile profile = ReadProfile("nothing_kept");
  AddEvidence(profile, "mount", "missing", "workload");
  EXPECT_FALSE(LetThrough(profile).contains("mount"));
  AddEvidence(profile, "mount", "own-namespace", "workload");
  EXPECT_TRUE(LetThrough(profile).contains("mount")) << "it works in a namespace of its own";
}

TEST(Artefact, AFilterDoesNotOpenWhatFailedForAnotherReason) {
  v1::Profile profile = ReadProfile("nothing_kept");
  AddEvidence(profile, "mount", "tried", "workload");
  AddEvidence(profile, "setns", "own-namespace", "workload")->set_granted(false);
  AddEvidence(profile, "bpf", "review", "workload")->set_granted(false);
  const std::set<std::string> names = LetThrough(profile);
  for (const char* call : {"mount", "setns", "bpf"}) EXPECT_FALSE(names.contains(call)) << call;
}

TEST(Artefact, AForkBeyondItsLimitOpensNoNamespaces) {
  v1::Profile profile = ReadProfile("nothing_kept");
  AddEvidence(profile, "clone", "either", "workload")->set_site("copy_process");
  EXPECT_FALSE(LetThrough(profile).contains("clone"));
  AddEvidence(profile, "clone", "own-namespace", "workload")->set_site("copy_namespaces");
  EXPECT_TRUE(LetThrough(profile).contains("clone"));
}

// `unshare -Urm` and a mount by user 1000, which a container without a filter may.
TEST(Artefact, AFilterLeavesCallsInItsOwnNamespaceAlone) {
  v1::Profile profile = ReadProfile("nothing_kept");
  for (const char* call : {"unshare", "mount", "umount2", "pivot_root"})
    AddEvidence(profile, call, "own-namespace", "workload");
  for (const char* call : {"unshare", "mount", "umount2", "pivot_root"})
    EXPECT_TRUE(LetThrough(profile).contains(call)) << call;
  EXPECT_FALSE(LetThrough(profile).contains("setns"));
  AddEvidence(profile, "clone", "own-namespace", "workload");
  EXPECT_TRUE(LetThrough(profile).contains("clone"));
}

TEST(Artefact, AFilterIsNotOpenedByTheRuntimeOrByForks) {
  v1::Profile profile = ReadProfile("nothing_kept");
  AddEvidence(profile, "pivot_root", "runtime-only", "runtime");
  AddEvidence(profile, "mount", "required", "runtime");
  AddEvidence(profile, "clone", "noise", "workload");
  AddEvidence(profile, "un share\"", "review", "workload");
  const std::set<std::string> names = LetThrough(profile);
  for (const char* call : {"pivot_root", "mount", "clone", "un share\""})
    EXPECT_FALSE(names.contains(call)) << call;
}

TEST(Artefact, RootInAUserNamespaceIsNoOtherUser) {
  v1::Profile profile = ReadProfile("user_1000");
  profile.mutable_held()->set_uid(100000);
  profile.mutable_held()->set_userns_level(1);
  profile.mutable_held()->add_effective("CAP_CHOWN");
  EXPECT_THAT(Settings(profile, "k8s").text, Not(HasSubstr("runAs")));
  EXPECT_THAT(Told(Settings(profile, "docker")), Not(HasSubstr("100000")));
  EXPECT_THAT(Settings(profile, "psa", true).text, Not(HasSubstr("enforce: restricted")));
  profile.mutable_held()->clear_effective();  // its user inside is not known
  EXPECT_THAT(Settings(profile, "k8s").text, Not(HasSubstr("runAs")));
}

TEST(Artefact, AllCapabilitiesOneByOneAreNotPrivileged) {
  v1::Profile profile = ReadProfile("all_kept");
  profile.mutable_container()->set_privileged(false);
  profile.mutable_container()->set_name_source("docker");
  for (const char* kind : {"docker", "compose", "k8s", "oci"})
    EXPECT_THAT(Told(Settings(profile, kind)), Not(HasSubstr("privileged, which"))) << kind;
  EXPECT_THAT(Settings(profile, "compose").text, Not(HasSubstr("privileged:")));
  profile.mutable_container()->set_name_source("cgroup");  // no runtime was queried
  EXPECT_THAT(Told(Settings(profile, "docker")), HasSubstr("whether it ran privileged"));
}

TEST(Artefact, ThePlaceInThePodDecidesTheListOfAPatch) {
  const v1::Profile profile = ReadProfile("web_in_pod");
  const auto patch = [&](const std::string& list) {
    return RenderArtefact(profile, "k8s-patch", {.list = list})->text;
  };
  EXPECT_THAT(patch("containers"),
              AllOf(HasSubstr("\n      containers:\n"), HasSubstr("--list\n# initContainers")));
  EXPECT_THAT(patch("initContainers"),
              AllOf(HasSubstr("\n      initContainers:\n"), Not(HasSubstr(" containers:\n"))));
  EXPECT_THAT(patch("ephemeralContainers"), HasSubstr("an ephemeral container cannot be changed"));
}

TEST(Artefact, ALevelAppliesToTheWholeNamespace) {
  v1::Profile mild = ReadProfile("user_1000");
  mild.mutable_held()->set_seccomp("filter");
  mild.mutable_recommendation()->clear_keep();
  mild.mutable_recommendation()->set_no_new_privileges("safe");
  mild.mutable_recommendation()->set_non_root("safe");
  const auto level = [&](std::vector<v1::Profile> neighbours) {
    const auto artefact = RenderArtefact(mild, "psa", {.neighbours = std::move(neighbours)});
    return absl::StrCat(artefact->text, absl::StrJoin(artefact->about, "\n"));
  };
  EXPECT_THAT(level({}), AllOf(HasSubstr("/warn: restricted\n"),
                               HasSubstr("only this container was examined")));
  EXPECT_THAT(level({mild}),
              AllOf(HasSubstr("/warn: restricted\n"), HasSubstr("all 2 containers")));
  EXPECT_THAT(level({mild, ReadProfile("web_in_pod")}),
              AllOf(HasSubstr("/warn: baseline\n"),
                    HasSubstr("nginx: the level restricted is prevented by")));
  EXPECT_THAT(level({ReadProfile("tracer")}), HasSubstr("/warn: privileged\n"));
}

TEST(Artefact, RestrictedIsClaimedOnlyWithAFilter) {
  v1::Profile profile = ReadProfile("user_1000");
  profile.mutable_recommendation()->clear_keep();
  profile.mutable_recommendation()->set_no_new_privileges("safe");
  profile.mutable_recommendation()->set_non_root("safe");
  profile.mutable_held()->set_seccomp("none");
  EXPECT_THAT(Settings(profile, "psa").text,
              AllOf(HasSubstr("/warn: baseline\n"), HasSubstr("seccompProfile: RuntimeDefault")));
  EXPECT_THAT(Settings(profile, "k8s").text, Not(HasSubstr("seccompProfile")));
  profile.mutable_held()->set_seccomp("filter");
  EXPECT_THAT(Settings(profile, "psa").text, HasSubstr("/warn: restricted\n"));
  EXPECT_THAT(Settings(profile, "k8s").text,
              AllOf(HasSubstr("seccompProfile:\n    type: RuntimeDefault\n"),
                    HasSubstr("runAsNonRoot: true"), HasSubstr("allowPrivilegeEscalation: false")));
}

TEST(Artefact, PodsOfJobsAreSelectedByWhatTheyCarry) {
  v1::Profile profile = ReadProfile("nightly");
  profile.mutable_container()->clear_labels();
  for (const char* kind : {"vap", "kyverno"})
    EXPECT_THAT(
        Settings(profile, kind).text,
        AllOf(HasSubstr("['job-name'].matches('^nightly-[0-9]+$')"), Not(HasSubstr("app: "))))
        << kind;
  // The pods of a Deployment nightly-report carry no job-name, those of a Job nightly-report do.
  EXPECT_THAT(Settings(profile, "gatekeeper").text,
              AllOf(HasSubstr("name: \"nightly-*\""), HasSubstr("- key: job-name"),
                    HasSubstr("operator: Exists")));
  EXPECT_THAT(Told(Settings(profile, "gatekeeper")), HasSubstr("the pods of every"));
  profile.mutable_container()->set_workload("job/import");
  EXPECT_THAT(Settings(profile, "vap").text, HasSubstr("matchLabels:\n        job-name: import\n"));
  EXPECT_THAT(Settings(profile, "kyverno").text, HasSubstr("['job-name'] == 'import'"));
  EXPECT_THAT(Settings(profile, "gatekeeper").text, HasSubstr("job-name: import\n"));
}

TEST(Artefact, APolicyIsForTheContainerOfThatName) {
  v1::Profile profile = ReadProfile("web_in_pod");
  const std::string one = Settings(profile, "vap").text;
  EXPECT_THAT(one, HasSubstr("c.name != 'nginx' ||"));
  EXPECT_THAT(one, HasSubstr("name: capmon-shop.deployment.web.nginx\n"));
  profile.mutable_container()->set_name("sidecar");
  EXPECT_THAT(Settings(profile, "vap").text,
              HasSubstr("name: capmon-shop.deployment.web.sidecar\n"));
  EXPECT_THAT(Told(Settings(profile, "gatekeeper")),
              HasSubstr("cannot select a container by name"));
}

TEST(Artefact, KyvernoMakesRulesForWhatCreatesThePods) {
  const std::string text = Settings(ReadProfile("web_in_pod"), "kyverno").text;
  for (const char* bar : {"objectSelector", "namespaceSelector", "ephemeralcontainers\""})
    EXPECT_THAT(text, Not(HasSubstr(bar))) << "it keeps Kyverno from that";
  EXPECT_THAT(text,
              AllOf(HasSubstr("resources: [pods]"), HasSubstr("request.namespace == 'shop'")));
}

TEST(WhyIncomplete, NamesWhatIsMissing) {
  v1::Confidence confidence;
  confidence.set_state("stable");
  EXPECT_EQ(WhyIncomplete(confidence), "");
  confidence.set_lost(3);
  EXPECT_THAT(WhyIncomplete(confidence), HasSubstr("3 lost"));
  confidence.set_state("learning");
  EXPECT_THAT(WhyIncomplete(confidence), HasSubstr("still learning"));
  confidence.add_open_conditions("its start was not seen");
  confidence.add_open_conditions("lost 3");
  EXPECT_EQ(WhyIncomplete(confidence), "its start was not seen, and lost 3");
}

TEST(Remedy, IsNeverWhatCannotHelp) {
  v1::Profile profile;
  profile.mutable_confidence()->set_starts(1);
  EXPECT_THAT(RemedyFor(profile), HasSubstr("run longer"));
  profile.mutable_confidence()->set_starts(0);
  EXPECT_EQ(RemedyFor(profile), "restart it");
  profile.mutable_confidence()->set_starts(1);
  profile.mutable_confidence()->set_lost(1);
  EXPECT_EQ(RemedyFor(profile), "restart it");
  profile.mutable_container()->set_runtime("docker");
  EXPECT_EQ(RemedyFor(profile), "recreate it, or at least restart it");
  profile.mutable_container()->mutable_ended()->set_seconds(1);
  EXPECT_EQ(RemedyFor(profile), "start it again");
  profile.mutable_container()->set_kind("host");
  EXPECT_THAT(RemedyFor(profile), Not(HasSubstr("start")));
}

TEST(Artefact, APatchFitsWhatTheContainerBelongsTo) {
  EXPECT_THAT(Settings(ReadProfile("nightly"), "k8s-patch").text,
              AllOf(HasSubstr("apiVersion: batch/v1\nkind: CronJob\n"), HasSubstr("jobTemplate:"),
                    HasSubstr("CronJob nightly is a guess")));
  EXPECT_THAT(Settings(ReadProfile("static_pod"), "k8s-patch").text,
              AllOf(HasSubstr("kind: Pod\n"), HasSubstr("a file on its node")));
  EXPECT_THAT(Told(Settings(ReadProfile("static_pod"), "vap")), HasSubstr("runs on its node even"));
  EXPECT_THAT(Told(Settings(ReadProfile("nightly"), "vap")), Not(HasSubstr("its node")));
  v1::Profile profile = ReadProfile("nightly");
  profile.mutable_container()->set_workload_inferred(false);
  profile.mutable_container()->set_workload("job/import");
  EXPECT_THAT(Settings(profile, "k8s-patch").text,
              AllOf(HasSubstr("kind: Job\n"), HasSubstr("the pods of an existing Job"),
                    Not(HasSubstr("is a guess"))));
  profile.mutable_container()->set_workload("");  // its name alone is no workload
  EXPECT_THAT(Settings(profile, "k8s-patch").text,
              AllOf(HasSubstr("kind: Pod\nmetadata:\n  name: nightly-29251440-x2x7z\n"),
                    HasSubstr("an existing pod cannot be changed")));
}

TEST(Artefact, APatchLeavesNothingThatWasAdded) {
  EXPECT_THAT(Settings(ReadProfile("nothing_kept"), "k8s-patch").text, HasSubstr("add: []\n"));
}

// One policy must not replace another.
TEST(Artefact, PoliciesOfDifferentWorkloadsHaveDifferentNames) {
  std::set<std::string> names;
  v1::Profile profile = ReadProfile("web_in_pod");
  const auto add = [&](const std::string& name_space, const std::string& workload) {
    profile.mutable_container()->set_namespace_(name_space);
    profile.mutable_container()->set_workload(workload);
    const std::string text = Settings(profile, "vap").text;
    std::smatch name;
    ASSERT_TRUE(std::regex_search(text, name, std::regex("\n  name: (.*)\n")));
    names.insert(name[1]);
  };
  const std::string long_name(63, 'n');
  add("a", "deploy/b-c");
  add("a-b", "deploy/c");
  add("a", "sts/b-c");
  add("a", "deploy/b.c");
  add(long_name, "deploy/" + long_name + "1");
  add(long_name, "deploy/" + long_name + "2");
  EXPECT_EQ(names.size(), 6u) << absl::StrJoin(names, " ");
  EXPECT_TRUE(names.contains("capmon-a.deployment.b-c.nginx")) << absl::StrJoin(names, " ");
}

TEST(Artefact, APolicySelectsByWhatNamesTheWorkload) {
  v1::Profile profile = ReadProfile("web_in_pod");
  const auto labels = [&](const std::map<std::string, std::string>& seen) {
    profile.mutable_container()->mutable_labels()->clear();
    profile.mutable_container()->mutable_labels()->insert(seen.begin(), seen.end());
    return Settings(profile, "vap").text;
  };
  EXPECT_THAT(labels({{"k8s-app", "x"}, {"pod-template-hash", "5d4"}}),
              AllOf(HasSubstr("matchLabels:\n        k8s-app: x\n  validations"),
                    Not(HasSubstr("and app="))));
  // Many workloads have a database.
  EXPECT_THAT(
      labels({{"app.kubernetes.io/component", "database"}}),
      AllOf(HasSubstr("app: web\n"), HasSubstr("none of the labels seen names the workload")));
  EXPECT_THAT(labels({}), HasSubstr("labels were not seen, and app=web is a guess"));
}

TEST(Artefact, APolicyThatWarnsStopsNothingWhenKyvernoIsDown) {
  const v1::Profile profile = ReadProfile("web_in_pod");
  EXPECT_THAT(Settings(profile, "kyverno").text, HasSubstr("failurePolicy: Ignore\n"));
  EXPECT_THAT(Settings(profile, "kyverno", true).text, HasSubstr("failurePolicy: Fail\n"));
}

TEST(Artefact, PrivilegedIsAWordForContainers) {
  v1::Profile profile = ReadProfile("all_kept");
  EXPECT_THAT(Told(Settings(profile, "systemd")), HasSubstr("it ran privileged"));
  profile.mutable_container()->set_privileged(false);
  EXPECT_THAT(Told(Settings(profile, "systemd")), HasSubstr("it held all capabilities"));
  profile.mutable_container()->set_kind("unit");  // has everything by default
  EXPECT_THAT(Told(Settings(profile, "systemd")), Not(HasSubstr("it held all")));
}

TEST(Artefact, AContainerThatNeverRanThereHasANoteOnItsNames) {
  const v1::Profile profile = ReadProfile("pinger");
  EXPECT_THAT(Told(Settings(profile, "compose")), HasSubstr("Compose did not start it"));
  EXPECT_THAT(Told(Settings(profile, "k8s-patch")), HasSubstr("replace the names with yours"));
  EXPECT_THAT(Settings(profile, "psa").text, HasSubstr("name: your-namespace\n"));
  EXPECT_THAT(Told(Settings(profile, "systemd")), HasSubstr("/etc/systemd/system/your.service.d/"));
  EXPECT_THAT(Told(Settings(ReadProfile("user_1000"), "compose")), Not(HasSubstr("did not start")));
}

}  // namespace
}  // namespace capmon
