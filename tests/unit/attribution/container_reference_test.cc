// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/container_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "daemon/attribution/identity.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kWebId = "4f66ad9a0b2e5f2c1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8";
const std::string kDbId = "4f66ff112233445566778899aabbccddeeff00112233445566778899aabbccdd";

class ReferenceTest : public ::testing::Test {
 protected:
  Container& Add(const std::string& key, const std::string& name, const std::string& id,
                 const std::string& runtime = "docker") {
    Container& container = containers_.emplace_back();
    container.key = key;
    container.name = name;
    container.id = id;
    container.runtime = runtime;
    container.kind = ContainerKind::kContainer;
    container.first_seen = static_cast<TimeNs>(containers_.size());
    return container;
  }
  absl::StatusOr<std::string> Find(const std::string& reference) const {
    std::vector<const Container*> all;
    for (const Container& container : containers_) all.push_back(&container);
    return Resolve(reference, all);
  }
  // The key, or the error's sentence.
  std::string Text(const std::string& reference) const {
    const auto found = Find(reference);
    return found.ok() ? *found : std::string(found.status().message());
  }

  // The workload, "container KEY", or the error's sentence.
  std::string Means(const std::string& reference) const {
    std::vector<const Container*> all;
    for (const Container& container : containers_) all.push_back(&container);
    const auto referred = ResolveWorkload(reference, all);
    if (!referred.ok()) return std::string(referred.status().message());
    return referred->workload ? Print(*referred->workload) : "container " + referred->key;
  }
  Container& AddNamed(const std::string& key, const std::string& name,
                      const std::string& workload = "") {
    Container& container = Add(key, name, std::string(63, 'f') + key.back());
    container.name_source = "docker";
    container.workload = workload;
    container.image = "nginx:1";
    return container;
  }
  Container& AddInPod(const std::string& key, const std::string& pod, const std::string& name,
                      const std::string& workload) {
    Container& container = AddNamed(key, name, workload);
    container.name_source = "cri";
    container.pod = pod;
    container.pod_namespace = "shop";
    return container;
  }

  std::deque<Container> containers_;
};

