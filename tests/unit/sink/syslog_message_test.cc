// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/syslog_message.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/sink/sink_alert.h"

namespace capmon {
namespace {

const Sensor kSensor{.version = "1", .backend = "", .node = "node 1", .host_id = "", .cluster = ""};

std::string Message(const Alert& alert, const SyslogTarget& target = {}) {
  return SyslogMessage(target, kSensor, {"siem", 7, alert}, "text");
}

TEST(SyslogMessage, HasTheFieldsOfRfc5424) {
  EXPECT_EQ(Message(NumberedAlert(1'234'567)),
            "<83>1 2023-11-14T22:13:20.001234Z node_1 capmon " + std::to_string(getpid()) +
                " new_capability [capmon@32473 feed=\"siem\" seq=\"7\" id=\"finding-5\" "
                "event=\"event-1234567\" rule=\"CM001\" severity=\"high\" "
                "capability=\"CAP_NET_RAW\" container=\"web\"] text");
}

TEST(SyslogMessage, ValuesOfOthersStayInTheirQuotes) {
  Alert alert = NumberedAlert(1);
  alert.container.name = "a\"] <0>1 - x\\ \n\xff";
  EXPECT_NE(Message(alert).find(R"(container="a\"\] <0>1 - x\\  \\xff"] text)"), std::string::npos)
      << Message(alert);
}

TEST(SyslogMessage, NamesOfSettingsCannotBreakTheHeader) {
  const SyslogTarget target{
      .host = {}, .tls = {}, .structured_data_id = "a=\"]b c", .app_name = ""};
  EXPECT_NE(Message(NumberedAlert(1), target).find("[a___b_c feed="), std::string::npos);
  EXPECT_NE(Message(NumberedAlert(1), target).find(" node_1 - "), std::string::npos);
}

TEST(SyslogMessage, CountsBytesInItsFrame) { EXPECT_EQ(OctetCounted("\xc3\xa4!"), "3 \xc3\xa4!"); }

}  // namespace
}  // namespace capmon
