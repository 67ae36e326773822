// SPDX-License-Identifier: Apache-2.0
// The whole procedure with a real Docker: a job runs, capmond learns, `capmon profile --as docker`
// prints flags; with them the job succeeds again, and with one --cap-add less it fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"

namespace capmon {
namespace {

struct Job {
  const char* name;
  const char* script;
  std::vector<std::string> needs;  // by capabilities(7)
};

// Small jobs with known answers; tests/corpus does the same with real software.
const Job kJobs[] = {
    {"owner", "touch /f && chown worker /f", {"CHOWN"}},
    {"login", "su worker -c id", {"SETGID", "SETUID"}},
    {"device", "mknod /null c 1 3", {"MKNOD"}},
    {"jail", "chroot / true", {"SYS_CHROOT"}},
    {"clerk",
     "touch /f && chown worker /f && chmod 600 /f && su worker -c 'echo >/f'",
     {"CHOWN", "FOWNER", "SETGID", "SETUID"}},
    {"reader", "touch /f && chmod 0 /f && cat /f", {"DAC_OVERRIDE"}},
    {"killer",
     "su worker -c 'exec sleep 1000' & for i in $(seq 500); do pidof sleep && break; usleep 10000; "
     "done; kill $(pidof sleep)",
     {"KILL", "SETGID", "SETUID"}}};

class RoundTrip : public DockerWatchedTest {
 protected:
  static Outcome Do(const Job& job, const std::vector<std::string>& flags) {
    std::vector<std::string> line = {"run", "--network", "none"};
    line.insert(line.end(), flags.begin(), flags.end());
    line.insert(line.end(), {kImage, "/bin/sh", "-c", job.script});
    return docker().Docker(line);
  }

  static std::vector<std::string> FlagsFor(const std::string& name) {
    const Outcome settings = daemon().Capmon({"profile", name, "--as", "docker"});
    EXPECT_EQ(settings.exit_code, 0) << settings.err;
    std::istringstream words(settings.out);
    return {std::istream_iterator<std::string>(words), {}};
  }
};

TEST_F(RoundTrip, UnderTheFlagsLearnedTheJobIsDoneAndUnderLessItIsNot) {
  if (!CanRun()) return;
  for (const Job& job : kJobs) {
    SCOPED_TRACE(job.name);
    const Outcome learned = Do(job, {"--name", job.name});
    ASSERT_EQ(learned.exit_code, 0) << learned.err;
    FinalProfile(daemon(), job.name);
    const std::vector<std::string> flags = FlagsFor(job.name);
    std::vector<std::string> added;
    for (const std::string& flag : flags)
      if (flag.starts_with("--cap-add=")) added.push_back(flag.substr(flag.find('=') + 1));
    EXPECT_EQ(added, job.needs);
    const Outcome done = Do(job, flags);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    for (const std::string& flag : flags) {
      if (!flag.starts_with("--cap-add=")) continue;
      std::vector<std::string> less;
      std::ranges::copy_if(flags, std::back_inserter(less), [&](auto& one) { return one != flag; });
      EXPECT_NE(Do(job, less).exit_code, 0) << "without " << flag;
    }
  }
}

}  // namespace
}  // namespace capmon