TEST_F(ReferenceTest, ByNameIdAndPrefix) {
  Add("k1", "web", kWebId);
  Add("k2", "db", kDbId);
  EXPECT_EQ(Text("web"), "k1");
  EXPECT_EQ(Text(kDbId), "k2");
  EXPECT_EQ(Text("4f66a"), "k1");
  EXPECT_EQ(Text("docker://" + kWebId), "k1");
  EXPECT_EQ(Text("docker://4f66f"), "k2");
  EXPECT_EQ(Find("4f6").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Find("podman://4f66f").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Find("4f66").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Find("").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReferenceTest, AnImpostorOfAUsersTakesNoPart) {
  Container& real = Add("k1", "web", kWebId);
  real.cgroup_path = "/docker/" + kWebId;
  real.name_source = kFromCgroup;
  Container& impostor = Add("k2", "web", kWebId);
  impostor.cgroup_path = "/user.slice/user-1000.slice/docker-" + kWebId + ".scope";
  impostor.name_source = kFromCgroup;
  EXPECT_EQ(Text(kWebId), "k1");
  EXPECT_EQ(Text("4f66a"), "k1");
  real.removed = 9;
  EXPECT_EQ(Text(kWebId), "k1") << "also when only the impostor runs";
}

TEST_F(ReferenceTest, TheDescribedContainerWins) {
  Add("k1", "web", kWebId).name_source = "docker";
  Add("k2", "web", kWebId).name_source = kFromCgroup;
  EXPECT_EQ(Text(kWebId), "k1");
}

TEST_F(ReferenceTest, TwoOfEqualStandingAreStillAmbiguous) {
  Add("k1", "web", kWebId);
  Add("k2", "web", kWebId);
  EXPECT_EQ(Find(kWebId).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReferenceTest, ANameWinsOverAnIdPrefix) {
  Add("k1", "web", kWebId);
  Add("k2", "4f66a", kDbId).removed = 5;
  EXPECT_EQ(Text("4f66a"), "k2");
}

TEST_F(ReferenceTest, RunningWinsOverEnded) {
  Add("old", "web", kWebId).removed = 5;
  Add("new", "web", kDbId);
  Add("older", "web", kDbId).removed = 6;
  EXPECT_EQ(Text("web"), "new");
}

TEST_F(ReferenceTest, TheNewestOfSeveralEndedOfOneName) {
  Add("first", "web", kWebId).removed = 50;
  Add("second", "web", kDbId).removed = 40;
  EXPECT_EQ(Text("web"), "second");
  EXPECT_EQ(Text("4f66"), "second");
  Add("third", "db", kDbId).removed = 60;
  EXPECT_EQ(Find("4f66").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReferenceTest, AmbiguousNamesTheCandidates) {
  for (int i = 0; i < 7; ++i) Add("k" + std::to_string(i), "web", std::to_string(i) + kWebId);
  const auto found = Find("web");
  EXPECT_EQ(found.status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string text(found.status().message());
  EXPECT_THAT(text, HasSubstr("fits 7 containers: web (04f66ad9a0b2), web (14f66ad9a0b2), "));
  EXPECT_THAT(text, HasSubstr("web (44f66ad9a0b2) and 2 more"));
  EXPECT_THAT(text, Not(HasSubstr("54f66")));
}

TEST_F(ReferenceTest, NotFoundSuggestsTheNearestName) {
  Add("k1", "frontend", kWebId);
  Add("k2", "database", kDbId);
  EXPECT_EQ(Text("frontned"), "no container matches \"frontned\"; did you mean \"frontend\"?");
  EXPECT_EQ(Text("base"), "no container matches \"base\"; did you mean \"database\"?");
  EXPECT_EQ(Text("completely-else"), "no container matches \"completely-else\"");
  EXPECT_EQ(Find(std::string(10000, 'x')).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReferenceTest, PodsAndTheirContainers) {
  for (const std::string name : {"nginx", "sidecar"}) {
    Container& container = Add("k-" + name, name, name + "-id");
    container.pod_namespace = "shop";
    container.pod = "web-1";
  }
  EXPECT_EQ(Text("shop/web-1/nginx"), "k-nginx");
  EXPECT_THAT(Text("shop/web-1"), HasSubstr("shop/web-1/nginx (nginx-id)"));
  EXPECT_THAT(Text("shop/web-2"), HasSubstr("did you mean \"shop/web-1\"?"));
  EXPECT_EQ(Find("shop/web-1/other").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Find("/web-1").status().code(), absl::StatusCode::kNotFound);
  containers_.pop_back();
  EXPECT_EQ(Text("shop/web-1"), "k-nginx");
}

TEST_F(ReferenceTest, Workloads) {
  Add("k1", "a", kWebId).workload = "deploy/web";
  Add("k2", "b", kDbId).workload = "sts/db";
  Add("k3", "c", "cccc").workload = "compose:shop/web";
  EXPECT_EQ(Text("deploy/web"), "k1");
  EXPECT_EQ(Text("deployment/web"), "k1");
  EXPECT_EQ(Text("sts/db"), "k2");
  EXPECT_EQ(Text("statefulset/db"), "k2");
  EXPECT_EQ(Text("compose:shop/web"), "k3");
  EXPECT_EQ(Find("ds/web").status().code(), absl::StatusCode::kNotFound);
  // A namespace may be called like a kind of workload.
  Container& pod = Add("k4", "d", "dddd");
  pod.pod_namespace = "job";
  pod.pod = "runner";
  EXPECT_EQ(Text("job/runner"), "k4");
}

TEST_F(ReferenceTest, Images) {
  Add("k1", "a", kWebId).image = "registry.example:5000/shop/nginx:1.25@sha256:abc";
  Add("k2", "b", kDbId).image = "postgres:16";
  for (const std::string image :
       {"nginx", "nginx:1.25", "shop/nginx", "registry.example:5000/shop/nginx",
        "registry.example:5000/shop/nginx:1.25@sha256:abc"})
    EXPECT_EQ(Text("image:" + image), "k1") << image;
  EXPECT_EQ(Text("image:postgres"), "k2");
  for (const std::string image : {"ginx", "nginx:1", "", "5000", "shop"})
    EXPECT_EQ(Find("image:" + image).status().code(), absl::StatusCode::kNotFound) << image;
}

TEST_F(ReferenceTest, Units) {
  Add("user", "user@1000.service/nginx.service", "user@1000.service/nginx.service", "systemd")
      .kind = ContainerKind::kUnit;
  EXPECT_EQ(Text("unit:nginx.service"), "user");
  Add("system", "nginx.service", "nginx.service", "systemd").kind = ContainerKind::kUnit;
  EXPECT_EQ(Text("unit:nginx.service"), "system");
  EXPECT_EQ(Text("unit:nginx"), "system");
  EXPECT_EQ(Text("nginx.service"), "system");
  EXPECT_EQ(Text("unit:user@1000.service/nginx.service"), "user");
  Add("k1", "cron.service", kWebId);  // a container that calls itself so is no unit
  EXPECT_EQ(Find("unit:cron").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReferenceTest, CgroupsAndTheHost) {
  Container& host = Add("host", "host", "host", "");
  host.kind = ContainerKind::kHost;
  host.cgroup_path = "/";
  Add("k1", "web", kWebId).cgroup_path = "/docker/" + kWebId;
  Add("k2", "mybox", "mybox", "").cgroup_path = "/mybox";
  EXPECT_EQ(Text("host"), "host");
  EXPECT_EQ(Text("cgroup:/"), "host");
  EXPECT_EQ(Text("cgroup:/system.slice"), "host");
  EXPECT_EQ(Text("cgroup:/docker/" + kWebId), "k1");
  EXPECT_EQ(Text("cgroup:/docker/" + kWebId + "/a/b"), "k1");
  EXPECT_EQ(Text("cgroup:/mybox/inner"), "k2");
  EXPECT_EQ(Text("cgroup:/mybox/" + kDbId), "k2");
  EXPECT_EQ(Find("cgroup:/docker/" + kDbId).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Find("cgroup:/myboxes").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Find("cgroup:").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReferenceTest, NothingAtAll) {
  EXPECT_EQ(Find("web").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReferenceTest, AWorkloadIsItsOneRunningContainer) {
  const auto add = [&](const std::string& key, const std::string& pod, const std::string& name) {
    Container& container = Add(key, name, key + kWebId);
    container.pod = pod;
    container.pod_namespace = "shop";
    container.workload = "cronjob/backup";
  };
  add("pause", "backup-1-abcde", "POD");
  EXPECT_EQ(Text("cronjob/backup"), "pause");  // better than nothing
  add("app", "backup-1-abcde", "app");
  EXPECT_EQ(Text("cronjob/backup"), "app");
  EXPECT_EQ(Text("cj/backup"), "app");
  EXPECT_EQ(Text("shop/backup-1-abcde"), "app");
  EXPECT_EQ(Text("shop/backup-1-abcde/POD"), "pause");
  add("second", "backup-2-fghij", "app");
  EXPECT_EQ(Find("cronjob/backup").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Text("cronjob/backup"), HasSubstr("shop/backup-1-abcde/app"));
  EXPECT_THAT(Text("cronjob/backup"), HasSubstr("shop/backup-2-fghij/app"));
}

TEST_F(ReferenceTest, AWorkloadOfPodsHasManyForms) {
  AddInPod("k1", "web-6d9f7c5b8-x2x7k", "nginx", "deploy/web");
  AddInPod("k2", "web-6d9f7c5b8-abcde", "nginx", "deploy/web");
  AddInPod("k3", "web-6d9f7c5b8-abcde", "POD", "deploy/web");
  for (const char* reference :
       {"deploy/web", "deployment/web", "shop/web", "shop/deploy/web", "deploy/web/nginx",
        "shop/web/nginx", "shop/deploy/web/nginx", "nginx", "image:nginx"})
    EXPECT_EQ(Means(reference), "shop/deploy/web/nginx") << reference;
  EXPECT_EQ(Means("shop/web-6d9f7c5b8-x2x7k"), "container k1");
  EXPECT_EQ(Means("shop/web-6d9f7c5b8-x2x7k/nginx"), "container k1");
  EXPECT_EQ(Means(std::string(63, 'f') + "2"), "container k2");
  for (const char* reference : {"sts/web", "other/web", "shop/deploy/we", "deploy/web/nginx/x"})
    EXPECT_THAT(Means(reference), HasSubstr("no container matches")) << reference;
}

TEST_F(ReferenceTest, SeveralWorkloadsAreNamed) {
  AddInPod("k1", "web-6d9f7c5b8-x2x7k", "nginx", "deploy/web");
  AddInPod("k2", "web-6d9f7c5b8-x2x7k", "proxy", "deploy/web");
  EXPECT_EQ(Means("deploy/web"),
            "\"deploy/web\" fits 2 workloads: shop/deploy/web/nginx, shop/deploy/web/proxy");
  EXPECT_EQ(Means("deploy/web/proxy"), "shop/deploy/web/proxy");
  containers_[1].removed = 9;
  EXPECT_EQ(Means("deploy/web"), "shop/deploy/web/nginx") << "the one that runs";
}

TEST_F(ReferenceTest, ANameMeansTheWorkloadWhereThatIsCalledSo) {
  AddNamed("k1", "web").removed = 5;
  AddNamed("k2", "web");
  AddNamed("k3", "shop-api-1", "compose:shop/api");
  AddNamed("k4", "shop-api-2", "compose:shop/api");
  AddNamed("k5", "happy_turing");
  AddNamed("k6", "zen_hopper");
  EXPECT_EQ(Means("web"), "docker:web");
  EXPECT_EQ(Means("docker:web"), "docker:web");
  EXPECT_EQ(Means("compose:shop/api"), "compose:shop/api");
  EXPECT_EQ(Means("shop-api-1"), "container k3");
  EXPECT_EQ(Means("happy_turing"), "container k5");
  EXPECT_THAT(Means("image:nginx"), HasSubstr("fits 3 workloads: compose:shop/api, docker:web, "));
  EXPECT_EQ(Text("docker:web"), "k2");
  containers_.erase(containers_.begin(), containers_.begin() + 4);
  EXPECT_EQ(Means("image:nginx"), "image:nginx");
}

}  // namespace
}  // namespace capmon
