// SPDX-License-Identifier: Apache-2.0
// The page as text. tests/e2e/report_page.py tests it in a browser.
#include <gmock/gmock.h>

#include <cstdlib>

#include "client/render/report/html.h"
#include "client/render/report/report.h"
#include "client/render/report/style.h"
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

ReportedContainer Container(const std::string& name) {
  v1::ContainerSummary summary;
  v1::Container& container = *summary.mutable_container();
  container.set_name(name);
  container.set_image("image of " + name);
  container.set_kind("container");
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
  profile.mutable_recommendation()->add_warnings("watch out for " + name);
  profile.mutable_confidence()->set_state("stable");
  profile.mutable_confidence()->add_blind_spots("what " + name + " hides");
  return {RowOf(summary), profile};
}

Findings Example(const std::vector<std::string>& names) {
  Findings findings;
  findings.written = 1'700'000'000;
  findings.status.set_version("1.2.3");
  findings.status.set_backend("tp_btf");
  for (const std::string& name : names) findings.containers.push_back(Container(name));
  if (!names.empty())
    findings.columns = {*ParseCapability("NET_RAW"), *ParseCapability("CHOWN"),
                        *ParseCapability("KILL")};
  return findings;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportPage, IsTheGoldenOne) {
  std::string page = RenderReport(Example({"web", "db"}));
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
  EXPECT_EQ(Count(all, "<details"), 30u);
  EXPECT_THAT(all, Not(HasSubstr("class=\"note\"")));

  const std::string some = RenderReport(Example(names), {.rows = 20, .bytes = 1, .open = 0});
  EXPECT_EQ(Count(some, "<details"), 1u);
  EXPECT_THAT(some, HasSubstr("10 containers with less risk"));
  EXPECT_THAT(some, HasSubstr("29 containers have no details"));

  Findings gone = Example({"here", "gone"});
  gone.containers[1].profile.reset();
  EXPECT_THAT(RenderReport(gone), HasSubstr("1 container has no details"));
}

TEST(ReportPage, IsAPageEvenWithoutContainers) {
  EXPECT_THAT(RenderReport(Example({})), HasSubstr("has seen no container"));
}

}  // namespace
}  // namespace capmon
