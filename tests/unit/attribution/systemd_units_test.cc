// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/systemd_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace capmon {
namespace {

TEST(SystemdUnits, TheDescriptionOfAUnit) {
  const std::string file =
      "# Description=no\n[Service]\nDescription=no\n[Unit]\nAfter=x\n"
      "Description=Getty on %I of %p, 100%%\n[Install]\nDescription=no\n";
  EXPECT_EQ(UnitDescription(file, "getty@tty1.service"), "Getty on tty1 of getty, 100%");
  EXPECT_EQ(UnitDescription("[Unit]\n Description= a b \r\n", "a.service"), "a b");
  EXPECT_EQ(UnitDescription("[Unit]\nDescription=%n\nDescription=\n", "a.service"), "");
  EXPECT_EQ(UnitDescription("", "a.service"), "");
  EXPECT_EQ(UnitDescription("[Unit]\nDescription=" + std::string(10'000, 'x'), "a").size(), 256u);
}

TEST(SystemdUnits, TheFirstDirectoryThatHasItDecides) {
  char pattern[] = "/tmp/capmon-unitsXXXXXX";
  const std::string directory = ::mkdtemp(pattern);
  std::filesystem::create_directories(directory + "/etc");
  std::filesystem::create_directories(directory + "/lib");
  const auto write = [&](const std::string& path, const std::string& description) {
    std::ofstream(directory + path) << "[Unit]\nDescription=" << description << "\n";
  };
  write("/etc/a.service", "mine");
  write("/lib/a.service", "theirs");
  write("/lib/b@.service", "instance %i");
  std::vector<std::string> told;
  const MetadataSource::Answers answers = {
      [&](ContainerDescribed d) { told.push_back(d.container_id + ": " + d.description); }, {}};
  SystemdUnits units({directory + "/none", directory + "/etc", directory + "/lib"});
  EXPECT_TRUE(units.ListAll(answers, {}).ok());
  EXPECT_TRUE(units.Handles({"a.service", ""}));
  EXPECT_FALSE(units.Handles({"user@1.service/a.service", ""}));
  EXPECT_FALSE(units.Handles({"a.service", "/default/a.service"}));  // a container called so
  EXPECT_EQ(*units.Inspect({"a.service", ""}, answers, {}), Found::kYes);
  EXPECT_EQ(*units.Inspect({"b@x.service", ""}, answers, {}), Found::kYes);
  EXPECT_EQ(*units.Inspect({"c.service", ""}, answers, {}), Found::kNo);
  EXPECT_THAT(told, testing::ElementsAre("a.service: mine", "b@x.service: instance x"));
  EXPECT_TRUE(absl::IsNotFound(SystemdUnits({directory + "/none"}).ListAll(answers, {})));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace capmon
