// SPDX-License-Identifier: Apache-2.0
// Settings in force: real containers started with them have exactly the sets they should have.
#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/artefact/artefact.h"
#include "client/render/artefact/subject.h"
#include "tests/live/live_test.h"
#include "tests/live/root_file_systems.h"
#include "tests/settings/profile_files.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using testing::HasSubstr;

constexpr char kImage[] = "capmon-settings:1";

std::string Settings(const std::string& name, const std::string& kind) {
  const auto settings = RenderArtefact(ReadProfile(name), kind);
  EXPECT_TRUE(settings.ok()) << settings.status();
  return settings.ok() ? settings->text : "";
}

// What a line of /proc/self/status says.
std::string Line(const std::string& status, const std::string& title) {
  const size_t at = status.find(title + ":\t");
  if (at == status.npos) return "no " + title + " in " + status;
  const size_t begin = at + title.size() + 2;
  return status.substr(begin, status.find('\n', begin) - begin);
}

std::string Mask(CapabilitySet set) { return absl::StrFormat("%016x", set.bits()); }

// As capsh names it: an opinion that is not ours.
void ExpectNamedByCapsh(const std::string& mask, CapabilitySet set) {
  std::string names;
  for (const Capability c : set.members())
    absl::StrAppend(&names, names.empty() ? "" : ",", absl::AsciiStrToLower(CapabilityName(c)));
  EXPECT_EQ(RunProgram({"capsh", "--decode=" + mask}).out,
            absl::StrCat("0x", mask, "=", names, "\n"));
}

class SettingsInForce : public LiveTest {
 protected:
  SettingsInForce() : LiveTest({"runc", "dockerd", "docker", "busybox", "capsh"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun() || directory_) return;
    directory_ = std::make_unique<TempDir>();
    ASSERT_TRUE(MakeBusyboxRootfs(*directory_ / "rootfs").ok());
  }

  static void TearDownTestSuite() { directory_.reset(); }

  // `runc run` of a command as `user` with two capabilities, but for what `settings` say.
  static Outcome Run(const std::vector<std::string>& command, const Json& settings,
                     unsigned user = 0) {
    TempDir bundle;
    EXPECT_EQ(RunProgram({"runc", "spec", "-b", bundle.path()}).exit_code, 0);
    Json config = Json::parse(ReadFile(bundle / "config.json"), nullptr, false);
    config["root"] = {{"path", *directory_ / "rootfs"}, {"readonly", true}};
    config["process"]["args"] = command;
    config["process"]["terminal"] = false;
    config["process"]["noNewPrivileges"] = false;
    config["process"]["user"] = {{"uid", user}, {"gid", user}};
    for (const char* set : {"bounding", "effective", "permitted"})
      config["process"]["capabilities"][set] = {"CAP_SYS_CHROOT", "CAP_CHOWN"};
    config["mounts"] =
        Json::array({{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}},
                     {{"destination", "/dev"}, {"type", "tmpfs"}, {"source", "tmpfs"}}});
    config.merge_patch(settings);
    EXPECT_TRUE(WriteFile(bundle / "config.json", config.dump()));
    return RunProgram({"runc", "--root", bundle / "state", "run", "--bundle", bundle.path(),
                       RandomContainerId()});
  }

  static inline std::unique_ptr<TempDir> directory_;
};

TEST_F(SettingsInForce, DockerGivesWhatTheFlagsSay) {
  if (!CanRun()) return;
  auto docker = DockerDaemon::Start();
  ASSERT_TRUE(docker.ok()) << docker.status();
  ASSERT_TRUE(docker->Import(*directory_ / "rootfs", kImage).ok());
  for (const char* name : {"web_in_pod", "nothing_kept", "pinger", "set_user_id"}) {
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const Subject subject(profile);
    std::vector<std::string> line = {"run", "--rm", "--network", "none"};
    std::istringstream flags(Settings(name, "docker"));
    for (std::string flag; flags >> flag;) line.push_back(flag);
    line.insert(line.end(), {kImage, "/bin/cat", "/proc/self/status"});
    const Outcome run = docker->Docker(line);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    for (const char* set : {"CapEff", "CapBnd", "CapPrm"})
      EXPECT_EQ(Line(run.out, set), Mask(subject.keep)) << set;
    ExpectNamedByCapsh(Line(run.out, "CapEff"), subject.keep);
    EXPECT_EQ(Line(run.out, "NoNewPrivs"), subject.no_new_privileges ? "1" : "0");
  }
}

// The job of a container, with the flags and with one of them less.
TEST_F(SettingsInForce, UnderDockersFlagsTheJobIsDoneAndUnderLessItIsNot) {
  if (!CanRun()) return;
  auto docker = DockerDaemon::Start();
  ASSERT_TRUE(docker.ok()) << docker.status();
  ASSERT_TRUE(docker->Import(*directory_ / "rootfs", kImage).ok());
  const auto job = [&](const std::string& without) {
    std::vector<std::string> line = {"run", "--rm", "--network", "none"};
    std::istringstream flags(Settings("stateful", "docker"));
    for (std::string flag; flags >> flag;)
      if (flag != without) line.push_back(flag);
    line.insert(line.end(), {kImage, "/bin/sh", "-c",
                             "touch /tmp-file && chown worker /tmp-file && su worker -c true"});
    return docker->Docker(line);
  };
  const Outcome done = job("");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  for (const char* flag : {"--cap-add=CHOWN", "--cap-add=SETUID", "--cap-add=SETGID"})
    EXPECT_NE(job(flag).exit_code, 0) << flag;
}

TEST_F(SettingsInForce, RuncGivesWhatTheMergedPartSays) {
  if (!CanRun()) return;
  for (const std::string& name : ProfileNames()) {
    if (name == "all_kept") continue;  // more than this machine may have to give
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const Subject subject(profile);
    const Json part = Json::parse(Settings(name, "oci"), nullptr, false);
    const Outcome run = Run({"/bin/cat", "/proc/self/status"}, part, subject.uid.value_or(0));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(Line(run.out, "CapBnd"), Mask(subject.keep));
    const CapabilitySet effective = subject.starts_unprivileged() ? subject.ambient : subject.keep;
    EXPECT_EQ(Line(run.out, "CapEff"), Mask(effective));
    EXPECT_EQ(Line(run.out, "CapAmb"), Mask(subject.ambient));
    ExpectNamedByCapsh(Line(run.out, "CapBnd"), subject.keep);
    EXPECT_EQ(Line(run.out, "NoNewPrivs"), subject.no_new_privileges ? "1" : "0");
  }
}

TEST_F(SettingsInForce, RuncLoadsTheFilterAndItDenies) {
  if (!CanRun()) return;
  const std::vector<std::string> command = {"/bin/chroot", "/", "/bin/true"};
  EXPECT_EQ(Run(command, Json::object()).exit_code, 0);
  for (const std::string& name : ProfileNames()) {
    SCOPED_TRACE(name);
    const bool kept = ReadProfile(name).recommendation().keep_size() > 40;
    const Json filter = Json::parse(Settings(name, "seccomp"), nullptr, false);
    const Outcome run = Run(command, {{"linux", {{"seccomp", filter}}}});
    EXPECT_EQ(run.exit_code == 0, kept) << run.err;
    if (!kept) {
      EXPECT_THAT(run.err, HasSubstr("Operation not permitted")) << run.out;
    }
  }
}

}  // namespace
}  // namespace capmon
