// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/filter.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

Alert Of(TimeNs last) {
  Alert alert;
  alert.last = last;
  alert.rule = "CM001";
  alert.severity = Severity::kMedium;
  alert.workload = "shop/deploy/web/nginx";
  alert.container.id = "abcdef012345";
  alert.container.name = "nginx";
  return alert;
}

TEST(AlertFilter, MustFitEveryFieldThatIsSet) {
  EXPECT_TRUE(AlertFilter().Fits(Of(5)));
  AlertFilter filter{5, Severity::kMedium, "deploy/web", "CM001", "abcd"};
  EXPECT_TRUE(filter.Fits(Of(5)));
  EXPECT_FALSE(filter.Fits(Of(4)));
  filter.at_least = Severity::kHigh;
  EXPECT_FALSE(filter.Fits(Of(5)));
}

TEST(AlertFilter, AWorkloadByItsNameItsPartsOrAPattern) {
  const auto fits = [](const std::string& workload) {
    return AlertFilter{0, Severity::kInfo, workload, "", ""}.Fits(Of(1));
  };
  for (const char* const good : {"shop/deploy/web/nginx", "deploy/web", "web", "shop/*", "*/nginx"})
    EXPECT_TRUE(fits(good)) << good;
  for (const char* const bad : {"deploy/we", "eb", "bank/*", "web/deploy"})
    EXPECT_FALSE(fits(bad)) << bad;
  Alert named = Of(1);
  named.workload = "docker:web";
  EXPECT_TRUE((AlertFilter{0, Severity::kInfo, "web", "", ""}.Fits(named)));
}

TEST(Select, IsByTheTimeOfTheLastCheck) {
  const std::vector<Alert> selected =
      Select({3, Severity::kInfo, "", "", ""}, {Of(9), Of(2), Of(4)});
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_EQ(selected[0].last, 4);
  EXPECT_EQ(selected[1].last, 9);
}

}  // namespace
}  // namespace capmon
