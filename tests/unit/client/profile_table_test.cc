// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "client/render/explanation.h"
#include "client/render/profile.h"

namespace capmon {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

v1::CapabilityVerdict* Add(v1::Profile& profile, const std::string& name,
                           const std::string& verdict, bool granted, uint64_t count,
                           const std::string& reason) {
  v1::CapabilityVerdict* const added = profile.add_capabilities();
  added->set_capability("CAP_" + name);
  added->set_verdict(verdict);
  added->set_granted(granted);
  added->set_count(count);
  added->set_checks(count);
  added->set_keep(verdict == "required");
  added->set_reason(reason);
  return added;
}

v1::Profile Example() {
  v1::Profile profile;
  profile.mutable_container()->set_name("web");
  profile.mutable_container()->set_image("nginx");
  profile.mutable_confidence()->set_state("stable");
  profile.mutable_confidence()->set_observed_seconds(8040);
  profile.mutable_confidence()->set_starts(3);
  profile.mutable_held()->set_path("/usr/sbin/nginx");
  Add(profile, "NET_BIND_SERVICE", "required", true, 3, "bound port 80");
  Add(profile, "SETGID", "required", true, 4, "changed user");
  Add(profile, "SETUID", "required", true, 4, "changed user");
  Add(profile, "SYS_ADMIN", "noise", false, 0, "memory test")->set_checks(1842);
  for (const char* name : {"AUDIT_WRITE", "KILL", "MKNOD", "NET_RAW"})
    Add(profile, name, "unused", true, 0, "");
  v1::Recommendation& advice = *profile.mutable_recommendation();
  for (const char* name : {"CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"})
    advice.add_keep(name);
  for (const char* name : {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_MKNOD", "CAP_NET_RAW"})
    advice.add_remove(name);
  advice.set_no_new_privileges("safe");
  advice.set_non_root("unknown");
  advice.set_non_root_reason("it starts as root");
  advice.add_warnings("ports below 1024 are open to all here");
  return profile;
}

std::string Text(const v1::Profile& profile, const Settings& settings = {},
                 const std::string& next = "") {
  std::ostringstream out;
  RenderProfile(out, profile, settings, next);
  return out.str();
}

TEST(ProfileTable, AnswersAtAGlance) {
  EXPECT_EQ(
      Text(Example()),
      "web   image nginx   learned 2 h 14 m, 3 starts, 0 lost   stable\n"
      "CAPABILITY                 VERDICT   GRANTED   USED  WHY\n"
      "NET_BIND_SERVICE           required  yes          3  bound port 80\n"
      "SETGID, SETUID             required  yes          8  changed user\n"
      "SYS_ADMIN                  noise     no       1,842  memory test\n"
      "AUDIT_WRITE, KILL, MKNOD,  unused    yes          \xe2\x80\x93  4 granted, never checked\n"
      "NET_RAW\n"
      "Keep: NET_BIND_SERVICE, SETGID, SETUID\n"
      "Remove: 4 (AUDIT_WRITE, KILL, MKNOD, NET_RAW)\n"
      "no-new-privileges: safe\n"
      "non-root: unknown, it starts as root\n"
      "Warning: ports below 1024 are open to all here\n");
}

TEST(ExplanationTest, ShowsTheProof) {
  v1::Explanation explanation;
  v1::CapabilityVerdict& verdict = *explanation.mutable_capability();
  verdict.set_capability("CAP_CHOWN");
  v1::Proof& proof = *verdict.mutable_proof();
  proof.set_finding("needed");
  proof.set_reason("the check failed");
  proof.set_by("alice (uid 1000)");
  proof.set_version("1.0");
  proof.set_digest("sha256:a");
  proof.set_check("curl \x1b x");
  proof.add_keep("CAP_CHOWN");
  const auto text = [&] {
    std::ostringstream out;
    RenderExplanation(out, explanation, {});
    return out.str();
  };
  EXPECT_THAT(text(), HasSubstr("Proof: needed; without it: the check failed; "));
  EXPECT_THAT(text(),
              HasSubstr(" by alice (uid 1000), capmon 1.0, image sha256:a, check: curl \\x1b x; "
                        "the job was done with CHOWN\n"));
  EXPECT_THAT(text(), Not(HasSubstr("withdrawn")));
  proof.set_withdrawn("it is about another image");
  EXPECT_THAT(text(), HasSubstr("\nProof withdrawn: it is about another image\n"));
}

TEST(ProfileTable, CountsWhatIsUnknownApartAndSaysWhatIsOpen) {
  v1::Profile profile = Example();
  const std::string why = "its start was not seen: it ran before capmond";
  v1::Recommendation& advice = *profile.mutable_recommendation();
  for (v1::CapabilityVerdict& row : *profile.mutable_capabilities()) {
    if (row.verdict() != "unused") continue;
    row.set_verdict("unknown");
    row.set_reason(why);
    advice.add_unknown(row.capability());
  }
  advice.clear_remove();
  advice.set_unknown_reason(why);
  profile.mutable_confidence()->add_open_conditions(why);
  (*profile.mutable_confidence()->mutable_losses())["outcome"] = 18568;
  for (const bool wide : {false, true}) {
    Settings settings;
    if (wide) settings.format = Format::kWide;
    const std::string text = Text(profile, settings);
    EXPECT_THAT(text, HasSubstr("AUDIT_WRITE, KILL, MKNOD,  unknown"));
    EXPECT_THAT(text,
                HasSubstr("Remove: nothing\nUnknown: 4 (AUDIT_WRITE, KILL, MKNOD, NET_RAW)\n"));
    EXPECT_THAT(text, HasSubstr("Open: " + why + "\n"));
    EXPECT_THAT(text, HasSubstr("Outcomes unknown: 18,568 (outcome): "));
    EXPECT_THAT(text, HasSubstr(" 0 lost "));
  }
}

TEST(ProfileTable, SuggestsTheNextStepIfRequested) {
  EXPECT_THAT(Text(Example(), {}, "capmon explain web KILL"),
              EndsWith("Next: capmon explain web KILL\n"));
}

TEST(ProfileTable, ShowsMoreInWide) {
  v1::Profile profile = Example();
  profile.mutable_capabilities(0)->add_binaries("/usr/sbin/nginx");
  profile.mutable_confidence()->set_backend("tp_btf");
  profile.mutable_confidence()->add_blind_spots("option bits");
  const std::string text = Text(profile, {.format = Format::kWide});
  for (const char* part : {"BINARIES", "/usr/sbin/nginx", "Watched by: tp_btf\n",
                           "Blind spot: option bits\n", "\nSETUID", "MKNOD"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("SETGID, SETUID  ")));
}

TEST(ProfileTable, SaysWhenItDoesNotKnowWhatIsHeld) {
  v1::Profile profile;
  Add(profile, "SYS_ADMIN", "review", false, 1, "unknown");
  EXPECT_THAT(Text(profile), HasSubstr("SYS_ADMIN   review   ?"));
}

TEST(ProfileTable, NamesWhatWouldDoAsWell) {
  v1::Profile profile;
  auto* verdict = Add(profile, "DAC_OVERRIDE", "either", true, 1, "read a file");
  verdict->add_narrower("CAP_DAC_READ_SEARCH");
  EXPECT_THAT(Text(profile), HasSubstr("read a file; DAC_READ_SEARCH would be enough as well\n"));
  verdict->set_reason("read a file: DAC_READ_SEARCH is enough");
  EXPECT_THAT(Text(profile), HasSubstr("DAC_READ_SEARCH is enough\n"));
}

TEST(ProfileTable, EscapesNamesFromTheContainer) {
  v1::Profile profile = Example();
  profile.mutable_container()->set_name("\x1b[2Jweb");
  profile.mutable_container()->set_image("x\nKeep: SYS_ADMIN");
  profile.mutable_recommendation()->set_no_new_privileges_reason("saw \x1b]0;x\x07");
  profile.mutable_capabilities(0)->set_reason("by \xe2\x80\xaexyz");
  const std::string text = Text(profile, {}, "capmon explain \x1b[2J KILL");
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_EQ(text.find('\x07'), text.npos);
  EXPECT_THAT(text, HasSubstr("by \\u202exyz"));
  EXPECT_THAT(text, Not(HasSubstr("\nKeep: SYS_ADMIN")));
}

TEST(ProfileTable, IsNotEmptyWhenThereIsNothing) {
  EXPECT_THAT(Text(v1::Profile()), HasSubstr("No capability was held or checked.\n"));
}

// Expects that no line is longer, but for those with `wide` in them, and returns the words in
// order.
std::string WordsOfLines(const std::string& text, size_t width, const std::string& wide = "\n") {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool limited = width > 0 && line.find(wide) == line.npos;
    EXPECT_LE(limited ? Width(line) : 0, width) << line;
  }
  std::istringstream words(text);
  std::vector<std::string> sorted;
  for (std::string word; words >> word;) sorted.push_back(word);
  std::ranges::sort(sorted);
  return absl::StrJoin(sorted, " ");
}

constexpr char kLongReason[] =
    "bound port 80 below net.ipv4.ip_unprivileged_port_start, without which the system call "
    "fails and the server does not start";

TEST(ProfileTable, FitsTheTerminalWithoutBreakingWords) {
  v1::Profile profile = Example();
  profile.mutable_capabilities(0)->set_reason(kLongReason);
  profile.mutable_recommendation()->add_warnings(kLongReason);
  profile.mutable_workload()->set_instances(3);
  const std::string whole = WordsOfLines(Text(profile), 0);
  for (const size_t width : {60u, 80u, 120u})
    EXPECT_EQ(WordsOfLines(Text(profile, {.width = width}), width), whole) << width;
}

TEST(ExplanationTest, FitsTheTerminalWithoutBreakingWords) {
  v1::Explanation explanation;
  explanation.mutable_container()->set_name("web");
  v1::CapabilityVerdict& verdict = *explanation.mutable_capability();
  verdict.set_capability("CAP_NET_BIND_SERVICE");
  verdict.set_reason(kLongReason);
  verdict.mutable_first()->set_seconds(1'700'000'000);
  for (const char* verdict_of_it : {"required", "noise"}) {
    v1::Evidence& evidence = *verdict.add_evidence();
    evidence.set_verdict(verdict_of_it);
    evidence.set_site("inet_bind");
    evidence.set_syscall("bind");
    evidence.set_binary("/nginx");
    evidence.set_phase("runtime");
    evidence.set_reason(kLongReason);
  }
  const auto text = [&](size_t width, bool headers = true) {
    std::ostringstream out;
    RenderExplanation(out, explanation, {.headers = headers, .width = width});
    return out.str();
  };
  const std::string whole = WordsOfLines(text(0), 0);
  for (const size_t width : {80u, 120u})
    EXPECT_EQ(WordsOfLines(text(width), width), whole) << width;
  // The columns beside WHY need more, and WHY is below.
  EXPECT_THAT(text(60), HasSubstr("runtime\n    bound port 80 below"));
  EXPECT_EQ(WordsOfLines(text(60, false), 60, "inet_bind"), WordsOfLines(text(0, false), 0));
}

}  // namespace
}  // namespace capmon
