// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/profile_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/commands/report_command.h"
#include "client/profile_file/compare.h"
#include "client/profile_file/convert.h"
#include "client/profile_file/summary.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kFile[] = R"(version: 1
workload: "compose:shop/web"
image: "nginx:1.27"
needs:
  CHOWN: required
  KILL: declared
  SETUID: conditional
unknown:
  SYS_PTRACE: unknown
instances:
  - id: aaaa
    started: "2026-01-31T12:00:00Z"
    observed: 7200
    state: stable
    starts: 1
    seccomp_filter: true
    user: 0
    no_new_privileges: safe
    non_root: unsafe
    surroundings:
      net.ipv4.ip_unprivileged_port_start: "0"
    needs:
      CHOWN: required
      SETUID: conditional
    unneeded:
      NET_RAW: unused
  - id: bbbb
    started: "2026-01-31T12:00:01Z"
    observed: 60
    state: learning
    starts: 1
    lost: 3
    no_new_privileges: safe
    non_root: safe
    surroundings:
      net.ipv4.ip_unprivileged_port_start: "1024"
    needs:
      CHOWN: conditional
    unknown:
      SETUID: unknown
      SYS_PTRACE: unknown
    unneeded:
      NET_RAW: noise
)";

ProfileSet Read(const std::string& text) {
  const auto set = ReadProfileFile(text, "web.yaml");
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *set : ProfileSet();
}

std::string Complaint(const std::string& text) {
  const auto set = ReadProfileFile(text, "web.yaml");
  return set.ok() ? "" : std::string(set.status().message());
}

std::string With(const std::string& from, const std::string& to) {
  return absl::StrReplaceAll(kFile, {{from, to}});
}

TEST(ProfileFileTest, IsWrittenAsItIsRead) {
  EXPECT_EQ(ToYamlFile(Read(kFile)), kFile);
  EXPECT_EQ(ToYamlFile(Read(ToJsonFile(Read(kFile)).dump(1))), kFile);
  const std::string two = std::string(kFile) + "---\n" + With("shop/web", "shop/xyz");
  EXPECT_EQ(ToYamlFile(Read(two)), two);
  EXPECT_EQ(ToYamlFile(Read(ToJsonFile(Read(two)).dump())), two);
}

TEST(ProfileFileTest, ClusterAndNodeArePartOfIt) {
  const std::string text =
      absl::StrReplaceAll(kFile, {{"image: \"nginx", "cluster: prod\nimage: \"nginx"},
                                  {"    observed: 60\n", "    node: node-1\n    observed: 60\n"}});
  const ProfileSet set = Read(text);
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set.begin()->first.cluster, "prod");
  EXPECT_EQ(set.begin()->second.rows.rbegin()->second.node, "node-1");
  EXPECT_EQ(ToYamlFile(set), text);
  ProfileSet merged = set;
  MergeInto(merged, Read(kFile));
  EXPECT_EQ(merged.size(), 2u) << "of another cluster, or of none that is known";
}

TEST(ProfileFileTest, SumsUpItsInstances) {
  const Summary summary = SummaryOf(Read(kFile).begin()->second);
  EXPECT_EQ(summary.needs.at("CHOWN").verdict, Verdict::kRequired);
  EXPECT_EQ(summary.needs.at("CHOWN").instances, 2u);
  EXPECT_EQ(summary.needs.at("SETUID").instances, 1u);
  EXPECT_TRUE(summary.needs.at("KILL").declared);
  EXPECT_EQ(summary.unknown.size(), 1u) << "a need elsewhere is a need";
  EXPECT_EQ(summary.unneeded.at("NET_RAW").instances, 2u);
  EXPECT_EQ(summary.no_new_privileges, "safe");
  EXPECT_EQ(summary.non_root, "unsafe");
  EXPECT_FALSE(summary.settled()) << "one instance lost checks";
  EXPECT_FALSE(summary.filtered);
  EXPECT_THAT(summary.warnings, ElementsAre(HasSubstr("ip_unprivileged_port_start: 0, 1024"),
                                            HasSubstr("binding to lower ports needs")));
  EXPECT_EQ(GroundsOf(summary),
            "learned from 2 instances, 1 of them stable, 3 checks or records lost");
}

TEST(ProfileFileTest, OneChangedNeedIsOneChangedLineInTheSummary) {
  ProfileSet set = Read(kFile);
  set.begin()->second.declared.insert("BPF");
  const std::vector<std::string> before = absl::StrSplit(kFile, '\n');
  const std::vector<std::string> after = absl::StrSplit(ToYamlFile(set), '\n');
  ASSERT_EQ(after.size(), before.size() + 1);
  EXPECT_EQ(after[4], "  BPF: declared");
}

