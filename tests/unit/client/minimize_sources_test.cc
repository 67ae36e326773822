// SPDX-License-Identifier: Apache-2.0
// Where the job of a search comes from: a service of Compose, and a plan for a cluster.
#include <gmock/gmock.h>
#include <linux/capability.h>

#include "client/commands/compose_container.h"
#include "client/commands/minimize_plan.h"
#include "daemon/model/capability.h"

namespace capmon {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kFile[] = "/srv/My Shop/compose.yaml";
constexpr char kText[] = "services:\n  web: {image: nginx}\n";

ComposeService Web(const std::string& text = kText, const std::string& environment = "") {
  const auto service = ServiceOf(kFile, text, "web", environment);
  EXPECT_TRUE(service.ok()) << service.status();
  return service.value_or(ComposeService());
}

TEST(ServiceOf, TheProjectIsNamedAsComposeNamesIt) {
  EXPECT_EQ(Web().project, "myshop");
  EXPECT_EQ(Web(std::string("name: shop-2\n") + kText).project, "shop-2");
  EXPECT_EQ(Web(std::string("name: shop-2\n") + kText, "other").project, "other");
  EXPECT_EQ(ServiceOf("/__/compose.yaml", kText, "web", "")->project, "");
}

TEST(ServiceOf, AFileWithoutTheServiceIsRefused) {
  EXPECT_THAT(ServiceOf(kFile, kText, "db", "").status().message(),
              HasSubstr("has no service \"db\""));
  for (const char* text : {"", "[1]", "services: [web]", "services:\n\t- x: ["})
    EXPECT_FALSE(ServiceOf(kFile, text, "web", "").ok()) << text;
}

json Container(const std::string& name, const std::string& project, const std::string& number,
               const std::string& state, const std::string& files = "") {
  return {{"Id", name + "0"},
          {"Names", {"/" + name}},
          {"State", state},
          {"Labels",
           {{"com.docker.compose.project", project},
            {"com.docker.compose.service", "web"},
            {"com.docker.compose.container-number", number},
            {"com.docker.compose.project.config_files", files}}}};
}

TEST(ContainerOf, TheFirstThatRunsIsTaken) {
  const json list = {
      Container("a", "myshop", "1", "exited"), Container("c", "myshop", "10", "running"),
      Container("b", "myshop", "2", "running"), Container("x", "other", "1", "running")};
  EXPECT_EQ(ContainerOf(Web(), list).value(), "b");
  EXPECT_EQ(ContainerOf(Web(), json::array({Container("a", "myshop", "1", "exited")})).value(),
            "a");
}

TEST(ContainerOf, TheFileIsABetterWitnessThanTheProject) {
  const json by_file = Container("named", "else", "1", "running", std::string("/x.yaml,") + kFile);
  EXPECT_EQ(ContainerOf(Web(), {Container("a", "myshop", "1", "running"), by_file}).value(),
            "named");
  const json twice = {by_file, Container("again", "third", "1", "running", kFile)};
  EXPECT_THAT(ContainerOf(Web(), twice).status().message(),
              HasSubstr("several projects: else, third"));
}

TEST(ContainerOf, OthersAreNotTaken) {
  json once = Container("a", "myshop", "1", "running");
  once["Labels"]["com.docker.compose.oneoff"] = "True";
  EXPECT_EQ(ContainerOf(Web(), json::array({once})).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ContainerOf(Web(), {1, nullptr, {{"Labels", 3}}}).status().code(),
            absl::StatusCode::kNotFound);
}

v1::Profile Deployed(const std::string& workload) {
  v1::Profile profile;
  v1::Container& container = *profile.mutable_container();
  container.set_name("nginx");
  container.set_namespace_("shop");
  container.set_pod("web-1");
  container.set_workload(workload);
  const auto add = [&](const char* capability, const char* verdict) {
    v1::CapabilityVerdict& row = *profile.add_capabilities();
    row.set_capability(capability);
    row.set_verdict(verdict);
    row.set_keep(true);
    profile.mutable_recommendation()->add_keep(capability);
  };
  add("CAP_NET_BIND_SERVICE", "required");
  add("CAP_CHOWN", "degrades");
  add("CAP_KILL", "constraint");
  return profile;
}

TEST(KubernetesPlan, HasAPatchForEachStep) {
  const auto plan = KubernetesPlan(Deployed("deploy/web"), {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(*plan, HasSubstr("kubectl patch deployment/web-canary -n shop --patch-file"));
  EXPECT_THAT(*plan, HasSubstr("capmon check -f -"));
  EXPECT_THAT(*plan, HasSubstr("# step 2: without everything doubtful: CHOWN, KILL\n"));
  EXPECT_THAT(*plan, HasSubstr("# step 3: without KILL: never checked"));
  EXPECT_THAT(*plan, HasSubstr("# step 5: without NET_BIND_SERVICE: a denial makes"));
  EXPECT_THAT(*plan, Not(HasSubstr("# step 6")));
  EXPECT_THAT(*plan, HasSubstr("        capmon.workload: web-canary-step-5\n"));
  const std::string last = plan->substr(plan->find("# step 5"));
  EXPECT_THAT(last, HasSubstr("CHOWN"));
  EXPECT_THAT(last.substr(last.find('\n')), Not(HasSubstr("NET_BIND_SERVICE")));
}

TEST(KubernetesPlan, TheNextOneLeavesOutWhatPassed) {
  const auto plan = KubernetesPlan(Deployed("deploy/web"), {CAP_CHOWN, CAP_KILL});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(*plan, HasSubstr("# step 1: with the whole set: NET_BIND_SERVICE\n"));
  EXPECT_THAT(*plan, Not(HasSubstr("# step 3")));
}

TEST(KubernetesPlan, NeedsPodsThatCanBeChanged) {
  EXPECT_EQ(KubernetesPlan(Deployed(""), {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace capmon
