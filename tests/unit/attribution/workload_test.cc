// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/workload.h"

#include <gtest/gtest.h>

#include <ostream>

namespace capmon {

void PrintTo(const WorkloadName& workload, std::ostream* out) {
  *out << workload.name << (workload.inferred ? " (inferred)" : "");
}

namespace {

using Labels = std::map<std::string, std::string>;

TEST(Workload, TheControllersLabelsDecide) {
  const Labels deployment = {{"app", "web"}, {"pod-template-hash", "6d9f7c5b8"}};
  EXPECT_EQ(WorkloadOf("web-6d9f7c5b8-x2x7k", deployment), (WorkloadName{"deploy/web"}));
  EXPECT_EQ(WorkloadOf("my-web-2-6d9f7c5b8-x2x7k", deployment), (WorkloadName{"deploy/my-web-2"}));
  EXPECT_EQ(WorkloadOf("fluentd-k7x2m", {{"controller-revision-hash", "5c9"}}),
            (WorkloadName{"ds/fluentd"}));
  EXPECT_EQ(WorkloadOf("db-10", {{"controller-revision-hash", "db-5c9"},
                                 {"statefulset.kubernetes.io/pod-name", "db-10"}}),
            (WorkloadName{"sts/db"}));
  EXPECT_EQ(WorkloadOf("sum-abcde", {{"job-name", "sum"}}), (WorkloadName{"job/sum"}));
  EXPECT_EQ(WorkloadOf("x", {{"batch.kubernetes.io/job-name", "sum-1"}}),
            (WorkloadName{"job/sum-1"}));
  EXPECT_EQ(WorkloadOf("x", {{"job-name", "backup-28934561"}}),
            (WorkloadName{"cronjob/backup", true}));
  EXPECT_EQ(WorkloadOf("x", {{"job-name", "backup-1736073660"}}),
            (WorkloadName{"cronjob/backup", true}));
  EXPECT_EQ(WorkloadOf("kube-proxy-node1", {{"kubernetes.io/config.source", "file"}}),
            (WorkloadName{"static/kube-proxy-node1"}));
}

TEST(Workload, WithoutLabelsOnlyADeploymentsNameShowsTheWorkload) {
  EXPECT_EQ(WorkloadOf("web-6d9f7c5b8-x2x7k", {}), (WorkloadName{"deploy/web", true}));
  for (const std::string name : {"web", "web-0", "web-x2x7k", "a-b-c", "web-abcdefghi-x2x7k",
                                 "web-6d9f7c5b8-x2x7", "-6d9f7c5b8-x2x7k", "", "-", "--"})
    EXPECT_EQ(WorkloadOf(name, {}), WorkloadName{}) << name;
}

TEST(Workload, WhatDoesNotFitIsNotGuessed) {
  EXPECT_EQ(WorkloadOf("web-6d9f7c5b8-x2x7k", {{"app", "web"}}), WorkloadName{});
  EXPECT_EQ(WorkloadOf("web-x2x7k", {{"pod-template-hash", "6d9f7c5b8"}}), WorkloadName{});
  EXPECT_EQ(WorkloadOf("-6d9f7c5b8-x2x7k", {{"pod-template-hash", "6d9f7c5b8"}}), WorkloadName{});
  EXPECT_EQ(WorkloadOf("lonely", {{"controller-revision-hash", "5c9"}}), WorkloadName{});
  EXPECT_EQ(WorkloadOf("db", {{"statefulset.kubernetes.io/pod-name", "db"}}), WorkloadName{});
  EXPECT_EQ(WorkloadOf("x", {{"job-name", "28934561"}}), (WorkloadName{"job/28934561"}));
}

}  // namespace
}  // namespace capmon
