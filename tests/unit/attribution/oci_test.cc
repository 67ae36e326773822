// SPDX-License-Identifier: Apache-2.0
// Trees of state files, as runtimes leave them and as an attacker would.
#include "daemon/attribution/oci.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "daemon/attribution/oci_files.h"
#include "daemon/attribution/state_files.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kId(64, 'a');

class OciTest : public testing::Test {
 protected:
  OciTest() {
    char pattern[] = "/tmp/capmon-ociXXXXXX";
    directory_ = ::mkdtemp(pattern);
    fs::create_directories(directory_ + "/run");
    roots_ = {{directory_ + "/run"}, {directory_ + "/docker"}, {directory_ + "/storage"}};
  }
  ~OciTest() override { fs::remove_all(directory_); }

  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(directory_ + "/" + path).parent_path());
    std::ofstream(directory_ + "/" + path) << text;
  }
  static std::string State(const std::string& id, const std::string& cgroup) {
    return R"({"id":")" + id + R"(","config":{},"cgroup_paths":{"":"/sys/fs/cgroup)" + cgroup +
           "\"}}";
  }
  static std::string Named(const std::string& name) {
    return R"({"annotations":{"nerdctl/name":")" + name + "\"}}";
  }
  MetadataSource::Answers answers_ = {[this](ContainerDescribed described) {
                                        told_.push_back(described.runtime + " " +
                                                        described.container_id.substr(0, 4) + " " +
                                                        described.name + described.cgroup_path);
                                      },
                                      [](const std::string&) {}};

  std::string directory_;
  OciSource::Roots roots_;
  std::vector<std::string> told_;
};

TEST_F(OciTest, FindsEveryRuntimesFiles) {
  Write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + kId + "/config.json", Named("a"));
  Write("run/containerd/io.containerd.runtime.v2.task/moby/" + kId + "/config.json", Named("b"));
  Write("run/containerd/runc/default/web/state.json", State("web", "/default/web"));
  Write("run/docker/runtime-runc/moby/" + kId + "/state.json", State(kId, "/docker/x"));
  Write("run/runc/box7/state.json", State("box7", "/group/ct"));
  Write("run/crun/box8/status", R"({"cgroup-path":"/crun/box8"})");
  Write("run/containers/storage/overlay-containers/" + kId + "/userdata/config.json", Named("c"));
  Write("storage/vfs-containers/" + kId + "/userdata/config.json",
        R"({"annotations":{"io.container.manager":"libpod"}})");
  Write("docker/containers/" + kId + "/config.v2.json", R"({"ID":")" + kId + R"(","Name":"/web"})");
  OciSource source(roots_);
  EXPECT_TRUE(source.ListAll(answers_, {}).ok());
  EXPECT_THAT(told_, UnorderedElementsAre("containerd aaaa a", "docker aaaa b",
                                          "containerd web /default/web", "docker aaaa /docker/x",
                                          "runc box7 /group/ct", "crun box8 /crun/box8", " aaaa c",
                                          "podman aaaa ", "docker aaaa web"));
}

// As Podman 4.3.1 wrote it for `podman create --name web --label tier=front localhost/shop:1`, with
// other ids; then as CRI-O and Buildah do, by their source.
std::string ListOf(const std::string& name) {
  return R"([{"id":")" + kId + R"(","names":[")" + name + R"("],"image":")" + std::string(64, 'b') +
         R"(","layer":")" + std::string(64, 'c') +
         R"(","metadata":"{\"image-name\":\"localhost/shop:1\",\"image-id\":\")" +
         std::string(64, 'b') + R"(\",\"name\":\")" + name +
         R"(\",\"created-at\":1795972757}","created":"2026-11-29T17:19:17.248132848Z",)"
         R"("flags":{"MountLabel":"","ProcessLabel":""}},)"
         R"({"id":")" +
         std::string(64, 'd') +
         R"(","names":["k8s_web_api_shop_uid_0"],"metadata":"{\"pod-name\":\"api\",)"
         R"(\"name\":\"k8s_web_api_shop_uid_0\"}"},)"
         R"({"id":")" +
         std::string(64, 'e') +
         R"(","names":["alpine-working-container"]},)"
         R"({"id":"short","metadata":"{\"name\":\"short\"}"}, 7])";
}

TEST_F(OciTest, PodmansListNamesItsContainers) {
  Write("storage/overlay-containers/containers.json", ListOf("web"));
  Write("run/containers/storage/vfs-containers/volatile-containers.json", ListOf("brief"));
  OciSource source(roots_);
  EXPECT_TRUE(source.ListAll(answers_, {}).ok());
  EXPECT_THAT(told_, UnorderedElementsAre("podman aaaa web", "podman aaaa brief"));
  told_.clear();
  EXPECT_TRUE(source.Inspect({std::string(64, 'f'), ""}, answers_, {}).ok());
  EXPECT_THAT(told_, IsEmpty());
  Write("storage/overlay-containers/" + kId + "/userdata/config.json",
        R"({"annotations":{"io.container.manager":"libpod"}})");
  EXPECT_EQ(*source.Inspect({kId, ""}, answers_, {}), Found::kYes);
  EXPECT_THAT(told_, UnorderedElementsAre("podman aaaa web", "podman aaaa brief", "podman aaaa "));
}

