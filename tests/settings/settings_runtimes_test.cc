// SPDX-License-Identifier: Apache-2.0
// Settings in use: real containers started with them have exactly the expected sets.
#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/host/process_sets.h"
#include "client/render/artefact/artefact_input.h"
#include "tests/live/live_test.h"
#include "tests/live/root_file_systems.h"
#include "tests/settings/profile_files.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using testing::HasSubstr;

constexpr char kImage[] = "capmon-settings:1";

ProcessSets SetsOf(const std::string& status) {
  const std::optional<Thread> thread = ParseStatus(status);
  EXPECT_TRUE(thread.has_value()) << status;
  return thread ? thread->sets : ProcessSets{};
}

// Even root may lack some here, for example in a container.
CapabilitySet OursToGive() { return SetsOf(ReadFile("/proc/self/status")).bounding; }

// Compares with capsh, an independent implementation.
void ExpectNamedByCapsh(CapabilitySet set) {
  std::string names;
  for (const Capability c : set.members())
    absl::StrAppend(&names, names.empty() ? "" : ",", absl::AsciiStrToLower(CapabilityName(c)));
  const std::string mask = absl::StrFormat("%016x", set.bits());
  EXPECT_EQ(RunProgram({"capsh", "--decode=" + mask}).out,
            absl::StrCat("0x", mask, "=", names, "\n"));
}

// Sets of a program started with the settings of a profile: as its own user, who has the kept set
// or, other than 0, only what is ambient.
void ExpectInForce(const ProcessSets& sets, const ArtefactInput& subject, CapabilitySet ambient) {
  const CapabilitySet keep = subject.keep & OursToGive();
  EXPECT_EQ(sets.uid, subject.uid.value_or(0));
  EXPECT_EQ(sets.bounding, keep);
  EXPECT_EQ(sets.effective, subject.starts_unprivileged() ? ambient : keep);
  EXPECT_EQ(sets.permitted, sets.effective);
  EXPECT_EQ(sets.ambient, ambient);
  EXPECT_EQ(sets.no_new_privs, subject.no_new_privileges);
  ExpectNamedByCapsh(sets.bounding);
}

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

class SettingsInForce : public LiveTest {
 protected:
  SettingsInForce() : LiveTest({"runc", "dockerd", "docker", "podman", "busybox", "capsh"}) {}

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
  const int version = std::stoi(docker->Docker({"version", "-f", "{{.Server.Version}}"}).out);
  for (const std::string& name : ProfileNames()) {
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const ArtefactInput subject(profile);
    std::vector<std::string> line = {"run", "--rm", "--network", "none"};
    line.insert(line.end(), {"--user", std::to_string(subject.uid.value_or(0))});
    for (const std::string& flag : Words(Settings(profile, "docker"))) line.push_back(flag);
    line.insert(line.end(), {kImage, "/bin/cat", "/proc/self/status"});
    const Outcome run = docker->Docker(line);
    if (version < 23 && !(subject.keep & kNamesOf2020).empty()) {  // a note says so
      EXPECT_THAT(run.err, HasSubstr("nknown capability"));
      continue;
    }
    ASSERT_EQ(run.exit_code, 0) << run.err;
    ExpectInForce(SetsOf(run.out), subject, {});
  }
}

// Made and not started: on machines where some limits cannot be set no container of Podman starts.
TEST_F(SettingsInForce, PodmanTakesTheFlags) {
  if (!CanRun()) return;
  TempDir state;
  ASSERT_TRUE(WriteFile(state / "conf", "[engine]\nlock_type = \"file\"\n"));
  const std::vector<std::string> in_state = {"env",
                                             "CONTAINERS_CONF=" + (state / "conf"),
                                             "podman",
                                             "--root=" + (state / "root"),
                                             "--runroot=" + (state / "run"),
                                             "--tmpdir=" + (state / "tmp"),
                                             "--storage-driver=vfs",
                                             "--events-backend=none"};
  const auto podman = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> line = in_state;
    line.insert(line.end(), arguments.begin(), arguments.end());
    return RunProgram(line);
  };
  for (const std::string& name : ProfileNames()) {
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const ArtefactInput subject(profile);
    std::vector<std::string> line = {"create", "--name", name, "--network", "none", "--rootfs"};
    for (const std::string& flag : Words(Settings(profile, "podman"))) line.push_back(flag);
    line.insert(line.end(), {*directory_ / "rootfs", "/bin/true"});
    const Outcome made = podman(line);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const Json container = Json::parse(podman({"inspect", name}).out, nullptr, false)[0];
    Json bounding = container["BoundingCaps"];
    if (bounding.is_null()) bounding = Json::array();
    EXPECT_EQ(bounding, Json(FullNames(subject.keep & OursToGive())));
    EXPECT_EQ(container["HostConfig"]["SecurityOpt"].dump() == "[\"no-new-privileges\"]",
              subject.no_new_privileges);
  }
}

TEST_F(SettingsInForce, RuncGivesWhatTheMergedPartSays) {
  if (!CanRun()) return;
  const CapabilitySet ours = OursToGive();
  for (const std::string& name : ProfileNames()) {
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const ArtefactInput subject(profile);
    Json part = Json::parse(Settings(profile, "oci"), nullptr, false);
    for (Json& set : part["process"]["capabilities"])
      std::erase_if(set.get_ref<Json::array_t&>(),
                    [&](const Json& c) { return !ours.Has(*ParseCapability(std::string(c))); });
    const Outcome run = Run({"/bin/cat", "/proc/self/status"}, part, subject.uid.value_or(0));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    ExpectInForce(SetsOf(run.out), subject, subject.ambient);
  }
}

TEST_F(SettingsInForce, RuncLoadsTheFilterAndItDenies) {
  if (!CanRun()) return;
  const std::vector<std::string> command = {"/bin/chroot", "/", "/bin/true"};
  EXPECT_EQ(Run(command, Json::object()).exit_code, 0);
  for (const std::string& name : ProfileNames()) {
    SCOPED_TRACE(name);
    const v1::Profile profile = ReadProfile(name);
    const bool kept = ArtefactInput(profile).keep.Has(CAP_SYS_CHROOT);
    const Json filter = Json::parse(Settings(profile, "seccomp"), nullptr, false);
    const Outcome run = Run(command, {{"linux", {{"seccomp", filter}}}});
    EXPECT_EQ(run.exit_code == 0, kept) << run.err;
    if (!kept) {
      EXPECT_THAT(run.err, HasSubstr("Operation not permitted")) << run.out;
    }
  }
}

}  // namespace
}  // namespace capmon
