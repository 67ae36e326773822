// SPDX-License-Identifier: Apache-2.0
#include "client/run/engine_watch.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unix_server.h"

namespace capmon {
namespace {

TEST(EngineWatch, NoticesTheEnd) {
  const TempDir directory;
  const std::string path = directory / "engine.sock";
  const auto no_answer = [](const std::string&) { return std::nullopt; };
  std::optional<UnixServer> engine(std::in_place, path, no_answer);
  const EngineWatch watch(path);
  ASSERT_TRUE(Eventually([&] { return engine->requests() == 1; }));
  EXPECT_FALSE(watch.Ended());
  engine.reset();
  EXPECT_TRUE(watch.Ended());
  engine.emplace(path, no_answer);  // again
  EXPECT_TRUE(watch.Ended());
}

TEST(EngineWatch, WithoutAnEngineItHasEnded) {
  EXPECT_TRUE(EngineWatch("/no/such/socket").Ended());
  EXPECT_TRUE(EngineWatch(std::string(200, 'x')).Ended());
}

}  // namespace
}  // namespace capmon
