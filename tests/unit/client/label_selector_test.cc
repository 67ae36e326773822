// SPDX-License-Identifier: Apache-2.0
// Label selectors and points in time, in kubectl's forms; which rows of a list changed.
#include "client/commands/label_selector.h"

#include <gtest/gtest.h>

#include <string>

#include "client/commands/list_watch.h"
#include "client/commands/since.h"

namespace capmon {
namespace {

bool Selects(const std::string& selector) {
  google::protobuf::Map<std::string, std::string> labels;
  labels["app"] = "web";
  labels["env"] = "prod";
  labels["empty"] = "";
  const auto parsed = ParseLabelSelector(selector);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() && FitsSelector(*parsed, labels);
}

TEST(LabelSelectorTest, FormsOfKubectl) {
  for (const char* text :
       {"app", "app=web", "app==web", "app = web", "app!=db", "none!=web", "!none", "! none",
        "env in (prod, test)", "env in (prod)", "env notin (test,stage)", "none notin (a)",
        "app=web,env=prod", "app, !none ,env in (a,prod)", "empty=", "empty", "empty in ()"})
    EXPECT_TRUE(Selects(text)) << text;
  for (const char* text : {"none", "app=db", "app!=web", "!app", "env in (test)", "none in (a)",
                           "env notin (prod)", "app=web,none", "none=", "app="})
    EXPECT_FALSE(Selects(text)) << text;
}

TEST(LabelSelectorTest, WhatIsNone) {
  for (const char* text :
       {"", ",", "a,", "=x", "!", "a=b=c", "a in", "a in b", "a in (b", "a notin", "a=b c", "a ! b",
        "!a=b", "a>1b!", "in (a)x", "(a)", "a in (b),"}) {
    const auto parsed = ParseLabelSelector(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(SinceTest, FormsOfKubectlAndDocker) {
  const auto ago = [](const char* text) { return 1'000'000 - ParseSince(text, 1'000'000).value(); };
  EXPECT_EQ(ago("90s"), 90);
  EXPECT_EQ(ago("10m"), 600);
  EXPECT_EQ(ago("1h30m"), 5400);
  EXPECT_EQ(ago("1d"), 86400);
  EXPECT_EQ(ParseSince("2026-01-31T12:00:00Z", 0).value(), 1769860800);
  EXPECT_EQ(ParseSince("2026-01-31T13:00:00.5+01:00", 0).value(), 1769860800);
}

TEST(SinceTest, WhatIsNoTime) {
  for (const char* text : {"", "10", "m", "10x", "1m1h", "-5m", "0s", "2026-01-31", "infinite-past",
                           "yesterday", "1h 30m"})
    EXPECT_FALSE(ParseSince(text, 1'000'000).ok()) << text;
  EXPECT_TRUE(ParseSince("99999999999999999999d", 0).ok()) << "as long as anything";
}

v1::ListWorkloadsResponse Listed(const std::string& name, uint64_t checks, uint32_t running,
                                 const std::string& keep) {
  v1::ListWorkloadsResponse response;
  v1::WorkloadSummary& row = *response.add_workloads();
  row.mutable_workload()->set_name(name);
  row.mutable_workload()->set_instances(1);
  row.mutable_workload()->set_running(running);
  row.mutable_summary()->set_checks(checks);
  row.mutable_summary()->mutable_confidence()->set_observed_seconds(int64_t(checks));
  row.mutable_summary()->add_used(keep);
  return response;
}

TEST(ChangedRowsTest, CountsAndTimesAreNoChange) {
  ChangedRows changed(/*ended=*/false);
  const auto rows = [&](v1::ListWorkloadsResponse response) {
    changed.KeepChanged(response);
    return response.workloads_size();
  };
  EXPECT_EQ(rows(Listed("web", 1, 1, "CAP_KILL")), 1);
  EXPECT_EQ(rows(Listed("web", 2, 1, "CAP_KILL")), 0);
  EXPECT_EQ(rows(Listed("web", 3, 1, "CAP_CHOWN")), 1) << "what to keep";
  EXPECT_EQ(rows(Listed("web", 3, 0, "CAP_CHOWN")), 1) << "it ended";
  EXPECT_EQ(rows(Listed("web", 3, 0, "CAP_CHOWN")), 0);
  EXPECT_EQ(rows(Listed("old", 3, 0, "CAP_CHOWN")), 0) << "ended before, and never printed";
  EXPECT_EQ(rows(Listed("web", 3, 1, "CAP_CHOWN")), 1) << "it was gone";
  ChangedRows all(/*ended=*/true);
  auto old = Listed("old", 3, 0, "CAP_CHOWN");
  all.KeepChanged(old);
  EXPECT_EQ(old.workloads_size(), 1);
}

}  // namespace
}  // namespace capmon
