// SPDX-License-Identifier: Apache-2.0
#include "client/run/engine_watch.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

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
  EngineWatch watch(path);
  ASSERT_TRUE(Eventually([&] { return engine->requests() == 1; }));
  EXPECT_FALSE(watch.Ended());
  engine.reset();
  EXPECT_TRUE(watch.Ended());
  engine.emplace(path, no_answer);  // again
  EXPECT_TRUE(watch.Ended());
}

TEST(EngineWatch, AnEngineThatRejectsTheRequestHasNotEnded) {
  const TempDir directory;
  const std::string path = directory / "engine.sock";
  for (const auto& [answer, ended] :
       {std::pair("HTTP/1.1 200 OK\r\n\r\n", true), {"HTTP/1.1 404 Not Found\r\n\r\n", false}}) {
    std::optional<UnixServer> engine(std::in_place, path,
                                     [&](const std::string&) { return answer; });
    EngineWatch watch(path);
    ASSERT_TRUE(Eventually([&] { return engine->requests() == 1; }));
    engine.reset();  // it has answered and closed the connection
    EXPECT_EQ(watch.Ended(), ended) << answer;
  }
}

TEST(EngineWatch, WithoutAnEngineItHasEnded) {
  EXPECT_TRUE(EngineWatch("/no/such/socket").Ended());
  EXPECT_TRUE(EngineWatch(std::string(200, 'x')).Ended());
}

}  // namespace
}  // namespace capmon