TEST(ProfileFileTest, RefusesWhatIsNotTheFormat) {
  EXPECT_THAT(Complaint(With("image:", "imagf:")),
              HasSubstr("web.yaml:3:1: the profile has no key"));
  EXPECT_THAT(Complaint(With("version: 1", "version: 2")), HasSubstr("web.yaml:1:10: this capmon"));
  EXPECT_THAT(Complaint(With("version: 1\n", "")), HasSubstr("the profile has no version"));
  EXPECT_THAT(Complaint(With("  - id: aaaa\n    started", "  - started")),
              HasSubstr("the instance has no id"));
  EXPECT_THAT(Complaint(With("observed: 7200", "observed: -1")),
              HasSubstr("13:15: observed takes"));
  for (const char* lost : {"lost: -3", "lost: 9223372036854775807", "lost: 18446744073709551615",
                           "lost: 1000000000001", "lost: 3.5", "lost: many"})
    EXPECT_THAT(Complaint(With("lost: 3", lost)), HasSubstr("32:11: lost takes a number")) << lost;
  EXPECT_THAT(Complaint(With("state: stable", "state: done")),
              HasSubstr("14:12: state takes learning, stable"));
  EXPECT_THAT(Complaint(With("user: 0", "user: 4294967296")), HasSubstr("32 bits"));
  EXPECT_THAT(Complaint(With("\"2026-01-31T12:00:00Z\"", "yesterday")), HasSubstr("a time in UTC"));
  EXPECT_THAT(Complaint(With("      NET_RAW: unused", "      NET_ROW: unused")),
              HasSubstr("26:7: there is no capability \"NET_ROW\""));
  EXPECT_THAT(Complaint(With("      NET_RAW: unused", "      cap_net_raw: unused")),
              HasSubstr("write it like NET_RAW"));
  EXPECT_THAT(Complaint(With("      NET_RAW: unused", "      CHOWN: unused")),
              HasSubstr("CHOWN stands there twice"));
  EXPECT_THAT(Complaint(With("NET_RAW: unused", "NET_RAW: required")),
              HasSubstr("a verdict that means no need"));
  EXPECT_THAT(Complaint(With("id: bbbb\n    started: \"2026-01-31T12:00:01Z\"",
                             "id: aaaa\n    started: \"2026-01-31T12:00:00Z\"")),
              HasSubstr("the instance stands there twice"));
  EXPECT_THAT(Complaint(std::string(kFile) + "---\n" + kFile), HasSubstr("twice"));
  EXPECT_THAT(Complaint("just text"), HasSubstr("web.yaml:1:1: the profile is no map"));
  EXPECT_THAT(Complaint(With("image: ", "image: &x ")), HasSubstr("an anchor is not accepted"));
  EXPECT_THAT(Complaint("{"), HasSubstr("web.yaml:"));
  EXPECT_TRUE(Read("").empty());
}

TEST(ProfileFileTest, RefusesASummaryThatTheInstancesContradict) {
  EXPECT_THAT(Complaint(With("  CHOWN: required\n  KILL", "  KILL")),
              HasSubstr("5:3: the instances show CHOWN under needs, and it is missing here"));
  EXPECT_THAT(Complaint(With("  KILL: declared", "  KILL: required")),
              HasSubstr("KILL: declared under needs"));
  EXPECT_THAT(Complaint(With("  SETUID: conditional\nunknown", "  SETUID: required\nunknown")),
              HasSubstr("7:11: SETUID is conditional by the instances"));
  EXPECT_THAT(Complaint(With("unknown:\n  SYS_PTRACE: unknown\ninst", "unknown: {}\ninst")),
              HasSubstr("SYS_PTRACE"));
  EXPECT_EQ(Complaint("version: 1\nworkload: x\nneeds: {KILL: declared}\n"), "");
}

std::vector<std::string> Lines(const std::string& before, const std::string& after) {
  std::vector<std::string> lines;
  for (const Comparison& comparison : Compare(Read(before), Read(after)))
    for (const Difference& d : comparison.differences)
      lines.push_back(d.subject + ": " + d.before + " -> " + d.after + (d.decides ? " !" : ""));
  return lines;
}

TEST(ProfileFileTest, IsComparedByWhatItRecommends) {
  EXPECT_THAT(Lines(kFile, With("observed: 60", "observed: 61")), ElementsAre());
  EXPECT_THAT(Lines(kFile, With("nginx:1.27", "nginx:1.28")),
              ElementsAre("image: nginx:1.27 -> nginx:1.28"));
  EXPECT_THAT(Lines(kFile, With("  KILL: declared\n", "")), ElementsAre("KILL: declared ->  !"));
  EXPECT_THAT(Lines(kFile, With("SETUID: conditional", "SETUID: either")),
              ElementsAre("SETUID: conditional -> either"));
}

TEST(ProfileFileTest, WorkloadsArePairedByName) {
  const std::string other = With("shop/web", "shop/xyz");
  EXPECT_TRUE(Compare(Read(kFile), Read(other)).at(0).equal()) << "one each";
  const auto both = Compare(Read(std::string(kFile) + "---\n" + other), Read(kFile));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_TRUE(both[0].equal());
  EXPECT_TRUE(both[1].only_before);
  EXPECT_TRUE(both[1].decides());
}

std::string WithProof(const std::string& name, const std::string& found, const std::string& at) {
  return With("instances:\n",
              absl::StrCat("proofs:\n  ", name, ":\n    found: ", found, "\n    at: \"", at,
                           "\"\n    check: \"curl x\"\ninstances:\n"));
}