TEST_F(OciTest, PodmansListHasImageAndDigest) {
  std::vector<ContainerDescribed> parsed = ParseStorageContainers(ListOf("web"));
  ASSERT_EQ(parsed.size(), 1u);
  EXPECT_EQ(parsed[0].image, "localhost/shop:1");
  EXPECT_EQ(parsed[0].image_digest, "sha256:" + std::string(64, 'b'));
  EXPECT_EQ(parsed[0].source, "oci");
  EXPECT_THAT(ParseStorageContainers("{}"), IsEmpty());
}

// Whose hands a directory is in is decided by the way to it, which its user cannot change.
TEST_F(OciTest, WhatLiesInAUsersHandsIsTheUsersWord) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a directory away";
  Write("home/storage/overlay-containers/containers.json", ListOf("web"));
  for (int i = 0; i < 300; ++i) {
    std::string id = std::to_string(i);
    Write("home/storage/overlay-containers/" + id.insert(0, 64 - id.size(), '0') +
              "/userdata/config.json",
          Named("x"));
  }
  ASSERT_EQ(::chown((directory_ + "/home").c_str(), 1000, 1000), 0);
  fs::create_directory_symlink(directory_ + "/home/storage", directory_ + "/link");
  EXPECT_EQ(UserOfPath(directory_ + "/run"), "");
  EXPECT_EQ(UserOfPath(directory_ + "/home/storage/none/yet"), "1000");
  for (const std::string& root : {directory_ + "/home/storage", directory_ + "/link"}) {
    std::vector<std::string> users;
    OciSource source({{}, {}, {root}});
    EXPECT_TRUE(source
                    .ListAll({[&](const ContainerDescribed& described) {
                                users.push_back(described.by_user);
                              },
                              [](const std::string&) {}},
                             {})
                    .ok());
    EXPECT_EQ(users.size(), 1 + OciSource::kMaxOfUser);
    EXPECT_EQ(std::set<std::string>(users.begin(), users.end()), std::set<std::string>{"1000"});
  }
}

TEST_F(OciTest, AnswersByIdAndByPath) {
  OciSource source(roots_);
  EXPECT_TRUE(absl::IsNotFound(source.ListAll(answers_, {})));
  Write("run/runc/box7/state.json", State("box7", "/group/ct"));
  EXPECT_TRUE(source.ListAll(answers_, {}).ok());
  EXPECT_THAT(told_, ElementsAre("runc box7 /group/ct"));
  told_.clear();
  EXPECT_EQ(*source.Inspect({"", "/group/other"}, answers_, {}), Found::kNotYet);
  EXPECT_THAT(told_, IsEmpty());
  Write("run/runc/box9/state.json", State("box9", "/group/other"));
  EXPECT_EQ(*source.Inspect({"", "/group/other"}, answers_, {}), Found::kYes);
  EXPECT_THAT(told_, ElementsAre("runc box9 /group/other"));
  told_.clear();
  EXPECT_EQ(*source.Inspect({kId, "/docker/" + kId}, answers_, {}), Found::kNotYet);
  Write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + kId + "/config.json", Named("a"));
  EXPECT_EQ(*source.Inspect({kId, "/docker/" + kId}, answers_, {}), Found::kYes);
  EXPECT_THAT(told_, ElementsAre("containerd aaaa a"));
}

TEST_F(OciTest, AContainerCreatedAgainIsReportedAgain) {
  Write("run/runc/box7/state.json", State("box7", "/group/ct"));
  OciSource source(roots_);
  EXPECT_TRUE(source.ListAll(answers_, {}).ok());
  // Kept meanwhile, so that the new one cannot have its inode.
  fs::rename(directory_ + "/run/runc/box7", directory_ + "/gone");
  Write("run/runc/box7/state.json", State("box7", "/group/ct"));
  told_.clear();
  EXPECT_EQ(*source.Inspect({"", "/group/ct"}, answers_, {}), Found::kYes);
  EXPECT_THAT(told_, ElementsAre("runc box7 /group/ct"));
}

TEST_F(OciTest, NothingLeadsOutOfTheRoots) {
  Write("elsewhere/secret/state.json", State("secret", "/stolen"));
  Write("elsewhere/state.json", State("link", "/stolen"));
  fs::create_directories(directory_ + "/run/runc/link");
  fs::create_symlink("../../../elsewhere/state.json", directory_ + "/run/runc/link/state.json");
  fs::create_directory_symlink("../../elsewhere/secret", directory_ + "/run/runc/secret");
  fs::create_directory_symlink("../../elsewhere", directory_ + "/run/containerd");
  fs::create_directories(directory_ + "/run/runc/directory/state.json");
  fs::create_directories(directory_ + "/run/runc/pipe");
  ASSERT_EQ(::mkfifo((directory_ + "/run/runc/pipe/state.json").c_str(), 0600), 0);
  Write("run/runc/endless/state.json", std::string(kMaxStateFile + 10, ' '));
  Write("run/runc/garbage/state.json", "\xff\x00{");
  Write("run/runc/good/state.json", State("good", "/x"));
  OciSource source(roots_);
  EXPECT_TRUE(source.ListAll(answers_, {}).ok());
  EXPECT_THAT(told_, ElementsAre("runc good /x"));
  told_.clear();
  for (const std::string id :
       {"link", "secret", "../../elsewhere/secret", "..", ".", "", "directory", "pipe", "endless"})
    EXPECT_EQ(*source.Inspect({id, "/y"}, answers_, {}), Found::kNotYet) << id;
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace capmon
