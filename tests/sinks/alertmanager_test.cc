// SPDX-License-Identifier: Apache-2.0
// Alerts to a real Alertmanager, read back over its API.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr char kRead[] =
    "import sys, urllib.request; "
    "sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())";

TEST(Alertmanager, HasEveryFinding) {
  if (!OnPath("prometheus-alertmanager")) GTEST_SKIP() << "Alertmanager is not installed";
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "alertmanager.yml",
                        "route: {receiver: none}\nreceivers: [{name: none}]\n"));
  const uint16_t port = FreePort();
  const std::string address = absl::StrCat("127.0.0.1:", port);
  auto server = ChildProcess::Start(
      {"prometheus-alertmanager", "--config.file=" + directory / "alertmanager.yml",
       "--storage.path=" + directory / "data", "--web.listen-address=" + address,
       "--cluster.listen-address="});
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE(Eventually([&] { return Listens(port); })) << server->err();

  HttpTarget target;
  target.preset = HttpTarget::Preset::kAlertmanager;
  target.url = "http://" + address;
  SinkSettings settings;
  settings.name = "am";
  settings.target = target;
  std::vector<Alert> alerts = ManyAlerts(static_cast<int>(SampleAlerts().size()));
  for (Alert& alert : alerts) alert.id += alert.event_id;  // it has one alert for each finding
  const auto sink = OpenSink(settings);
  Deliver(*sink, alerts);
  EXPECT_TRUE(Eventually([&] { return sink->State().delivered == alerts.size(); }));
  EXPECT_EQ(sink->State().refused, 0u) << sink->State().last_refusal;

  const Outcome read = RunProgram({"python3", "-c", kRead, target.url + "/api/v2/alerts"});
  const Json found = Json::parse(read.out, nullptr, false);
  ASSERT_TRUE(found.is_array()) << read.out << read.err;
  std::map<std::string, Json> by_event;
  for (const Json& one : found) by_event[one["annotations"]["event_id"]] = one;
  for (const Alert& alert : alerts) {
    ASSERT_TRUE(by_event.contains(alert.event_id)) << alert.event_id;
    const Json& one = by_event[alert.event_id];
    EXPECT_EQ(one["labels"]["severity"], Name(alert.severity));
    EXPECT_EQ(one["labels"].value("finding", ""), ToUtf8(alert.id));
    EXPECT_EQ(one["labels"].value("container", ""), ToUtf8(alert.container.name));
    EXPECT_EQ(one["annotations"].value("summary", ""), ToUtf8(alert.message));
  }
}

}  // namespace
}  // namespace capmon
