// SPDX-License-Identifier: Apache-2.0
// The page as text. tests/e2e/report_page.py tests it in a browser.
#include <gmock/gmock.h>

#include <cstdlib>

#include "client/render/report/html.h"
#include "client/render/report/report.h"
#include "client/render/report/style.h"
#include "client/risk/band.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::CapabilityVerdict* Add(v1::Profile& profile, const std::string& name,
                           const std::string& verdict) {
  v1::CapabilityVerdict* const added = profile.add_capabilities();
  added->set_capability("CAP_" + name);
  added->set_verdict(verdict);
  added->set_granted(true);
  added->set_reason("because of " + name);
  return added;
}

// Needs NET_RAW of the three that it holds.
ReportedWorkload Workload(const std::string& name, const std::string& kind = "container") {
  v1::ContainerSummary summary;
  v1::Container& container = *summary.mutable_container();
  container.set_name(name);
  container.set_image("image of " + name);
  container.set_kind(kind);
  for (const char* held : {"CAP_NET_RAW", "CAP_CHOWN", "CAP_KILL"}) {
    summary.add_held_set(held);
    summary.add_reachable(held);
  }
  summary.add_used("CAP_NET_RAW");
  summary.set_held(3);
  summary.set_held_known(true);
  v1::Profile profile;
  *profile.mutable_container() = container;
  Add(profile, "NET_RAW", "required")->set_keep(true);
  Add(profile, "CHOWN", "noise");
  Add(profile, "KILL", "unused");
  profile.mutable_recommendation()->add_keep("CAP_NET_RAW");
  profile.mutable_recommendation()->add_remove("CAP_CHOWN");
  profile.mutable_recommendation()->add_remove("CAP_KILL");
  profile.mutable_recommendation()->set_no_new_privileges("safe");
  profile.mutable_recommendation()->set_non_root("unknown");
  profile.mutable_recommendation()->add_warnings("watch out for " + name);
  profile.mutable_confidence()->set_state("stable");
  profile.mutable_confidence()->add_blind_spots("what " + name + " hides");
  MatrixRow row = RowOf(summary);
  row.name = name;
  return {std::move(row), {}, profile};
}

// Holds SYS_ADMIN besides, and does not need it.
ReportedWorkload Privileged(const std::string& name, const std::string& kind = "container") {
  ReportedWorkload workload = Workload(name, kind);
  v1::ContainerSummary summary = workload.row.summary;
  summary.add_held_set("CAP_SYS_ADMIN");
  summary.add_reachable("CAP_SYS_ADMIN");
  workload.row = RowOf(summary);
  workload.row.name = name;
  Add(*workload.profile, "SYS_ADMIN", "unused");
  workload.profile->mutable_recommendation()->add_remove("CAP_SYS_ADMIN");
  return workload;
}

// Was denied SYS_TIME.
ReportedWorkload Denied(const std::string& name) {
  ReportedWorkload workload = Workload(name);
  v1::ContainerSummary summary = workload.row.summary;
  summary.add_denied("CAP_SYS_TIME");
  workload.row = RowOf(summary);
  workload.row.name = name;
  Add(*workload.profile, "SYS_TIME", "missing")->set_granted(false);
  return workload;
}

Findings Of(std::vector<ReportedWorkload> workloads) {
  Findings findings;
  findings.written = 1'700'000'000;
  findings.status.set_version("1.2.3");
  findings.status.set_backend("tp_btf");
  findings.status.set_node("node-7");
  findings.status.set_cluster("<prod>");
  findings.workloads = std::move(workloads);
  if (!findings.workloads.empty())
    findings.columns = {*ParseCapability("SYS_ADMIN"), *ParseCapability("NET_RAW"),
                        *ParseCapability("CHOWN"), *ParseCapability("KILL")};
  return findings;
}

Findings Example(const std::vector<std::string>& names) {
  std::vector<ReportedWorkload> workloads;
  for (const std::string& name : names) workloads.push_back(Workload(name));
  return Of(std::move(workloads));
}

