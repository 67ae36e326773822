// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "daemon/model/workload.h"

namespace capmon {
namespace {

using Kind = Workload::Kind;

TEST(WorkloadSpelling, EachKindHasOne) {
  const std::pair<Workload, std::string> spellings[] = {
      {{Kind::kPod, "", "shop", "deploy", "web", "nginx"}, "shop/deploy/web/nginx"},
      {{Kind::kCompose, "", "shop", "", "web", ""}, "compose:shop/web"},
      {{Kind::kSwarm, "", "", "", "shop_web", ""}, "swarm:shop_web"},
      {{Kind::kLabel, "", "", "", "web", ""}, "label:web"},
      {{Kind::kNamed, "", "docker", "", "web", ""}, "docker:web"},
      {{Kind::kNamed, "1000", "podman", "", "web", ""}, "~1000/podman:web"},
      {{Kind::kImage, "", "", "", "ghcr.io/a/b", ""}, "image:ghcr.io/a/b"},
      {{Kind::kImage, "", "", "", "nginx", "/docker-entrypoint.sh"},
       "image:nginx+/docker-entrypoint.sh"},
      {{Kind::kUnit, "", "", "", "nginx.service", ""}, "unit:nginx.service"},
      {{Kind::kRun, "", "", "", "make", ""}, "run:make"},
      {{}, "host"},
  };
  for (const auto& [workload, text] : spellings) {
    EXPECT_EQ(Print(workload), text);
    const auto parsed = ParseWorkload(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, workload) << text;
  }
}

TEST(WorkloadSpelling, OfAnyNameItIsReadBack) {
  std::mt19937 random(12);
  constexpr std::string_view kLetters = "ab/:+~%2fF -._@\n\xff";
  const auto name = [&](size_t shortest) {
    std::string text;
    for (size_t i = shortest + random() % 5; i > 0; --i)
      text += kLetters[random() % kLetters.size()];
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    Workload w;
    w.kind = static_cast<Kind>(random() % 9);
    if (random() % 4 == 0) w.owner = name(1);
    if (w.kind != Kind::kHost) w.name = name(1);
    if (w.kind == Kind::kPod || w.kind == Kind::kCompose) w.group = name(0);
    if (w.kind == Kind::kNamed) w.group = "docker";
    if (w.kind == Kind::kPod) w.controller = name(0);
    if (w.kind == Kind::kPod || w.kind == Kind::kImage) w.part = name(0);
    const std::string text = Print(w);
    const auto parsed = ParseWorkload(text);
    ASSERT_TRUE(parsed) << text;
    ASSERT_TRUE(*parsed == w) << text << " is read as " << Print(*parsed);
  }
}

TEST(WorkloadSpelling, AnythingElseIsNone) {
  for (const char* text : {"", "web", "shop/web", "deploy/web", "a/b/c/d/e", "~", "~1000", "~1000/",
                           "docker:", "image:", "compose:shop", "a/b/c/d%2", "a/b/c/d%2F",
                           "run:a%61", "host/", ":x", "a/b//c"})
    EXPECT_FALSE(ParseWorkload(text)) << text;
}

}  // namespace
}  // namespace capmon
