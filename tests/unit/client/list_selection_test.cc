// SPDX-License-Identifier: Apache-2.0
// Which rows capmon list prints, and how they look to programs.
#include "client/commands/list_selection.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "client/base/csv.h"
#include "client/render/container_list.h"

namespace capmon {
namespace {

v1::WorkloadSummary Row(const std::string& name, const std::string& name_space, uint64_t checks,
                        const std::vector<std::string>& keep) {
  v1::WorkloadSummary row;
  row.mutable_workload()->set_name(name);
  row.mutable_workload()->set_instances(1);
  row.mutable_workload()->set_running(1);
  v1::ContainerSummary& summary = *row.mutable_summary();
  summary.set_checks(checks);
  summary.mutable_container()->set_namespace_(name_space);
  (*summary.mutable_container()->mutable_labels())["tier"] =
      name_space == "shop" ? "front" : "back";
  for (const std::string& capability : keep) summary.add_used(capability);
  return row;
}

v1::ListWorkloadsResponse Rows() {
  v1::ListWorkloadsResponse response;
  *response.add_workloads() = Row("shop/deploy/web/nginx", "shop", 5, {"CAP_CHOWN", "CAP_KILL"});
  *response.add_workloads() = Row("shop/deploy/api/app", "shop", 900, {});
  *response.add_workloads() = Row("db/sts/pg/postgres", "db", 70, {"CAP_KILL"});
  return response;
}

std::vector<std::string> Selected(const ListSelection& selection) {
  EXPECT_TRUE(CheckSelection(selection).ok());
  v1::ListWorkloadsResponse response = Rows();
  Select(selection, response);
  std::vector<std::string> names;
  for (const v1::WorkloadSummary& row : response.workloads())
    names.push_back(row.workload().name());
  return names;
}

using Names = std::vector<std::string>;

ListSelection Filters(const Names& filters) {
  ListSelection selection;
  selection.filters = filters;
  return selection;
}

ListSelection Labels(const Names& labels) {
  ListSelection selection;
  selection.labels = labels;
  return selection;
}

ListSelection Sorted(const std::string& key) {
  ListSelection selection;
  selection.sort = key;
  return selection;
}

ListSelection InNamespace(const std::string& name) {
  ListSelection selection;
  selection.name_space = name;
  return selection;
}

TEST(ListSelectionTest, EachPartSelects) {
  EXPECT_EQ(Selected(ListSelection()).size(), 3u);
  EXPECT_EQ(Selected(InNamespace("db")), Names{"db/sts/pg/postgres"});
  EXPECT_EQ(Selected(Filters({"name=*/api/*"})), Names{"shop/deploy/api/app"});
  EXPECT_EQ(Selected(Filters({"name=api"})), Names{}) << "a pattern fits the whole name";
  EXPECT_EQ(Selected(Labels({"tier=back"})), Names{"db/sts/pg/postgres"});
  EXPECT_EQ(Selected(Labels({"tier,tier=front"})).size(), 2u);
  EXPECT_EQ(Selected(Labels({"other"})), Names{});
}

TEST(ListSelectionTest, OneOfAKeyAndAllKeys) {
  EXPECT_EQ(Selected(Filters({"namespace=db", "namespace=shop"})).size(), 3u);
  EXPECT_EQ(Selected(Filters({"namespace=shop", "keep=*"})), Names{"shop/deploy/web/nginx"});
}

TEST(ListSelectionTest, CapabilitiesInEveryForm) {
  for (const char* name : {"keep=KILL", "keep=cap_kill", "keep=CAP_KILL", "keep=5"})
    EXPECT_EQ(Selected(Filters({name})).size(), 2u) << name;
  EXPECT_EQ(Selected(Filters({"keep=CH*"})), Names{"shop/deploy/web/nginx"});
}

TEST(ListSelectionTest, LargestFirstAndNamesInOrder) {
  EXPECT_EQ(Selected(Sorted("checks")),
            (Names{"shop/deploy/api/app", "db/sts/pg/postgres", "shop/deploy/web/nginx"}));
  EXPECT_EQ(Selected(Sorted("name")).front(), "db/sts/pg/postgres");
  for (const std::string& key : SortKeys()) EXPECT_EQ(Selected(Sorted(key)).size(), 3u) << key;
}

TEST(ListSelectionTest, FaultsNameTheKeys) {
  for (const char* filter : {"web", "nome=web", "=web", ""}) {
    const absl::Status fault = CheckSelection(Filters({filter}));
    EXPECT_EQ(fault.code(), absl::StatusCode::kInvalidArgument) << filter;
    EXPECT_NE(fault.message().find("namespace"), std::string::npos) << fault;
  }
}

TEST(ListSelectionTest, WhatCanFitNothingIsAFault) {
  const auto fault = [](const ListSelection& selection) {
    return std::string(CheckSelection(selection).message());
  };
  EXPECT_NE(fault(Filters({"state=stabel"})).find("learning, stable, complete"), std::string::npos);
  EXPECT_NE(fault(Filters({"keep=NET_ROW"})).find("fits no capability"), std::string::npos);
  EXPECT_NE(fault(Filters({"denied="})).find("fits no capability"), std::string::npos);
  for (const char* list : {",", "a,", "=x", "a,=x"})
    EXPECT_NE(fault(Labels({list})).find("--selector"), std::string::npos) << list;
  for (const char* filter : {"state=st*", "state=?nded", "unknown=NET_*", "keep=cap_kill"})
    EXPECT_EQ(fault(Filters({filter})), "") << filter;
}

TEST(ListSelectionTest, OnlyTwoCharactersAreSpecial) {
  v1::ListWorkloadsResponse response;
  *response.add_workloads() = Row("a[b]c", "", 1, {});
  *response.add_workloads() = Row("abc", "", 1, {});
  *response.add_workloads() = Row("a\\c", "", 1, {});
  const auto selected = [&](const char* filter) {
    v1::ListWorkloadsResponse rows = response;
    Select(Filters({filter}), rows);
    return rows.workloads_size() == 1 ? rows.workloads(0).workload().name() : "";
  };
  EXPECT_EQ(selected("name=a[b]c"), "a[b]c");
  EXPECT_EQ(selected("name=a\\*"), "a\\c");
  EXPECT_EQ(selected("name=a?c"), "") << "two of them";
}

TEST(ListSelectionTest, ContainersAreSelectedToo) {
  v1::ListContainersResponse response;
  const v1::ListWorkloadsResponse rows = Rows();
  for (const v1::WorkloadSummary& row : rows.workloads())
    *response.add_containers() = row.summary();
  ListSelection selection = InNamespace("shop");
  selection.sort = "checks";
  Select(selection, response);
  ASSERT_EQ(response.containers_size(), 2);
  EXPECT_EQ(response.containers(0).checks(), 900u);
}

TEST(CsvTest, CellsThatNeedQuotes) {
  EXPECT_EQ(CsvLine({"a", "b c", ""}), "a,b c,\n");
  EXPECT_EQ(CsvLine({"a,b", "say \"x\""}), "\"a,b\",\"say \"\"x\"\"\"\n");
}

// Names come from containers: none may be a formula, or end the line.
TEST(CsvTest, HostileCells) {
  EXPECT_EQ(CsvLine({"=1+1", "@x", "-1", "+1"}), "'=1+1,'@x,'-1,'+1\n");
  EXPECT_EQ(CsvLine({"a\nb"}), "a\\x0ab\n");
}

std::string Rendered(Format format) {
  Settings settings;
  settings.format = format;
  std::ostringstream out;
  RenderWorkloads(out, Rows(), settings);
  return out.str();
}

TEST(ListFormatsTest, Names) {
  EXPECT_EQ(Rendered(Format::kName),
            "shop/deploy/web/nginx\nshop/deploy/api/app\ndb/sts/pg/postgres\n");
}

TEST(ListFormatsTest, CsvHasAColumnForEachTitle) {
  std::istringstream lines(Rendered(Format::kCsv));
  std::string titles, row;
  std::getline(lines, titles);
  std::getline(lines, row);
  EXPECT_EQ(std::count(titles.begin(), titles.end(), ','), std::count(row.begin(), row.end(), ','));
  EXPECT_NE(row.find("shop/deploy/web/nginx,1,1,shop,"), std::string::npos) << row;
  EXPECT_NE(row.find(",CHOWN KILL,"), std::string::npos) << row;
}

}  // namespace
}  // namespace capmon