// One of everything.
Findings Everything() {
  Findings findings = Of({Workload("cron.service", "unit"), Privileged("the rest", "host"),
                          Denied("shop/deploy/clock/ntp"), Workload("compose:shop/db"),
                          Privileged("compose:shop/web")});
  for (ReportedWorkload& workload : findings.workloads) {
    workload.profile->mutable_confidence()->add_blind_spots("what no one sees");
    workload.workload.set_instances(2);
    workload.workload.set_running(1);
  }
  v1::Confidence& confidence = *findings.workloads[3].profile->mutable_confidence();
  confidence.set_lost(1200);
  (*confidence.mutable_losses())["map-full"] = 1200;
  (*confidence.mutable_losses())["ring-check"] = 3;
  v1::Gap& gap = *confidence.add_gaps();
  gap.mutable_from()->set_seconds(1'600'000'000);
  gap.mutable_to()->set_seconds(1'600'000'060);
  gap.set_reason("capmond was stopped");
  (*findings.status.mutable_lost())["map-full"] = 1200;
  findings.since =
      SinceBaseline{"main.yaml",
                    {{"compose:shop/web",
                      {{ReportedChange::Kind::kNew, "NET_RAW", "", "required", true},
                       {ReportedChange::Kind::kGone, "SYS_TIME", "degrades", "", true},
                       {ReportedChange::Kind::kChanged, "image", "web:1", "web:2", false}}}},
                    {"compose:shop/db"},
                    {"compose:shop/old"}};
  return findings;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportPage, IsTheGoldenOne) {
  std::string page = RenderReport(Everything());
  const size_t style = page.find(kReportStyle);
  ASSERT_NE(style, page.npos);
  page.erase(style, std::string(kReportStyle).size());
  page.erase(page.find(kReportStyleHash), std::string(kReportStyleHash).size());
  const std::string golden = CAPMON_SOURCE_DIR "/tests/unit/client/report_page.golden";
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(WriteFile(golden, page));
  }
  EXPECT_EQ(page, ReadFile(golden));
}

TEST(ReportPage, NoNameBecomesMarkup) {
  const std::string name = "<script>alert('\"&\x1b\xe2\x80\xae')</script>";
  const std::string page = RenderReport(Example({name}));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(page,
              HasSubstr("&lt;script&gt;alert(&#39;&quot;&amp;\\x1b\\u202e&#39;)&lt;/script&gt;"));
}

TEST(ReportPage, AttributesCannotBeLeft) {
  Html html;
  html.Leaf("p", {{"title", "\" onclick='x' <>&"}}, "<i>");
  EXPECT_EQ(html.Take(), "<p title=\"&quot; onclick=&#39;x&#39; &lt;&gt;&amp;\">&lt;i&gt;</p>");
}

TEST(ReportPage, CountsWhatItLeavesOut) {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("c" + std::to_string(i));
  const std::string all = RenderReport(Example(names));
  EXPECT_EQ(Count(all, "<details class=\"workload\""), 30u);
  EXPECT_THAT(all, Not(HasSubstr("class=\"note\"")));

  const std::string some = RenderReport(Example(names), {.rows = 20, .bytes = 1, .open = 0});
  EXPECT_EQ(Count(some, "<details class=\"workload\""), 1u);
  EXPECT_THAT(some, HasSubstr("10 workloads with less risk"));
  EXPECT_THAT(some, HasSubstr("29 workloads have no details"));

  Findings gone = Example({"here", "gone"});
  gone.workloads[1].profile.reset();
  EXPECT_THAT(RenderReport(gone), HasSubstr("1 workload has no details"));
}

TEST(ReportPage, IsAPageEvenWithoutContainers) {
  EXPECT_THAT(RenderReport(Example({})), HasSubstr("has seen no container"));
}

// Returns whether each part is there after the one before.
bool InOrder(const std::string& page, const std::vector<std::string>& parts) {
  size_t at = 0;
  for (const std::string& part : parts) {
    at = page.find(part, at);
    if (at == page.npos) {
      ADD_FAILURE() << "not there, or too early: " << part;
      return false;
    }
  }
  return true;
}

TEST(ReportPage, AnswersFirstAndWithTheFix) {
  const std::string page = RenderReport(Of(
      {Workload("plain"), Privileged("big.service", "unit"), Denied("clock"), Privileged("evil")}));
  EXPECT_TRUE(InOrder(
      page, {"on <bdi>node-7</bdi>", "cluster &lt;prod&gt;", "Fix first",
             "<bdi>evil</bdi></a> can use SYS_ADMIN, CHOWN and KILL and was not seen to need them",
             "Drop 3 capabilities with the", "-as-docker\">settings for Docker</a>",
             "<bdi>clock</bdi></a> was denied SYS_TIME", "add SYS_TIME",
             "<bdi>clock</bdi></a> can use CHOWN and KILL", "And 2 findings", "In figures"}));
  const std::string head = page.substr(0, page.find("In figures"));
  EXPECT_THAT(head, Not(HasSubstr("big.service"))) << "units are not before containers";
}

TEST(ReportPage, EachLinkHasATarget) {
  const std::string page = RenderReport(Everything());
  size_t links = 0;
  for (size_t at = page.find("href=\"#"); at != page.npos; at = page.find("href=\"#", at + 1)) {
    const size_t begin = at + 7;
    const std::string id = page.substr(begin, page.find('"', begin) - begin);
    EXPECT_THAT(page, HasSubstr("id=\"" + id + "\"")) << id;
    ++links;
  }
  EXPECT_GT(links, 30u);
}

TEST(ReportPage, IncompleteEvidenceComesBeforeItsSettings) {
  ReportedWorkload young = Privileged("young");
  young.profile->mutable_confidence()->set_state("learning");
  young.profile->mutable_confidence()->add_open_conditions("its start was not seen");
  EXPECT_THAT(
      RenderReport(Of({young})),
      HasSubstr("The evidence is incomplete: its start was not seen. Restart it. Then drop 3"));
}

TEST(ReportPage, AnUnhealthyDaemonIsTheFirstFinding) {
  Findings findings = Of({Privileged("evil")});
  findings.status.mutable_health()->set_reason("the disk is full");
  EXPECT_TRUE(
      InOrder(RenderReport(findings), {"is not healthy", "The disk is full.", "<bdi>evil"}));
}

TEST(ReportPage, HostAndUnitsAreApart) {
  const std::string page = RenderReport(Everything());
  EXPECT_TRUE(InOrder(page, {">Containers</h2>", "class=\"row\"", ">Host and units</h2>",
                             "the rest</bdi>", "cron.service</bdi>"}));
  EXPECT_EQ(Count(page, "class=\"row\""), 5u);
  EXPECT_EQ(Count(page, "class=\"bandrow\""), 4u);
}

TEST(ReportPage, TheSameWarningIsThereOnce) {
  const std::string page = RenderReport(Everything());
  EXPECT_EQ(Count(page, "what no one sees"), 1u);
  EXPECT_EQ(Count(page, "<a href=\"#n1\">note 1</a>"), 5u);
  EXPECT_EQ(Count(page, "<dd>what compose:shop/web hides</dd>"), 1u);
}

TEST(ReportPage, LostEvidenceIsExplainedInPlace) {
  const std::string page = RenderReport(Everything());
  EXPECT_TRUE(InOrder(
      page, {"evidence lost</a>", "compose:shop/db</bdi></h3>", "Lost evidence",
             "1,200 checks lost", "no room for new counters", "give capmond a larger --max-checks",
             "3 details lost", "2020-09-13 12:26:40 UTC to 2020-09-13 12:27:40 UTC"}));
  EXPECT_THAT(RenderReport(Example({"web"})), Not(HasSubstr("class=\"lost\"")));
}

TEST(ReportPage, ShowsWhatChanged) {
  const std::string page = RenderReport(Everything());
  EXPECT_TRUE(
      InOrder(page, {"Changed since main.yaml", "compose:shop/web</bdi>", "+ NET_RAW",
                     "is needed now (required)", "SYS_TIME", "no need is seen now", "web:1 → web:2",
                     "1 workload not in the baseline", "1 workload only in the baseline"}));
  Findings same = Example({"web"});
  same.since = SinceBaseline{"main.yaml", {}, {}, {}};
  EXPECT_THAT(RenderReport(same), HasSubstr("No workload needs anything else."));
  EXPECT_THAT(RenderReport(Example({"web"})), Not(HasSubstr("Changed since")));
}

TEST(Band, IsThatOfTheWorstThatCanBeUsed) {
  EXPECT_EQ(BandOf(Workload("w").row), Band::kLow);
  EXPECT_EQ(BandOf(Privileged("w").row), Band::kCritical);
  ReportedWorkload workload = Privileged("w");
  workload.row.reachable = {};
  EXPECT_EQ(BandOf(workload.row), Band::kNone);
  workload.row.raisable = {*ParseCapability("KILL")};
  EXPECT_EQ(BandOf(workload.row), Band::kLow);
  EXPECT_THAT(RenderReport(Of({workload})),
              HasSubstr(" can use KILL through a set-user-ID program, if it has one, and was"));
  workload.row.summary.set_held_known(false);
  EXPECT_EQ(BandOf(workload.row), Band::kUnknown);
}

}  // namespace
}  // namespace capmon
