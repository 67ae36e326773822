// SPDX-License-Identifier: Apache-2.0
// Profiles as files, from a real capmond to a real capmon and back: export, merge, diff, check,
// profile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/complaint.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Replica {
  char digit;         // of its id
  const char* check;  // what it does, in a recording
};
constexpr Replica kReplicas[] = {
    {'1', "cap=CAP_NET_RAW granted=1 site=inet_create syscall=socket"},
    {'2', "cap=CAP_KILL granted=1 site=kill_ok_by_cred syscall=kill"},
    {'3', "cap=CAP_CHOWN granted=1 site=setattr_prepare syscall=fchownat"}};

// One instance of compose:shop/web that holds CHOWN, KILL and NET_RAW.
std::string Events(const Replica& replica) {
  const std::string id(64, replica.digit), n(1, replica.digit);
  const std::string t = absl::StrCat("t=", n, "00000000");
  return absl::StrCat("cgroup ", t, "1 id=", n, "0 path=/docker/", id, "\ncontainer ", t,
                      "1 id=", id, " source=docker name=shop-web-", n,
                      " image=web:1 workload=compose:shop/web runtime=docker\n", "exec ", t,
                      "2 cgroup=", n, "0 pid=", n, "00 comm=web path=/bin/web exe=5 origin=own",
                      " prm=2021 eff=2021 bnd=2021\ncheck ", t, "3 cgroup=", n, "0 ", replica.check,
                      " traits=8 origin=own exe=5 count=2 ok=2\n");
}

std::string Recording(const std::vector<Replica>& replicas) {
  std::string text =
      "capmon-recording 1\n"
      "source t=1 backend=tp_btf kernel=6.18.0 layout=v2 outcomes=1\n";
  for (const Replica& replica : replicas) text += Events(replica);
  return text + "clock t=5000000000\n";
}