TEST(ProfileFileTest, ProofsAreKept) {
  const std::string text = WithProof("CHOWN", "needed", "2026-11-29T10:00:00Z");
  const ProfileSet set = Read(text);
  EXPECT_EQ(ToYamlFile(set), text);
  EXPECT_EQ(set.begin()->second.proofs.at("CHOWN").check, "curl x");
  ProfileSet merged = set;
  MergeInto(merged, Read(kFile));
  EXPECT_EQ(ToYamlFile(merged), text) << "a file without it takes nothing away";
  const ProfileSet newer = Read(WithProof("CHOWN", "unneeded", "2026-11-30T10:00:00Z"));
  MergeInto(merged, newer);
  MergeInto(merged, set);
  EXPECT_EQ(merged.begin()->second.proofs.at("CHOWN").found, "unneeded") << "the newest";
  EXPECT_THAT(Lines(kFile, text), ElementsAre("proof of CHOWN:  -> needed 2026-11-29"));

  const v1::Profile answer = AnswerFor(set.begin()->first, set.begin()->second, {});
  EXPECT_EQ(answer.capabilities(0).capability(), "CAP_CHOWN");
  EXPECT_EQ(answer.capabilities(0).proof().finding(), "needed");
  EXPECT_THAT(answer.capabilities(0).reason(), HasSubstr("; proven needed 2026-11-29"));
  EXPECT_EQ(FiledProofsOf(answer), set.begin()->second.proofs);
  const v1::Profile other = AnswerFor(newer.begin()->first, newer.begin()->second, {});
  EXPECT_NE(other.capabilities(0).proof().withdrawn(), "") << "the instances need it";
}

TEST(ProfileFileTest, RefusesWhatIsNoProof) {
  EXPECT_THAT(Complaint(WithProof("CHOWNS", "needed", "2026-11-29T10:00:00Z")),
              HasSubstr("there is no capability \"CHOWNS\""));
  EXPECT_THAT(Complaint(WithProof("CHOWN", "perhaps", "2026-11-29T10:00:00Z")),
              HasSubstr("found takes needed, unneeded"));
  EXPECT_THAT(Complaint(WithProof("CHOWN", "needed", "yesterday")), HasSubstr("a time in UTC"));
  EXPECT_THAT(Complaint(With("instances:\n", "proofs: 3\ninstances:\n")),
              HasSubstr("proofs takes a map"));
  EXPECT_THAT(Complaint(With("instances:\n", "proofs:\n  CHOWN: {found: needed}\ninstances:\n")),
              HasSubstr("the proof has no at"));
}

TEST(ProfileFileTest, AnAnswerWarnsOfLosses) {
  const ProfileSet set = Read(kFile);
  const v1::Profile answer = AnswerFor(set.begin()->first, set.begin()->second, {});
  EXPECT_THAT(answer.recommendation().warnings(),
              testing::Contains(HasSubstr("lost 3 checks or records")));
}

ProfileSet Needing(const std::string& workload, std::map<std::string, Verdict> needs) {
  InstanceRow row;
  row.state = "stable";
  row.held_known = true;
  row.needs = std::move(needs);
  return {{{workload, "", ""}, {{}, {{{workload, ""}, row}}}}};
}

TEST(ReportChanges, AreByNameAndThoseThatDecideComeFirst) {
  ProfileSet before = Needing("a", {{"KILL", Verdict::kRequired}});
  MergeInto(before, Needing("b", {{"CHOWN", Verdict::kRequired}}));
  MergeInto(before, Needing("old", {}));
  ProfileSet now = Needing("a", {{"KILL", Verdict::kConditional}});
  MergeInto(now, Needing("b", {{"NET_RAW", Verdict::kRequired}}));
  MergeInto(now, Needing("new", {}));
  const SinceBaseline since = ChangesSince("main.yaml", before, now);
  EXPECT_EQ(since.file, "main.yaml");
  EXPECT_THAT(since.added, ElementsAre("new"));
  EXPECT_THAT(since.gone, ElementsAre("old"));
  ASSERT_EQ(since.changed.size(), 2u);
  EXPECT_EQ(since.changed[0].name, "b");
  ASSERT_EQ(since.changed[0].changes.size(), 2u);
  EXPECT_EQ(since.changed[0].changes[0].kind, ReportedChange::Kind::kGone);
  EXPECT_EQ(since.changed[0].changes[1].kind, ReportedChange::Kind::kNew);
  EXPECT_EQ(since.changed[0].changes[1].after, "required");
  EXPECT_EQ(since.changed[1].name, "a");
  EXPECT_FALSE(since.changed[1].changes.at(0).decides);
}

TEST(ReportChanges, TwoWorkloadsAreNotComparedBecauseTheyAreAlone) {
  const SinceBaseline since = ChangesSince("f", Needing("a", {}), Needing("b", {}));
  EXPECT_TRUE(since.changed.empty());
  EXPECT_THAT(since.added, ElementsAre("b"));
  EXPECT_THAT(since.gone, ElementsAre("a"));
}

}  // namespace
}  // namespace capmon
