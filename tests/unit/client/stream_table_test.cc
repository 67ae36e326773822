// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <sstream>

#include "client/render/stream.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

TEST(StreamTable, RowsStandUnderTheirTitles) {
  v1::Event event;
  event.mutable_time()->set_seconds(1700000000);
  event.mutable_container()->set_name("web");
  event.set_capability("CAP_NET_RAW");
  event.mutable_evidence()->set_granted(true);
  event.mutable_evidence()->set_count(2);
  event.mutable_evidence()->set_verdict("required");
  event.mutable_evidence()->set_syscall("socket");
  std::ostringstream titles, row;
  RenderEventTitles(titles, {});
  RenderEvent(row, event, {});
  for (const auto& [title, value] :
       {std::pair("CONTAINER", "web"), std::pair("CAPABILITY", "NET_RAW"),
        std::pair("RESULT", "granted"), std::pair("MEANS", "required"),
        std::pair("SYSCALL", "socket")})
    EXPECT_EQ(titles.str().find(title), row.str().find(value)) << titles.str() << row.str();
}

TEST(StreamTable, AnItemIsOneLineWhateverIsInIt) {
  v1::Alert alert;
  alert.mutable_container()->set_name("a\nb");
  alert.set_message("say \x1b[31m\r\nx");
  for (const Format format : {Format::kTable, Format::kWide}) {
    std::ostringstream row;
    RenderAlert(row, alert, {.format = format});
    EXPECT_EQ(row.str().find('\n'), row.str().size() - 1);
    EXPECT_EQ(row.str().find('\x1b'), std::string::npos);
    EXPECT_THAT(row.str(), HasSubstr("say \\x1b[31m\\x0d\\x0ax"));
  }
}

TEST(StreamTable, AlertsAreSortedByTheirLastTime) {
  std::vector<v1::Alert> alerts(3);
  const std::pair<int64_t, int32_t> times[] = {{20, 5}, {10, 0}, {20, 4}};
  for (size_t i = 0; i < alerts.size(); ++i) {
    alerts[i].set_id(std::to_string(i));
    alerts[i].mutable_last()->set_seconds(times[i].first);
    alerts[i].mutable_last()->set_nanos(times[i].second);
  }
  SortByTime(alerts);
  EXPECT_EQ(alerts[0].id() + alerts[1].id() + alerts[2].id(), "120");
}

}  // namespace
}  // namespace capmon