class ProfileFilesTest : public testing::Test {
 protected:
  CapmonDaemon Daemon(const std::string& name, const std::vector<Replica>& replicas) {
    const std::string directory = directory_ / name;
    std::filesystem::create_directory(directory);
    EXPECT_TRUE(WriteFile(directory + "/recording", Recording(replicas)));
    auto daemon = CapmonDaemon::Start(directory, {"--replay", directory + "/recording"});
    EXPECT_TRUE(daemon.ok()) << daemon.status();
    return *std::move(daemon);
  }
  Outcome Capmon(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {CapmonBinary(), "--address", "unix:///no/such/socket"});
    return RunProgram(arguments);
  }
  // The file of one instance, from a daemon of its own.
  std::string Exported(size_t replica) {
    const std::string name = absl::StrCat("part", replica);
    const Outcome outcome =
        Daemon(name, {kReplicas[replica]}).Capmon({"export", "compose:shop/web"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const std::string path = absl::StrCat(directory_.path(), "/", name, ".yaml");
    EXPECT_TRUE(WriteFile(path, outcome.out));
    return path;
  }

  TempDir directory_;
};

TEST_F(ProfileFilesTest, ThreeFilesMergedAreOneExportOfADaemonThatSawItAll) {
  const auto all = Daemon("all", {kReplicas[0], kReplicas[1], kReplicas[2]});
  const Outcome whole = all.Capmon({"export"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("workload: \"compose:shop/web\""));
  EXPECT_EQ(all.Capmon({"export", "shop-web-2"}).out, whole.out)
      << "an instance means its workload";
  ExpectComplaint(all.Capmon({"export", "no-such-container"}), 4, "no-such-container");

  const Outcome merged = Capmon({"merge", Exported(2), Exported(0), Exported(1)});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_EQ(merged.out, whole.out);

  const std::string file = directory_ / "whole";
  ASSERT_TRUE(WriteFile(file, whole.out));
  EXPECT_EQ(Capmon({"diff", "file:" + file, Exported(0)}).exit_code, 1);
  EXPECT_EQ(all.Capmon({"diff", "compose:shop/web", "file:" + file}).exit_code, 0);
  EXPECT_EQ(all.Capmon({"check", "compose:shop/web", "--baseline", file}).exit_code, 0);
  EXPECT_EQ(Capmon({"merge", file, "-o", "json"}).exit_code, 0);
}

TEST_F(ProfileFilesTest, ANewNeedFailsTheCheck) {
  const std::string before = Exported(0), after = Exported(1);
  const Outcome check = Capmon({"check", after, "--baseline", before});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_THAT(check.out, HasSubstr("  + KILL: "));
  EXPECT_THAT(check.out, HasSubstr("  - NET_RAW: "));
  const Outcome json = Capmon({"check", after, "--baseline", before, "-o", "json"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_THAT(json.out, HasSubstr("\"subject\": \"KILL\""));
}

TEST_F(ProfileFilesTest, ProfileAndItsSettingsComeFromAFile) {
  const std::string file = "file:" + Exported(0);
  const Outcome profile = Capmon({"profile", file});
  EXPECT_EQ(profile.exit_code, 0) << profile.err;
  EXPECT_THAT(profile.out, HasSubstr("NET_RAW"));
  EXPECT_THAT(profile.out, HasSubstr("in 1 of 1 instance"));
  const Outcome compose = Capmon({"profile", file, "--as", "compose"});
  EXPECT_EQ(compose.exit_code, 0) << compose.err;
  EXPECT_THAT(compose.out, HasSubstr("  web:\n    cap_drop: [ALL]\n    cap_add: [NET_RAW]\n"));
  const Outcome k8s = Capmon({"profile", file, "--as", "k8s-patch", "--list", "initContainers"});
  EXPECT_THAT(k8s.out, HasSubstr("initContainers:"));
  ExpectComplaint(Capmon({"profile", file, "--as", "seccomp"}), 2, "evidence");
  ExpectComplaint(Capmon({"profile", file, "--strict"}).exit_code == 5
                      ? Capmon({"profile", file, "--as", "k8s", "--strict"})
                      : Outcome{},
                  5, "incomplete");
}

TEST_F(ProfileFilesTest, ManifestsAreCheckedWithAndWithoutADaemon) {
  const std::string manifest = directory_ / "compose.yaml";
  ASSERT_TRUE(WriteFile(manifest,
                        "name: shop\nservices:\n  web:\n    image: \"web:1\"\n"
                        "    cap_drop: [ALL]\n    cap_add: [KILL]\n"));
  const std::string profiles = Exported(0);
  const Outcome check = Capmon({"check", "-f", manifest, "--profiles", profiles});
  EXPECT_EQ(check.exit_code, 1) << check.err;
  EXPECT_THAT(check.out, HasSubstr("compose.yaml:6:5: error: service web: lacks NET_RAW"));
  const auto all = Daemon("all", {kReplicas[0], kReplicas[1]});
  EXPECT_EQ(all.Capmon({"check", "-f", manifest}).exit_code, 1);
  ASSERT_TRUE(WriteFile(manifest,
                        "name: shop\nservices:\n  web:\n    image: \"web:1\"\n"
                        "    cap_drop: [ALL]\n    cap_add: [KILL, NET_RAW]\n"));
  EXPECT_EQ(all.Capmon({"check", "-f", manifest}).exit_code, 0);
  EXPECT_EQ(all.Capmon({"check", "-f", manifest, "--strict"}).exit_code, 5);
}

// A recording stands still at its end, so a profile is as stable as it will be.
TEST_F(ProfileFilesTest, RecordEndsStableOrSaysWhatIsMissing) {
  const auto daemon = Daemon("all", {kReplicas[0]});
  const Outcome early =
      daemon.Capmon({"record", "shop-web-1", "--until-stable", "1h", "--for", "1s"});
  EXPECT_EQ(early.exit_code, 5) << early.err;
  EXPECT_THAT(early.err, testing::AllOf(HasSubstr("1 need, 0 lost; missing: "),
                                        HasSubstr("less than 60 m ago"),
                                        HasSubstr("to be complete: seen 1 start of 3")));
  EXPECT_THAT(early.out, HasSubstr("NET_RAW")) << "what is known is printed";
  const Outcome json =
      daemon.Capmon({"record", "shop-web-1", "--until-stable", "1h", "--for", "1s", "-o", "json"});
  EXPECT_THAT(json.out, testing::StartsWith("{"));
  ExpectComplaint(daemon.Capmon({"record", "none", "--until-stable", "3m"}), 4, "none");
  ExpectComplaint(daemon.Capmon({"record", "shop-web-1", "--until-stable", "3"}), 2, "3m");
  ExpectComplaint(daemon.Capmon({"record", "shop-web-1"}), 2, "--until-stable");
}

TEST_F(ProfileFilesTest, WhatIsNoCheckIsAComplaint) {
  const std::string none = directory_ / "none.yaml", profile = Exported(0);
  ASSERT_TRUE(WriteFile(none, "kind: ConfigMap\napiVersion: v1\n"));
  ExpectComplaint(Capmon({"check"}), 2, "--baseline");
  ExpectComplaint(Capmon({"check", "web"}), 2, "--baseline");
  ExpectComplaint(Capmon({"check", "-o", "sarif", profile, "--baseline", profile}), 2, "check -f");
  ExpectComplaint(Capmon({"list", "-o", "junit"}), 2, "check -f");
  ExpectComplaint(Capmon({"check", "-f", none, "--profiles", profile}), 4, "no container");
  ExpectComplaint(Capmon({"check", "-f", none, "--profiles", none}), 2, "none.yaml:1:1");
  ExpectComplaint(Capmon({"check", "-f", none}), 3, "capmond is not running");
  ExpectComplaint(Capmon({"check", "-f", "/no/such", "--profiles", profile}), 3, "/no/such");
  ExpectComplaint(Capmon({"check", "-f", "-", "--profiles", "-"}), 2, "twice");
  ExpectComplaint(Capmon({"check", "-f", none, "--runtime", "lxc"}), 2, "containerd");
}

TEST_F(ProfileFilesTest, ComplaintsNameThePlace) {
  const std::string bad = directory_ / "bad.yaml";
  ASSERT_TRUE(WriteFile(bad, "version: 1\nworkload: x\nneedz: {}\n"));
  ExpectComplaint(Capmon({"merge", bad}), 2, "bad.yaml:3:1: the profile has no key \"needz\"");
  ExpectComplaint(Capmon({"diff", bad, bad}), 2, "bad.yaml:3:1");
  ExpectComplaint(Capmon({"profile", "file:" + bad}), 2, "bad.yaml:3:1");
  ExpectComplaint(Capmon({"merge", directory_ / "none.yaml"}), 3, "none.yaml");
  ExpectComplaint(Capmon({"merge", directory_.path()}), 3, "cannot read");
  ExpectComplaint(Capmon({"merge", "-", "-"}), 2, "twice");
  ExpectComplaint(Capmon({"diff", "-", "-"}), 2, "twice");
  ExpectComplaint(Capmon({"diff", bad}), 2, "after");
  ExpectComplaint(Capmon({"merge", "/dev/null"}), 2, "no profile");
}

}  // namespace
}  // namespace capmon
